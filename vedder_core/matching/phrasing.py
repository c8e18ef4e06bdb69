"""A taught pair as the fast path sees it: each phrasing as words and blanks in order.

Deliberately not here: comparing a question with one (`fast_path`), and saying why it is none (`decline`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vedder_core.context.entry import TaughtPair
from vedder_core.matching.blanks import MONTHS, Blank, blank
from vedder_core.matching.wording import Word, Wording, is_article, read, same_word
from vedder_core.sql.guard import ParameterValue

_SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}(?:['’]s\b)?")
_NAMED = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_OPEN, _CLOSE = "\ue000", "\ue001"

Element = Word | Blank


@dataclass(frozen=True, slots=True)
class Phrasing:
    """A vetted wording: words and blanks in order, without articles. `left_out` are blanks that take their default."""

    written: str
    wording: Wording
    elements: tuple[Element, ...]
    left_out: tuple[Blank, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A taught pair with its phrasings read; `entry` is the id of its entry in the context."""

    entry: str
    taught: TaughtPair
    phrasings: tuple[Phrasing, ...]


def candidate(entry: str, taught: TaughtPair) -> Candidate:
    """Read a pair's phrasings once, to compare many questions with them."""
    parameters = taught.pair.parameters
    blanks = {name: blank(name, parameter, taught.values.get(name, ())) for name, parameter in parameters.items()}
    return Candidate(entry, taught, tuple(_phrasing(written, blanks) for written in taught.pair.questions()))


def equal(asked: Word, vetted: Word, *, exactly: bool) -> bool:
    """Do these words say the same? Numbers by their value, other words by their form."""
    if asked.number is not None:
        return asked.number == vetted.number
    return asked.folded == vetted.folded if exactly else same_word(asked.folded, vetted.folded)


def spans(blank: Blank, asked: Wording, place: int, *, after: str) -> Iterator[tuple[int, ParameterValue]]:
    """Where a value for the blank that begins at word `place` may end, with the value."""
    for end in range(place + 1, min(place + blank.most_words, len(asked.words)) + 1):
        value = blank.value(asked.words[place:end], asked.text, after=after)
        if value is not None:
            yield end, value


def said_before(elements: Sequence[Element], place: int) -> str:
    """The word right before a blank, which may say how it is to be read (`month 7`)."""
    before = elements[place - 1] if place else None
    return before.folded if isinstance(before, Word) else ""


def blanks_of(phrasing: Phrasing) -> tuple[Blank, ...]:
    """Its blanks: those that it leaves out, and those that it names."""
    return (*phrasing.left_out, *(element for element in phrasing.elements if isinstance(element, Blank)))


def filled(candidate: Candidate, values: Mapping[str, ParameterValue]) -> str | None:
    """A vetted wording with every blank filled, to be read as just these values; None where no wording can say them.

    Blanks that a wording leaves out must stand at their defaults.
    """
    for phrasing in candidate.phrasings:
        if all(values.get(blank.name) == blank.default for blank in phrasing.left_out):
            said = {blank.name: _said(blank, values[blank.name]) for blank in blanks_of(phrasing)}
            return _NAMED.sub(lambda slot, said=said: said[slot[1]], phrasing.written)  # type: ignore[misc]
    return None


def _said(blank: Blank, value: ParameterValue) -> str:
    if blank.type == "month":
        return next(name for name, number in MONTHS.items() if number == value).capitalize()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _phrasing(written: str, blanks: Mapping[str, Blank]) -> Phrasing:
    used = set(_SLOT.findall(written))
    wording = read(_SLOT.sub(lambda slot: f"{_OPEN}{slot[1]}{_CLOSE}", written))
    left_out = tuple(blank for name, blank in blanks.items() if name not in used)
    return Phrasing(written, wording, tuple(_elements(wording.words, blanks)), left_out)


def _elements(words: Sequence[Word], blanks: Mapping[str, Blank]) -> Iterator[Element]:
    for place, word in enumerate(words):
        named = place > 0 and words[place - 1].text == _OPEN
        if named and word.folded in blanks:
            yield blanks[word.folded]
        elif word.text not in {_OPEN, _CLOSE} and not is_article(words, place):
            yield word
