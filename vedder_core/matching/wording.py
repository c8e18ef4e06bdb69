"""Questions as words: where each word stands, which words carry no meaning, and which openers ask the same thing.

Every list in this file is closed and reviewed: a word that is not in one of them always counts. Deliberately not
here: what a blank of a vetted question may hold (`blanks`), and whether a question matches one (`fast_path`).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

MOST_CHARACTERS = 500
"""Longest question that is read; nobody needs more to say what a vetted question says."""

ARTICLES = frozenset({"the", "a", "an"})
COURTESIES = tuple(
    tuple(phrase.split())
    for phrase in (
        "please", "kindly", "hi", "hello", "hey", "can you", "could you", "would you", "can you please",
        "could you please", "do you know", "i want to know", "i would like to know", "i'd like to know",
    )
)  # fmt: skip
THANKS = tuple(tuple(phrase.split()) for phrase in ("please", "thanks", "thank you"))
LEADS = tuple(
    tuple(phrase.split())
    for phrase in (
        "show me", "show", "tell me", "give me", "give", "list", "display", "find", "what is", "what are",
        "which is", "which are",
    )
)  # fmt: skip
COUNTS = tuple(tuple(phrase.split()) for phrase in ("how many", "number of", "count of", "count"))
INTERROGATIVES = frozenset({"how", "what", "which", "who", "where", "when"})
CONTRACTIONS = {"what's": ("what", "is"), "which's": ("which", "is")}
_SMALL_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
SMALL_NUMBERS = {word: value for value, word in enumerate(_SMALL_NUMBERS.split())}

_STEMMER = snowballstemmer.stemmer("english")
_SAME_LENGTH = str.maketrans("’‘ʼ“”„«»–—−", '\'\'\'"""""---')
_TOKEN = re.compile(r"(?<!\w)[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![\w,])|[0-9]+\.[0-9]+(?!\w)|\w+(?:'\w+)*|\S")
_QUOTED = re.compile(r"\"[^\"]*\"|`[^`]*`|(?<!\w)'[^']*'(?!\w)")
_CLOSERS = frozenset("?!.,;:)]}…")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it stands in the text (`start` to `end`); `folded` is what is compared."""

    text: str
    folded: str
    start: int
    end: int
    quoted: bool = False

    @property
    def number(self) -> str | None:
        """The digits of a plain number, without thousands separators; small number words count as digits."""
        if re.fullmatch(r"[0-9][0-9,]*(\.[0-9]+)?", self.folded):
            return self.folded.replace(",", "")
        small = SMALL_NUMBERS.get(self.folded)
        return None if small is None else str(small)


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as words. `asks` is what its opener asks for (`count`, `list` or nothing special), `opener` its words."""

    text: str
    asks: str
    opener: tuple[Word, ...]
    words: tuple[Word, ...]

    def opener_says(self) -> tuple[str, ...]:
        """The opener's words, to tell openers apart that ask for the same."""
        return tuple(w.folded for place, w in enumerate(self.opener) if not is_article(self.opener, place))


def clean(text: str) -> str:
    """One spelling for what is written the same: composed characters, straight quotes, plain dashes."""
    return unicodedata.normalize("NFC", text).translate(_SAME_LENGTH)


def read(text: str) -> Wording:
    """The words of a question, without courtesies, with its opener taken off."""
    cleaned = clean(text)
    words = without_thanks(without_courtesies(words_of(cleaned)))
    asks, rest = opened(words)
    return Wording(cleaned, asks, words[: len(words) - len(rest)], rest)


def words_of(cleaned: str) -> tuple[Word, ...]:
    """Words, numbers and symbols in order; only punctuation that separates or ends is left out."""
    quoted = [match.span() for match in _QUOTED.finditer(cleaned)]
    found: list[Word] = []
    for match in _TOKEN.finditer(cleaned):
        start, end = match.span()
        if not _only_separates(cleaned, start, end, quoted):
            inside = any(first < start and end < last for first, last in quoted)
            found.extend(_words(match.group(), start, end, inside))
    return tuple(found)


