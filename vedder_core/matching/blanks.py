"""The blanks of a vetted question: which words may fill one, and the typed value that they stand for.

A blank takes a whole value of its column, or a value of its type that can be read in one way only; `04/07/2013` is
two dates and so is none. Deliberately not here: where in a question a blank stands (`fast_path`).
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from vedder_core.cluster import Parameter, ParameterType
from vedder_core.matching.wording import SMALL_NUMBERS, Word, clean, words_of
from vedder_core.sql.guard import ParameterValue

MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sep sept", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
TENS = {word: 10 * tens for tens, word in enumerate(_TENS.split(), 2)}
POWERS = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}
LARGEST = 2**63 - 1
_SMALL_WORDS = (
    "a an the not no none any all each every other some and or but in on at to of is by as me us it he so if per "
    "than more most less least only except without"
)
NEVER_A_BARE_VALUE = frozenset(_SMALL_WORDS.split())
"""Small words that are also values of real columns (states OR, IN, ME; ALL, NONE): as a value they must be quoted
or written exactly as the column spells them, and not in small letters."""

_MOST_WORDS: Mapping[ParameterType, int] = {"integer": 9, "number": 9, "month": 2, "date": 6, "boolean": 1}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH_FIRST = re.compile(
    rf"(?P<month>{_MONTH})\.? (?:the )?(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,? ?(?P<year>[0-9]{{4}})"
)
_DAY_FIRST = re.compile(
    rf"(?:the )?(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})\.?,? (?P<year>[0-9]{{4}})"
)


@dataclass(frozen=True, slots=True)
class Blank:
    """A parameter of a pair, ready to be filled: `most_words` bounds how long a value can be."""

    name: str
    type: ParameterType | None
    values: Mapping[tuple[str, ...], tuple[str, ...]]
    most_words: int
    default: ParameterValue = None
    minimum: int | float | date | None = None
    maximum: int | float | date | None = None

    def value(self, words: Sequence[Word], text: str, *, after: str = "") -> ParameterValue:
        """The one allowed value that these words of `text` stand for; None when there is none or more than one.

        `after` is the word that the vetted question has before the blank: after `month`, a month may be a number.
        """
        found = self._read(words, text, after)
        return found if self._allows(found) else None

    def _allows(self, value: ParameterValue) -> bool:
        """Is a number or a date within the bounds that the curator set?"""
        if isinstance(value, date):
            low, high = _as_date(self.minimum), _as_date(self.maximum)
            return (low is None or low <= value) and (high is None or value <= high)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return True
        bounds = [bound if isinstance(bound, int | float) else None for bound in (self.minimum, self.maximum)]
        return (bounds[0] is None or bounds[0] <= value) and (bounds[1] is None or value <= bounds[1])

    def _read(self, words: Sequence[Word], text: str, after: str) -> ParameterValue:
        if self.type is None:
            return self._spelled(words, text)
        if self.type == "month":
            return month(words, after=after)
        if self.type == "date":
            return day(text[words[0].start : words[-1].end])
        if self.type == "boolean":
            return BOOLEANS.get(words[0].folded) if len(words) == 1 else None
        return number(words, whole=self.type == "integer")

    def _spelled(self, words: Sequence[Word], text: str) -> str | None:
        spellings = self.values.get(tuple(word.folded for word in words), ())
        written = text[words[0].start : words[-1].end]
        exact = written in spellings
        if len(words) == 1 and words[0].folded in NEVER_A_BARE_VALUE and not words[0].quoted:
            return written if exact and not written.islower() else None
        if exact:
            return written
        return spellings[0] if len(spellings) == 1 else None


def _as_date(bound: float | date | None) -> date | None:
    return bound if isinstance(bound, date) else None


def blank(name: str, parameter: Parameter, allowed: Sequence[str] = ()) -> Blank:
    """The blank of a parameter; `allowed` are all values of its column, for a parameter that names one."""
    default = parameter.default
    if parameter.type is not None:
        made = Blank(name, parameter.type, {}, _MOST_WORDS[parameter.type], None, parameter.minimum, parameter.maximum)
    else:
        values = spellings([value for value in allowed if value not in parameter.without])
        made = Blank(name, None, values, max(map(len, values), default=0))
    return made if default is None else replace(made, default=_typed_default(made, default))


def spellings(allowed: Sequence[str]) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """The column's spellings of each value, by the words that a question would write it with."""
    found: dict[tuple[str, ...], tuple[str, ...]] = defaultdict(tuple)
    for value in allowed:
        found[_key(value)] += (value,)
    found.pop((), None)
    return dict(found)


