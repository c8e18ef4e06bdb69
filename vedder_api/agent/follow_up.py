"""A follow-up to a vetted question, understood by rule: "and for EWR?" fills a blank of the pair that answered before.

Every word must be accounted for: fillers at the start, values that fill different blanks of that pair, and before a
value only words that say no more than the vetted question does: "and to EWR?" is no new origin. Anything else is no
follow-up here, and a chat model may read it. Deliberately not here: whether the question that comes out is answered
(the fast path decides that again).
"""

from collections.abc import Iterator, Mapping
from itertools import chain

from vedder_core.matching.blanks import Blank
from vedder_core.matching.phrasing import Candidate, blanks_of, filled, said_before, spans
from vedder_core.matching.wording import (
    MOST_CHARACTERS,
    Word,
    Wording,
    clean,
    is_article,
    without_courtesies,
    without_thanks,
    words_of,
)
from vedder_core.sql.guard import ParameterValue

FILLERS = tuple(
    tuple(phrase.split())
    for phrase in (
        "and", "and what about", "what about", "how about", "and how about", "same", "the same", "and the same", "now",
        "ok and", "okay and", "then", "or", "also", "what if it is", "i meant", "i mean", "no", "no i meant", "sorry",
    )
)  # fmt: skip
BEFORE_ANY_VALUE = frozenset({"for", "and", "with"})
LIKE_WORDS = (
    frozenset({"in", "at", "of"}),
    frozenset({"from", "left", "leave", "leaves", "leaving", "departed", "departing"}),
    frozenset({"on", "of"}),
)
"""Words that say the same before a value. Any other word must stand in a vetted wording, right before the blank."""

MOST_WORDS = 12
YEARS = range(1900, 2100)

Values = Mapping[str, ParameterValue]


def followed(question: str, candidate: Candidate, values: Values) -> str | None:
    """The whole question that this one stands for after a pair was answered with `values`; None if it is no follow-up.

    None as well where it can be read in two ways.
    """
    if len(question) > MOST_CHARACTERS:
        return None
    text = clean(question)
    words = _without_fillers(without_thanks(without_courtesies(words_of(text))))
    if not words or len(words) > MOST_WORDS:
        return None
    blanks = {blank.name: blank for blank in chain(*map(blanks_of, candidate.phrasings))}
    before = {name: _before(name, candidate) for name in blanks}
    readings = {tuple(sorted(found.items(), key=lambda item: item[0])) for found in _read(text, words, blanks, before)}
    if len(readings) != 1:
        return None
    said = dict(next(iter(readings)))
    if any(_is_year(value) and not _is_year(values.get(name)) for name, value in said.items()):
        return None
    return filled(candidate, {**values, **said})


def _is_year(value: ParameterValue) -> bool:
    """Would people read this number as a year, were it not for its blank?"""
    return isinstance(value, int) and value in YEARS


def _without_fillers(words: tuple[Word, ...]) -> tuple[Word, ...]:
    for phrase in sorted(FILLERS, key=len, reverse=True):
        if tuple(w.folded for w in words[: len(phrase)]) == phrase and not any(w.quoted for w in words[: len(phrase)]):
            return words[len(phrase) :]
    return words


def _before(name: str, candidate: Candidate) -> frozenset[str]:
    """The words that may stand before a value of this blank, and leave the question what it is."""
    vetted = {
        said_before(phrasing.elements, place)
        for phrasing in candidate.phrasings
        for place, element in enumerate(phrasing.elements)
        if isinstance(element, Blank) and element.name == name
    }
    alike = (words for words in LIKE_WORDS if not words.isdisjoint(vetted))
    return BEFORE_ANY_VALUE.union(vetted, *alike)


def _read(
    text: str, words: tuple[Word, ...], blanks: Mapping[str, Blank], allowed: Mapping[str, frozenset[str]]
) -> Iterator[dict[str, ParameterValue]]:
    """Every way to read all words as values of different blanks, with `allowed` words of each before it."""
    asked = Wording(text, "", (), words)
    small: frozenset[str] = frozenset().union(*allowed.values())

    def walk(place: int, found: dict[str, ParameterValue], said: frozenset[str]) -> Iterator[dict[str, ParameterValue]]:
        if place == len(words):
            if found and not said:
                yield found
            return
        if is_article(words, place):
            yield from walk(place + 1, found, said)
        elif not words[place].quoted and words[place].folded in small:
            yield from walk(place + 1, found, said | {words[place].folded})
        before = words[place - 1].folded if place else ""
        for name, blank in blanks.items():
            if name not in found and said <= allowed[name]:
                for end, value in spans(blank, asked, place, after=before):
                    yield from walk(end, {**found, name: value}, frozenset())

    return walk(0, {}, frozenset())
