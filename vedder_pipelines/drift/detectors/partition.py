"""The detector of partitions and periods that moved or are missing."""

from collections.abc import Iterator

from vedder_core.profile import Partitions
from vedder_core.verdict import Drift
from vedder_pipelines.drift.baseline import ColumnFacts
from vedder_pipelines.drift.detectors.detector import Seen, times
from vedder_pipelines.drift.uses import places

FEWEST_ROWS = 5
FEWEST_VARIED = 20
LEFT_OF_PERIOD = 0.05
CHANCE = 1e-4


class MovedPartition:
    """The time or the parts by which the pair cuts its data are not where they were: a dataset is cut by other
    columns, a period inside the known range has lost its rows, the newest ones are gone, or a column by which the pair
    keeps or groups rows holds one value alone.

    Evidence: the engine's partitions; rows by day, month or year of columns of times that the pair filters or groups
    by; whether such a column varies. Threshold: other partition columns; a period with at least 5 rows then that has
    at most 5 % of them now, where the rows that are gone in all do not explain it by chance (1 in 10,000); a column
    that varied over at least 20 rows and does not any more.
    Silent about: new periods, a window that moves on (its oldest go as new ones come), periods with few rows.
    The curator has the gap filled, or moves the pair to the column that tells the time now.
    """

    name = "moved_partition"
    advice = "Have the gap filled, or move the pair to the column that tells the time now."

    def find(self, seen: Seen) -> Iterator[Drift]:
        for name in seen.uses.datasets:
            was, now = seen.was.datasets.get(name), seen.now.datasets.get(name)
            if was is not None and now is not None:
                yield from self._cut(name, was.partitions, now.partitions)
        for place, column in places(seen.uses.chosen).items():
            before, after = seen.was.columns.get(place), seen.now.columns.get(place)
            if before is not None and after is not None:
                yield from self._stopped(column.dataset, column.column, before, after)
                yield from self._gone(column.dataset, column.column, before, after)

    def _cut(self, name: str, was: Partitions | None, now: Partitions | None) -> Iterator[Drift]:
        if was is None or (now is not None and now.columns == was.columns):
            return
        before = ", ".join(was.columns)
        after = ", ".join(now.columns) if now else "no column"
        yield Drift(
            self.name,
            f"`{name}` was cut by {before} when the pair was vetted, and is cut by {after} now. {self.advice}",
            dataset=name,
            was=f"partitions by {before}",
            found=f"partitions by {after}",
            threshold="other partition columns",
        )

    def _stopped(self, dataset: str, column: str, was: ColumnFacts, now: ColumnFacts) -> Iterator[Drift]:
        if not was.varied or now.varied is not False or min(was.rows, now.rows) < FEWEST_VARIED:
            return
        one = "NULL everywhere" if now.nulls == now.rows else "the same in every row"
        yield Drift(
            self.name,
            f"`{dataset}.{column}`, by which the pair keeps or groups rows, is {one} now. {self.advice}",
            dataset=dataset,
            column=column,
            was="many values",
            found=one,
            threshold=f"one value in at least {FEWEST_VARIED} rows",
        )

    def _gone(self, dataset: str, column: str, was: ColumnFacts, now: ColumnFacts) -> Iterator[Drift]:
        gone = gone_periods(was, now)
        if not gone:
            return
        rows = sum(was.periods[period] for period in gone)
        left = sum(now.periods.get(period, 0) for period in gone)
        which = gone[0] if len(gone) == 1 else f"{len(gone)} {was.unit}s from {gone[0]} to {gone[-1]}"
        yield Drift(
            self.name,
            f"`{dataset}` had {times(rows)} in {which} by `{column}` when the pair was vetted, and has {left:,} now. "
            f"{self.advice}",
            dataset=dataset,
            column=column,
            was=f"{times(rows)} in {which}",
            found=times(left),
            threshold=f"at most {100 * LEFT_OF_PERIOD:g} % of a {was.unit}'s rows, which no cleanup explains",
        )


def gone_periods(was: ColumnFacts, now: ColumnFacts) -> list[str]:
    """The periods that lost their rows; not those before the first, where the newest have moved on."""
    if not was.periods or not now.periods:
        return []
    moved_on = max(now.periods) > max(was.periods)
    gone = [period for period, rows in was.periods.items() if _is_gone(rows, now.periods.get(period, 0))]
    inside = [period for period in gone if not (moved_on and period < min(now.periods))]
    others = sum(was.periods.values()) - sum(was.periods[period] for period in inside)
    left = sum(rows for period, rows in now.periods.items() if period in was.periods and period not in inside)
    lost = min(max(1 - left / others, 0.01), 1.0) if others else 1.0
    return [period for period in inside if lost ** (was.periods[period] * (1 - LEFT_OF_PERIOD)) < CHANCE]


def _is_gone(rows: int, left: int) -> bool:
    return rows >= FEWEST_ROWS and left <= LEFT_OF_PERIOD * rows
