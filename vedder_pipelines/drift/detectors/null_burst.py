"""The detector of columns that are suddenly empty in many rows."""

from collections.abc import Iterator

from vedder_core.verdict import Drift
from vedder_pipelines.drift.baseline import ColumnFacts
from vedder_pipelines.drift.detectors.detector import Seen, chance_of_at_least, share
from vedder_pipelines.drift.uses import places

CHANCE = 1e-4
MATERIAL = 0.1
FEWEST_NEWEST = 20


class NullBurst:
    """A column that the pair reads is NULL in many more rows than when it was vetted, or in the newest period.

    Evidence: NULLs and rows of the column, in all and in the newest day, month or year of the dataset. Threshold: the
    share grew by at least 10 points and is at least double what it was, and so many NULLs would come by chance in less
    than 1 of 10,000 cases.
    Silent about: columns that were often NULL already, a few NULLs more (fewer than 5 are never a burst), and a newest
    period with fewer than 20 rows.
    The curator asks who loads the dataset, and vets the pair again where the values will not come back.
    """

    name = "null_burst"
    advice = "Ask who loads the dataset; where the values will not come back, write the pair without the column."

    def find(self, seen: Seen) -> Iterator[Drift]:
        for place, column in places(seen.uses.columns).items():
            was, now = seen.was.columns.get(place), seen.now.columns.get(place)
            if was is None or now is None:
                continue
            if _burst(was, now.nulls, now.rows):
                yield self._drift(column.dataset, column.column, was, (now.nulls, now.rows), "")
            elif now.newest is not None and now.newest[1] >= FEWEST_NEWEST and _newest_burst(was, now.newest):
                yield self._drift(column.dataset, column.column, was, now.newest, " of the newest period")

    def _drift(self, dataset: str, column: str, was: ColumnFacts, now: tuple[int, int], where: str) -> Drift:
        return Drift(
            self.name,
            f"`{dataset}.{column}` is NULL in {share(*now)} of the rows{where}, and was in "
            f"{share(was.nulls, was.rows)} when the pair was vetted. {self.advice}",
            dataset=dataset,
            column=column,
            was=f"NULL in {share(was.nulls, was.rows)}",
            found=f"NULL in {share(*now)}{where}",
            threshold="10 points more, twice as many, and no chance",
        )


def _burst(was: ColumnFacts, nulls: int, rows: int) -> bool:
    if not rows or not was.rows:
        return False
    before, after = was.nulls / was.rows, nulls / rows
    if after - before < MATERIAL or after < 2 * before:
        return False
    return chance_of_at_least(nulls, rows, (was.nulls + 0.5) / (was.rows + 1)) < CHANCE


def _newest_burst(was: ColumnFacts, newest: tuple[int, int]) -> bool:
    """Also against what the newest period was like then: what is filled in late was NULL in it already."""
    nulls, rows = newest
    if not _burst(was, nulls, rows):
        return False
    return was.newest is None or was.newest[0] / max(was.newest[1], 1) < MATERIAL
