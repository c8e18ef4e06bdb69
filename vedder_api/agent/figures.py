"""Are the numbers of an answer's words in the rows that it cites? A chat model can misread a table, or make one up.

A number counts as found as it stands, rounded, in thousands or millions, or as a percentage of a share. Numbers of the
question, of the SQL and of docs count too, and years and small whole numbers are not looked at. Deliberately not here:
any arithmetic that the model may have done; the notice says so.
"""

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from vedder_core.answer import Cell, Notice, RanQuery

_NUMBER = re.compile(r"(?<![\w.])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.])-?\d+(?:\.\d+)?")
SMALL = 20
YEARS = range(1800, 2200)
MOST_NAMED = 5
SCALES = (1, 100, 1e-3, 1e-6, 1e-9)


def unfounded(text: str, question: str, queries: Iterable[RanQuery], docs: Iterable[str] = ()) -> tuple[Notice, ...]:
    """A notice that names the numbers of `text` that no cited row holds; none where all of them are found.

    What an expert's doc says counts as found, too.
    """
    written = tuple(dict.fromkeys(_written(text)))
    if not written:
        return ()
    queries = tuple(queries)
    known = [
        *_numbers(question),
        *chain(*map(_numbers, docs)),
        *(n for q in queries for n in (*_numbers(q.asked), *_cells(q))),
    ]
    sizes = sorted({abs(value) for value in known if math.isfinite(value)})
    strange = [one for one in written if not _is_said(one, sizes)]
    if not strange:
        return ()
    named = ", ".join(strange[:MOST_NAMED])
    return (
        Notice(
            "unfounded_number",
            f"The words name {named}, and no row holds {'it' if len(strange) == 1 else 'them'} as such: computed from "
            "the rows, or wrong.",
        ),
    )


def _written(text: str) -> Iterator[str]:
    for match in _NUMBER.finditer(text):
        value = float(match.group().replace(",", ""))
        if not (value.is_integer() and (abs(value) <= SMALL or value in YEARS)):
            yield match.group()


def _numbers(text: str) -> Iterator[float]:
    return (float(match.group().replace(",", "")) for match in _NUMBER.finditer(text))


def _cells(query: RanQuery) -> Iterator[float]:
    yield float(len(query.rows))
    for row in query.rows:
        for cell in row:
            yield from _of(cell)


def _of(cell: Cell) -> Iterator[float]:
    if isinstance(cell, bool) or cell is None:
        return
    try:
        yield float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        yield from _numbers(str(cell))


def _is_said(written: str, sizes: Sequence[float]) -> bool:
    """Is `written` one of these, as exact as it is written, perhaps in thousands, millions or percent?

    `sizes` are in order: a long answer over many rows is not worth comparing each with each.
    """
    plain = written.replace(",", "")
    half = 0.5000001 * 10 ** -len(plain.partition(".")[2])
    said = abs(float(plain))
    return any(_has_between(sizes, (said - half) / scale, (said + half) / scale) for scale in SCALES)


def _has_between(sizes: Sequence[float], lowest: float, highest: float) -> bool:
    place = bisect_left(sizes, lowest)
    return place < len(sizes) and sizes[place] <= highest