def _key(value: str) -> tuple[str, ...]:
    if value.isascii() and value.isalnum():
        return (value.casefold(),)  # a code is one word; thousands of them are read at once
    return tuple(word.folded for word in words_of(clean(value)))


def _typed_default(made: Blank, default: str | float | bool | date) -> ParameterValue:  # noqa: FBT001 - a value
    if not isinstance(default, str):
        return default
    words = words_of(clean(default))
    return made.value(words, clean(default)) if words else default


def month(words: Sequence[Word], *, after: str = "") -> int | None:
    """A month by its name; by its number only where the word `month` stands before it."""
    if len(words) == 1 and words[0].folded in MONTHS:
        return MONTHS[words[0].folded]
    numbered = words[1:] if words[0].folded == "month" else words if after == "month" else ()
    found = number(numbered, whole=True) if len(numbered) == 1 else None
    return int(found) if found is not None and 1 <= found <= 12 else None


def day(written: str) -> date | None:
    """A date as ISO, `July 4, 2013` or `4 July 2013`; a date in digits alone and another order is no date."""
    folded = " ".join(written.casefold().split())
    if iso := _ISO.fullmatch(folded):
        return _real_date(*iso.groups())
    named = _MONTH_FIRST.fullmatch(folded) or _DAY_FIRST.fullmatch(folded)
    if named is None:
        return None
    return _real_date(named["year"], str(MONTHS[named["month"]]), named["day"])


def _real_date(year: str, month_number: str, day_number: str) -> date | None:
    try:
        return datetime.strptime(f"{year}-{month_number}-{day_number}", "%Y-%m-%d").date()  # noqa: DTZ007 - a day
    except ValueError:
        return None  # February 30th


def number(words: Sequence[Word], *, whole: bool) -> int | float | None:
    """A number in digits (thousands separators and a sign allowed) or in words."""
    if not words:
        return None
    if words[0].folded == "-" and len(words) == 2 and words[0].end == words[1].start:
        positive = number(words[1:], whole=whole) if words[1].folded[:1].isdigit() else None
        return None if positive is None else -positive
    if len(words) == 1 and words[0].folded[:1].isdigit():
        digits = words[0].number
        if digits is None or (whole and "." in digits):
            return None
        found = float(digits) if "." in digits else int(digits)
        return found if found <= LARGEST else None
    return in_words([word.folded for word in words])


def in_words(words: Sequence[str]) -> int | None:
    """A whole number in English words, e.g. `two thousand one hundred and five`; None if it is not one."""
    total, group, last, power = 0, 0, 10**9, 10**9
    for place, word in enumerate(words):
        if word == "and":
            if last not in {100, 1_000, 1_000_000} or place + 1 == len(words):
                return None
        elif word in SMALL_NUMBERS or word in TENS:
            size = SMALL_NUMBERS.get(word, TENS.get(word, 0))
            if not _follows(size, last):
                return None
            group, last = group + size, size
        elif word == "hundred" and 1 <= group <= 9:
            group, last = group * 100, 100
        elif word in POWERS and word != "hundred" and group and POWERS[word] < power:
            power = last = POWERS[word]
            total, group = total + group * power, 0
        else:
            return None
    return total + group if words else None


def _follows(size: int, last: int) -> bool:
    """May a word of this size follow the last one? `twenty` takes 1..9, `hundred` and more take anything."""
    if last >= 100:
        return size > 0 or last == 10**9
    return 20 <= last <= 90 and 1 <= size <= 9
