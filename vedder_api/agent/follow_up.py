"""A follow-up to a vetted question, understood by rule: "and for EWR?" fills a blank of the pair that answered before.

Every word must be accounted for: fillers at the start, small words before a value, and values that fill different
blanks of that pair. Anything else is no follow-up here, and a chat model may read it. Deliberately not here: whether
the question that comes out is answered (the fast path decides that again).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from vedder_api.agent.blanks import Blank
from vedder_api.agent.phrasing import Candidate, blanks_of, filled, spans
from vedder_api.agent.wording import (
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
BEFORE_A_VALUE = frozenset({"for", "in", "of", "from", "to", "on", "with", "at", "by", "and"})
MOST_WORDS = 12

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
    readings = {tuple(sorted(found.items(), key=lambda item: item[0])) for found in _read(text, words, blanks)}
    if len(readings) != 1:
        return None
    return filled(candidate, {**values, **dict(next(iter(readings)))})


def _without_fillers(words: tuple[Word, ...]) -> tuple[Word, ...]:
    for phrase in sorted(FILLERS, key=len, reverse=True):
        if tuple(w.folded for w in words[: len(phrase)]) == phrase and not any(w.quoted for w in words[: len(phrase)]):
            return words[len(phrase) :]
    return words


def _read(text: str, words: tuple[Word, ...], blanks: Mapping[str, Blank]) -> Iterator[dict[str, ParameterValue]]:
    """Every way to read all words as values of different blanks, with small words before them."""
    asked = Wording(text, "", (), words)

    def walk(place: int, found: dict[str, ParameterValue]) -> Iterator[dict[str, ParameterValue]]:
        if place == len(words):
            if found:
                yield found
            return
        if _is_small(words, place):
            yield from walk(place + 1, found)
        before = words[place - 1].folded if place else ""
        for name, blank in blanks.items():
            if name not in found:
                for end, value in spans(blank, asked, place, after=before):
                    yield from walk(end, {**found, name: value})

    return walk(0, {})


def _is_small(words: Sequence[Word], place: int) -> bool:
    return (words[place].folded in BEFORE_A_VALUE and not words[place].quoted) or is_article(words, place)
