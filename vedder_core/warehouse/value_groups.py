"""Values of columns with the rows that hold them, as they come out of the engine: from groups, or from a sample.

What of them may be published is judged in `measured`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

TOP = 20
"""So many common values of a column are kept, where not all are."""

FEW_IN_FULL = 64
"""Up to so many different values are kept in full, whatever their type: the hours of a day, the weeks of a year."""

LOOKED_AT = 200
"""So many values of a column are looked at for personal data."""


@dataclass(frozen=True, slots=True)
class Values:
    """All rows of one column: `frequent` values first, in full or the top ones only; ties are ordered by text."""

    nulls: int
    distinct: int
    frequent: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Groups:
    """The answer of one statement that grouped many columns: values as text, rows, and where each column's are."""

    texts: npt.NDArray[np.object_]
    nulls: npt.NDArray[np.bool_]
    rows: npt.NDArray[np.int64]
    places: Mapping[int, npt.NDArray[np.int64]]

    @classmethod
    def of(cls, found: Mapping[str, object]) -> Self:
        """Sort what came back (column number, value, rows) by column, and each column's values by their rows."""
        numbers, texts, counts = found.values()
        values = np.asanyarray(texts, dtype=np.object_)
        rows = np.asarray(counts, dtype=np.int64)
        order = np.lexsort((-rows, np.asarray(numbers)))
        present, starts = np.unique(np.asarray(numbers)[order], return_index=True)
        places = dict(zip(present.tolist(), np.split(order, starts[1:]), strict=True))
        return cls(np.ma.getdata(values), np.ma.getmaskarray(values), rows, places)

    def one(self, number: int, *, in_full: bool) -> Values:
        """The values of one column."""
        places = self.places[number]
        null = self.nulls[places]
        held = places[~null]
        rows = self.rows[held]
        shown = len(held)
        if not in_full and shown > FEW_IN_FULL:
            shown = int(np.searchsorted(-rows, -rows[TOP - 1], side="right"))
        ranked = sorted(zip((-rows[:shown]).tolist(), self.texts[held[:shown]].tolist(), strict=True))
        return Values(int(self.rows[places[null]].sum()), len(held), [(text, -n) for n, text in ranked])


@dataclass(frozen=True, slots=True)
class Sampled:
    """One column in `looked_at` rows: `present` are not NULL, `distinct` differ, `frequent` come most often."""

    looked_at: int
    present: int
    distinct: int
    frequent: Sequence[tuple[str, int]]
    is_prose: bool

    @classmethod
    def of(cls, values: "pa.ChunkedArray[pa.Scalar[pa.DataType]]", *, look: bool) -> Self:
        """What one column of a sample shows; `look` keeps enough values to look at for personal data."""
        counted = pc.value_counts(values.drop_null())
        seen, rows = counted.field("values"), counted.field("counts").to_numpy()
        order = np.argsort(-rows, kind="stable")[: LOOKED_AT if look else TOP]
        pairs = zip(seen.take(order).to_pylist(), rows[order].tolist(), strict=True)
        frequent = sorted(((str(value), n) for value, n in pairs), key=lambda pair: (-pair[1], pair[0]))
        texts = [str(text) for text in seen[:LOOKED_AT].to_pylist()] if look and 2 * len(seen) > len(values) else []
        return cls(len(values), len(values) - values.null_count, len(seen), frequent, _is_prose(texts))


def _is_prose(texts: Sequence[str]) -> bool:
    """Long texts of several words. (That hardly repeat, or they would be values.)"""
    long = sum(len(text) for text in texts) >= 16 * len(texts)
    return bool(texts) and long and 2 * sum(" " in text for text in texts) >= len(texts)
