"""Why a question is no vetted one, in words that a person can act on: which of its words nothing accounts for.

Deliberately not here: any decision. What is said here never makes a question match.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from vedder_core.matching.blanks import Blank
from vedder_core.matching.phrasing import Candidate, Element, Phrasing, equal, said_before, spans
from vedder_core.matching.wording import Word, Wording, is_article

NOTHING_NEAR = "No vetted question is near this one."


@dataclass(frozen=True, slots=True)
class Unmatched:
    """No vetted question says exactly this. `words` are those of the question that are not accounted for."""

    reason: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """What keeps a question from being a phrasing: words of the one and elements of the other without a partner."""

    asked: Wording
    question: str
    extra: tuple[Word, ...] = ()
    lacking: tuple[Element, ...] = ()

    def wider(self, *, extra: tuple[Word, ...] = (), lacking: tuple[Element, ...] = ()) -> "Gap":
        return Gap(self.asked, self.question, extra + self.extra, lacking + self.lacking)

    def alien(self) -> tuple[Word, ...]:
        """The extra words that the phrasing does not hold in another place either."""
        return tuple(word for word in self.extra if not any(self._stands_for(word, e) for e in self.lacking))

    def _stands_for(self, word: Word, element: Element) -> bool:
        if isinstance(element, Blank):
            return element.value([word], self.asked.text) is not None
        return equal(word, element, exactly=False)

    @property
    def size(self) -> int:
        return len(self.extra) + len(self.lacking)


def why_not(asked: Wording, candidates: Sequence[Candidate]) -> Unmatched:
    """Names the words that no candidate accounts for; else what the nearest candidate says otherwise."""
    gaps = [gap(asked, phrasing, c.taught.pair.question) for c in candidates for phrasing in c.phrasings]
    if not gaps:
        return Unmatched(NOTHING_NEAR)
    alien = set.intersection(*({(word.start, word.text) for word in g.alien()} for g in gaps))
    if alien:
        words = tuple(dict.fromkeys(text for _, text in sorted(alien)))
        return Unmatched(f"No vetted question accounts for {_named(words)}.", words)
    return _otherwise(min(gaps, key=lambda g: g.size))


def gap(asked: Wording, phrasing: Phrasing, question: str) -> Gap:
    """The smallest gap between the words of a question and a phrasing."""
    words, elements = asked.words, phrasing.elements

    @cache
    def smallest(place: int, element: int) -> Gap:
        if place == len(words):
            return Gap(asked, question, lacking=elements[element:])
        options = [smallest(end, element + 1) for end in partners(place, element)]
        passed = smallest(place + 1, element)
        options.append(passed if is_article(words, place) else passed.wider(extra=(words[place],)))
        if element < len(elements):
            options.append(smallest(place, element + 1).wider(lacking=(elements[element],)))
        return min(options, key=lambda g: g.size)

    def partners(place: int, element: int) -> list[int]:
        """Where the words end that this element may pair with from `place` on."""
        wanted = elements[element] if element < len(elements) else None
        if isinstance(wanted, Blank):
            before = said_before(elements, element)
            return [end for end, _ in spans(wanted, asked, place, after=before)]
        return [place + 1] if wanted is not None and equal(words[place], wanted, exactly=False) else []

    found = smallest(0, 0)
    if asked.asks == phrasing.wording.asks:
        return found
    return found.wider(extra=asked.opener, lacking=phrasing.wording.opener)


def _otherwise(nearest: Gap) -> Unmatched:
    extra = tuple(word.text for word in nearest.extra)
    lacking = tuple(f"{{{e.name}}}" if isinstance(e, Blank) else e.text for e in nearest.lacking)
    if extra and not nearest.alien():
        return Unmatched(f"The nearest vetted question, “{nearest.question}”, says it in another order.", extra)
    says = [f"does not account for {_named(extra)}"] if extra else []
    says += [f"also says {_named(lacking)}"] if lacking else []
    differs = " and ".join(says) or "says it differently"
    return Unmatched(f"The nearest vetted question, “{nearest.question}”, {differs}.", extra)


def _named(words: Sequence[str]) -> str:
    quoted = [f"`{word}`" for word in dict.fromkeys(words)]
    listed = " and ".join(part for part in (", ".join(quoted[:-1]), quoted[-1]) if part)
    noun = "the word" if len(quoted) == 1 else "the words"
    return f"{noun} {listed}" if all(word.isalpha() for word in words) else listed
