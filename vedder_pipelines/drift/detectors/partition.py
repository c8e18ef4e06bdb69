"""The detector of partitions and periods that moved or are missing."""

from collections.abc import Iterator, Mapping, Sequence

from vedder_core.profile import Partitions
from vedder_core.verdict import Drift
from vedder_pipelines.drift.baseline import ColumnFacts, DatasetFacts
from vedder_pipelines.drift.detectors.detector import Seen, times
from vedder_pipelines.drift.periods import LEFT_OF_PERIOD, gone_periods, gone_values, in_order
from vedder_pipelines.drift.uses import places

FEWEST_VARIED = 20


class MovedPartition:
    """The time or the parts by which the data are cut are not where they were: a dataset is cut by other columns, a
    period or a part of it inside the known range has lost its rows, the newest ones are gone, or a column by which the
    pair keeps or groups rows holds one value alone.

    Evidence: the engine's partitions; rows by day, month or year of columns of times that the pair filters or groups
    by; rows by the columns that cut a dataset (its partitions', or else that of its freshness), which every pair that
    reads it relies on; whether a chosen column varies. Threshold: other partition columns; a period or part that has at
    most 5 % of its rows, where it had at least 5 then, it alone or with neighbours that are gone, too, and the rows
    that are gone in all do not explain it by chance (1 in 10,000); a column that varied over at least 20 rows and does
    not any more.
    Silent about: new periods, a window that moves on (its oldest go as new ones come, or at most a third of them
    before), parts without an order whose rows come back in new parts, periods with few rows, and a pair whose result
    is what it was.
    The curator has the gap filled, or moves the pair to the column that tells the time now.
    """

    name = "moved_partition"
    advice = "Have the gap filled, or move the pair to the column that tells the time now."

    def find(self, seen: Seen) -> Iterator[Drift]:
        chosen = places(seen.uses.chosen)
        for name in seen.uses.datasets:
            was, now = seen.was.datasets.get(name), seen.now.datasets.get(name)
            if was is not None and now is not None:
                yield from self._cut(name, was.partitions, now.partitions)
                if was.parts is not None and not {f"{name}.{column}" for column in was.parts.columns} & set(chosen):
                    yield from self._parts(seen, name, was, now)
        for place, column in chosen.items():
            before, after = seen.was.columns.get(place), seen.now.columns.get(place)
            if before is not None and after is not None:
                yield from self._stopped(column.dataset, column.column, before, after)
                if not _answers_as_then(seen):
                    gone = gone_periods(before.periods, after.periods)
                    yield from self._gone(
                        column.dataset, [column.column], before.unit, gone, before.periods, after.periods
                    )

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

    def _parts(self, seen: Seen, name: str, was: DatasetFacts, now: DatasetFacts) -> Iterator[Drift]:
        """A dataset without one of its parts is not what any pair over it was vetted on."""
        before, after = was.parts, now.parts
        if before is None or after is None or before.columns != after.columns or _answers_as_then(seen):
            return
        look = gone_periods if before.unit or in_order((*before.rows, *after.rows)) else gone_values
        gone = look(before.rows, after.rows)
        yield from self._gone(name, before.columns, before.unit or "part", gone, before.rows, after.rows)

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

    def _gone(
        self,
        dataset: str,
        columns: Sequence[str],
        unit: str,
        gone: Sequence[str],
        was: Mapping[str, int],
        now: Mapping[str, int],
    ) -> Iterator[Drift]:
        if not gone:
            return
        rows, left = sum(was[period] for period in gone), sum(now.get(period, 0) for period in gone)
        which = gone[0] if len(gone) == 1 else f"{len(gone)} {unit}s from {gone[0]} to {gone[-1]}"
        yield Drift(
            self.name,
            f"`{dataset}` had {times(rows)} in {which} by `{', '.join(columns)}` when the pair was vetted, and has "
            f"{left:,} now. {self.advice}",
            dataset=dataset,
            column=columns[0] if len(columns) == 1 else None,
            was=f"{times(rows)} in {which}",
            found=times(left),
            threshold=f"at most {100 * LEFT_OF_PERIOD:g} % of a {unit}'s rows, which no cleanup explains",
        )


def _answers_as_then(seen: Seen) -> bool:
    """Does the pair give what it gave when it was vetted?"""
    was, now = seen.was.result, seen.now.result
    return was is not None and now is not None and was.digest is not None and was.digest == now.digest
