"""The verified fast path: is this question, word by word, a vetted one with its blanks filled?

It declines rather than guesses. The words of the question must be the words of a phrasing in order, each blank
filled by its type; nothing may be left over on either side, and everything that matches must agree. Deliberately not
here: which pairs are candidates, and running them (`vedder_api.ask`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vedder_core.matching.blanks import Blank
from vedder_core.matching.decline import Unmatched, why_not
from vedder_core.matching.phrasing import Candidate, Phrasing, equal, said_before, spans
from vedder_core.matching.wording import MOST_CHARACTERS, Wording, is_article, read
from vedder_core.sql.guard import ParameterValue
from vedder_core.verdict import Valid

MOST_WORDS = 60

Values = Mapping[str, ParameterValue]


@dataclass(frozen=True, slots=True)
class Filled:
    """The question is this vetted pair, with these values; `defaulted` names those that the question left out."""

    candidate: Candidate
    phrasing: str
    values: Values
    defaulted: tuple[str, ...]


def match(question: str, candidates: Sequence[Candidate], *, explain: bool = True) -> Filled | Unmatched:
    """The one vetted pair that this question asks for, or why there is none. Only valid pairs take part.

    To find out why costs more than to find a pair: without `explain` it is not said.
    """
    if len(question) > MOST_CHARACTERS:
        return Unmatched(f"The question is longer than {MOST_CHARACTERS} characters.")
    asked = read(question)
    if not asked.words:
        return Unmatched("The question holds no words that say what is asked.")
    if len(asked.words) > MOST_WORDS:
        return Unmatched(f"The question has more than {MOST_WORDS} words.")
    valid = [c for c in candidates if isinstance(c.taught.verdict, Valid)]
    found = [filled for c in valid for filled in fillings(asked, c)]
    if not found:
        return why_not(asked, valid) if explain else Unmatched("No vetted question says this word by word.")
    readings = {(_plain(f.candidate.taught.pair.sql), _comparable(f.values)) for f in found}
    return found[0] if len(readings) == 1 else _ambiguous(found)


def fillings(asked: Wording, candidate: Candidate) -> Iterator[Filled]:
    """Every way to read the question as a phrasing of this pair."""
    for phrasing in candidate.phrasings:
        defaults = {blank.name: blank.default for blank in phrasing.left_out}
        if asked.asks != phrasing.wording.asks or None in defaults.values():
            continue
        for values in _fill(asked, phrasing):
            yield Filled(candidate, phrasing.written, {**defaults, **values}, tuple(defaults))


def _fill(asked: Wording, phrasing: Phrasing) -> Iterator[Values]:
    """Walk words and elements together; an article of the question may be passed over, nothing else.

    Another opener (`what is the number of` for `how many`) may turn a plural into something else (the flight's
    number), so then the words must be the same to the letter.
    """
    exactly = asked.opener_says() != phrasing.wording.opener_says()
    words, elements = asked.words, phrasing.elements

    def walk(place: int, element: int, values: Values) -> Iterator[Values]:
        if place == len(words) and element == len(elements):
            yield values
        if place == len(words):
            return
        if is_article(words, place):
            yield from walk(place + 1, element, values)
        if element == len(elements):
            return
        wanted = elements[element]
        if not isinstance(wanted, Blank):
            if equal(words[place], wanted, exactly=exactly):
                yield from walk(place + 1, element + 1, values)
            return
        for end, value in spans(wanted, asked, place, after=said_before(elements, element)):
            if values.get(wanted.name, value) == value:
                yield from walk(end, element + 1, {**values, wanted.name: value})

    return walk(0, 0, {})


def _plain(sql: str) -> str:
    return " ".join(sql.split())


def _comparable(values: Values) -> tuple[tuple[str, str, ParameterValue], ...]:
    return tuple(sorted((name, type(value).__name__, value) for name, value in values.items()))


def _ambiguous(found: Sequence[Filled]) -> Unmatched:
    ways = list(dict.fromkeys(_way(f) for f in found))
    return Unmatched(f"It can be read in {len(ways)} ways, and Vedder does not choose: {'; '.join(ways[:4])}.")


def _way(found: Filled) -> str:
    values = ", ".join(f"{name} `{value}`" for name, value in sorted(found.values.items(), key=lambda v: v[0]))
    return f"“{found.phrasing}” of `{found.candidate.entry}`{' with ' if values else ''}{values}"
