"""The detector of joins that met a unique key and now multiply rows."""

from collections.abc import Iterator

from vedder_core.sql.grain import Unique, repeats
from vedder_core.verdict import Drift
from vedder_pipelines.drift.baseline import Facts, name_of_key
from vedder_pipelines.drift.detectors.detector import Seen, times
from vedder_pipelines.drift.uses import Key


class LostKey:
    """A join of the pair met each row at most once when it was vetted, and now rows meet many times: what is summed,
    counted or returned comes several times over.

    Evidence: for the columns that the join sets equal, how many rows they do not tell apart, then and now. Threshold:
    all were told apart then, some are not now, and the grain of the join is lost by it.
    Silent about: joins that multiplied rows when they were vetted, a one-to-one join that became one-to-many while
    one side still tells its rows apart, joins under DISTINCT, minima and maxima, and semi-joins.
    The curator has the duplicates removed, or writes the pair so that it counts each row once.
    """

    name = "lost_key"
    advice = "Have the duplicates removed, or write the pair so that it takes each row once."

    def find(self, seen: Seen) -> Iterator[Drift]:
        query = seen.uses.query
        if query is None or not seen.uses.keys:
            return
        lost = [key for key in seen.uses.keys if self._is_lost(seen, key)]
        if not lost or repeats(query, _unique(seen.was)):
            return
        for fan in repeats(query, _unique(seen.now)):
            guilty = [key for key in lost if key[0] in (fan.left, fan.right)] or lost
            dataset, columns = min(guilty, key=lambda key: (len(key[1]), key[0], sorted(key[1])))
            yield self._drift(seen, dataset, columns, fan.on)
            return

    def _is_lost(self, seen: Seen, key: Key) -> bool:
        name = name_of_key(*key)
        return seen.was.keys.get(name) == 0 and seen.now.keys.get(name, 0) > 0

    def _drift(self, seen: Seen, dataset: str, columns: frozenset[str], on: str) -> Drift:
        surplus, rows = seen.now.keys[name_of_key(dataset, columns)], seen.rows(dataset)[1]
        named = " and ".join(f"`{name}`" for name in sorted(columns))
        return Drift(
            self.name,
            f"In `{dataset}`, {named} told every row apart, and {times(surplus)} of {rows:,} now repeat another, so "
            f"that the join on {on or named} takes rows many times. {self.advice}",
            dataset=dataset,
            column=next(iter(columns)) if len(columns) == 1 else None,
            was="every row told apart",
            found=f"{times(surplus)} of {rows:,} not told apart",
            threshold="one repeated row that a join multiplies by",
        )


def _unique(facts: Facts) -> Unique:
    def unique(dataset: str, columns: frozenset[str]) -> bool | None:
        surplus = facts.keys.get(name_of_key(dataset, columns))
        return None if surplus is None else surplus == 0

    return unique
