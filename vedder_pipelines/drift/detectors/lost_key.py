"""The detector of joins that met a unique key and now multiply rows."""

from collections.abc import Iterator

from vedder_core.sql.grain import Unique, repeats
from vedder_core.verdict import Drift
from vedder_pipelines.drift.baseline import Facts, key_named, name_of_key
from vedder_pipelines.drift.detectors.detector import Seen, times


class LostKey:
    """A join of the pair met each row at most once when it was vetted, and now rows meet many times: what is summed,
    counted or returned comes several times over.

    Evidence: for the columns that the join sets equal, and for what else told the rows of a joined dataset apart, how
    many rows repeat an earlier one, then and now. Threshold: none then, some now, and either no side of the join tells
    its rows apart any more, or everything that told the rows of a dataset apart is lost at once: they came twice.
    Silent about: joins that multiplied rows when they were vetted, a one-to-one join that becomes one-to-many while
    the rows of both sides stay what they were, joins under DISTINCT, minima and maxima, and semi-joins.
    The curator has the duplicates removed, or writes the pair so that it takes each row once.
    """

    name = "lost_key"
    advice = "Have the duplicates removed, or write the pair so that it takes each row once."

    def find(self, seen: Seen) -> Iterator[Drift]:
        query = seen.uses.joins
        lost = [key for name in sorted(seen.was.keys) if _is_lost(seen, name) and (key := key_named(name)) is not None]
        if query is None or not lost or not repeats(query, _nothing_unique) or repeats(query, _unique(seen.was)):
            return
        joined = [key for key in lost if key in seen.uses.keys]
        if fans := repeats(query, _unique(seen.now)):
            guilty = [key for key in joined if key[0] in (fans[0].left, fans[0].right)]
        else:
            guilty = [key for key in lost if _all_lost(seen, key[0])]
        for dataset, columns in sorted(guilty, key=lambda key: (key not in joined, len(key[1]), sorted(key[1])))[:1]:
            yield self._drift(seen, dataset, columns)

    def _drift(self, seen: Seen, dataset: str, columns: frozenset[str]) -> Drift:
        surplus, rows = seen.now.keys[name_of_key(dataset, columns)], seen.rows(dataset)[1]
        named = " and ".join(f"`{name}`" for name in sorted(columns))
        return Drift(
            self.name,
            f"In `{dataset}`, {named} told every row apart, and {times(surplus)} of {rows:,} now repeat another, so "
            f"that the join takes rows many times. {self.advice}",
            dataset=dataset,
            column=next(iter(columns)) if len(columns) == 1 else None,
            was="every row told apart",
            found=f"{times(surplus)} of {rows:,} not told apart",
            threshold="one repeated row that a join multiplies by",
        )


def _is_lost(seen: Seen, name: str) -> bool:
    return seen.was.keys.get(name) == 0 and seen.now.keys.get(name, 0) > 0


def _all_lost(seen: Seen, dataset: str) -> bool:
    """Does nothing that told its rows apart do so any more? Then its rows themselves came again."""
    keys = [name for name, surplus in seen.was.keys.items() if name.startswith(f"{dataset}(") and surplus == 0]
    return bool(keys) and all(_is_lost(seen, name) for name in keys)


def _nothing_unique(_dataset: str, _columns: frozenset[str]) -> bool | None:
    return False


def _unique(facts: Facts) -> Unique:
    def unique(dataset: str, columns: frozenset[str]) -> bool | None:
        surplus = facts.keys.get(name_of_key(dataset, columns))
        return None if surplus is None else surplus == 0

    return unique