def _words(text: str, start: int, end: int, quoted: bool) -> list[Word]:  # noqa: FBT001 - private, read once
    folded = text.casefold()
    if folded in CONTRACTIONS:
        return [Word(text, part, start, end, quoted) for part in CONTRACTIONS[folded]]
    return [Word(text, folded.removesuffix("'s"), start, end, quoted)]


def _only_separates(text: str, start: int, end: int, quoted: Sequence[tuple[int, int]]) -> bool:
    """Is this character mere punctuation? `5-3`, `-JFK`, `!JFK`, `4'`, `a.b` and a dash alone (`- 15`) are not."""
    mark = text[start:end]
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if mark in {'"', "'", "`"}:
        closes = any(start == first or end == last for first, last in quoted)
        return closes or not before.isdigit()
    if mark == "-":
        return before.isalpha() and after.isalpha()
    if mark in {"(", "["}:
        return True
    return mark in _CLOSERS and (not after.isalnum() or (mark in ",;)]" and not before.isdigit()))


def without_courtesies(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words after every courtesy that they begin with."""
    longest_first = sorted(COURTESIES, key=len, reverse=True)
    while True:
        rest = next((r for phrase in longest_first if (r := after_phrase(words, phrase)) is not None), None)
        if rest is None:
            return words
        words = rest


def without_thanks(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words before every thanks that they end with."""
    for phrase in THANKS:
        tail = words[-len(phrase) :]
        if tuple(w.folded for w in tail) == phrase and not any(w.quoted for w in tail):
            return without_thanks(words[: -len(phrase)])
    return words


def opened(words: tuple[Word, ...]) -> tuple[str, tuple[Word, ...]]:
    """What the opener asks for, and the words after it. `which` at the start asks what `what` asks."""
    for phrase in COUNTS:
        rest = after_phrase(words, phrase)
        if rest is not None:
            return ("count", after_phrase(rest, ("number", "of")) or rest) if rest else ("", words)
    for phrase in LEADS:
        rest = after_phrase(words, phrase)
        if not rest:
            continue
        counted = after_phrase(rest, ("number", "of")) or after_phrase(rest, ("count", "of"))
        if counted:
            return "count", counted
        if rest[0].folded in INTERROGATIVES:
            return ("", words) if phrase[-1] in {"is", "are"} else opened(rest)
        return "list", rest
    rest = after_phrase(words, ("what",)) or after_phrase(words, ("which",))
    return ("what", rest) if rest else ("", words)


def after_phrase(words: tuple[Word, ...], phrase: tuple[str, ...]) -> tuple[Word, ...] | None:
    """The words after `phrase` if they begin with it (articles between its words aside), else None."""
    place = 0
    for wanted in phrase:
        while wanted not in ARTICLES and place < len(words) and is_article(words, place):
            place += 1
        if place >= len(words) or words[place].folded != wanted or words[place].quoted:
            return None
        place += 1
    return words[place:]


def is_article(words: Sequence[Word], place: int) -> bool:
    """Does this word only introduce the next one? A lone capital (class A), a last or a quoted word does not."""
    word = words[place]
    if word.folded not in ARTICLES or word.quoted or place + 1 >= len(words):
        return False
    return word.text != "A" or place == 0


@lru_cache(maxsize=20_000)
def same_word(one: str, other: str) -> bool:
    """Are these two forms of one word: equal, or one of them with a plural or third-person `s`?

    Verb forms and derived words never are: `operators` are not `operations`, `followed` is not `following`.
    """
    if one == other:
        return True
    if not (_forms(one) & _forms(other)):
        return False
    same: bool = _STEMMER.stemWord(one) == _STEMMER.stemWord(other)
    return same


def _forms(folded: str) -> frozenset[str]:
    if len(folded) < 4 or not folded.isalpha() or not folded.endswith("s") or folded.endswith(("ss", "us")):
        return frozenset({folded})
    forms = {folded, folded[:-1]}
    if folded.endswith("es"):
        forms.add(folded[:-2])
    if folded.endswith("ies"):
        forms.add(folded[:-3] + "y")
    return frozenset(forms)
