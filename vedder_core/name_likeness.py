"""How alike two names of tables or columns are: by their words, short forms and letters.

Only names are compared here; what else speaks for a rename is in `column_likeness`.
"""

import re
from difflib import SequenceMatcher
from functools import lru_cache

WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
SAID_OTHERWISE = tuple(
    frozenset(words.split())
    for words in (
        "id identifier key code",
        "nr no num number count cnt total",
        "name title label",
        "date day dt",
        "time timestamp ts at",
        "type kind category",
        "price cost charge fee",
        "amount amt sum value",
        "customer client",
        "description details remarks note comment",
        "country nation",
        "city town",
        "address location place",
        "start begin from",
        "end finish stop until",
        "status state",
        "gender sex",
        "latitude lat",
        "longitude lon lng long",
        "percentage percent pct share",
        "phone telephone tel",
        "employee worker staff",
        "company firm",
        "year yr season",
        "uuid guid",
    )
)
"""Words that are often put in each other's place. Few and plain: the profile says more than any such list."""
SAME, SHORT, SYNONYM, NEAR = 1.0, 0.9, 0.6, 0.8


@lru_cache(maxsize=65536)
def words_of(name: str) -> tuple[str, ...]:
    """`customerID2` and `customer_id_2` are the words customer, id, 2."""
    return tuple(word.casefold() for word in WORDS.findall(name)) or (name.casefold(),)


@lru_cache(maxsize=65536)
def name_likeness(one: str, other: str) -> float:
    """From 0 (nothing in common) to 1 (the same, but for case and the marks between words)."""
    words, others = words_of(one), words_of(other)
    if "".join(words) == "".join(others):
        return 1.0
    matched, weight = _matched(words, others)
    total = sum(map(len, words)) + sum(map(len, others))
    shared = weight / total if total else 0.0
    # One name that is the other with something added (`wind_speed_mph`) is likelier than two that share a part.
    if matched and matched == min(len(words), len(others)):
        shared = max(shared, 0.55 + 0.4 * shared)
    letters = _letters("".join(words), "".join(others))
    initials = 0.75 if _are_initials(words, others) or _are_initials(others, words) else 0.0
    return min(0.99, max(shared, initials, letters if letters > 0.75 else 0.6 * letters))


def _letters(one: str, other: str) -> float:
    """How alike the letters are. A long part that both begin or end with says little if the rest is unlike."""
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    start = _shared_start(one, other)
    end = _shared_start(one[start:][::-1], other[start:][::-1])
    rests = one[start : len(one) - end], other[start : len(other) - end]
    if min(map(len, rests)) < 3:
        return ratio
    return ratio * SequenceMatcher(None, *rests, autojunk=False).ratio()


def _shared_start(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _matched(words: tuple[str, ...], others: tuple[str, ...]) -> tuple[int, float]:
    """How many words of one name have a partner in the other, and how many letters that accounts for."""
    free = list(others)
    found, weight = 0, 0.0
    for least in (SAME, 0.0):
        for word in words if least == SAME else [w for w in words if w not in others]:
            best = max(free, key=lambda other: word_likeness(word, other), default=None)
            alike = word_likeness(word, best) if best is not None else 0.0
            if best is not None and alike > 0 and alike >= least:
                free.remove(best)
                found += 1
                weight += alike * (len(word) + len(best))
    return found, weight


@lru_cache(maxsize=65536)
def word_likeness(one: str, other: str) -> float:
    """Of two single words: the same, a short form, one that is said instead, a spelling; else 0."""
    if one == other:
        return SAME
    if one.isdigit() or other.isdigit():
        return 0.0
    short, long = sorted((one, other), key=len)
    if len(short) > 1 and short[0] == long[0] and (long.startswith(short) or _is_short_form(short, long)):
        return SHORT
    if any({one, other} <= group for group in SAID_OTHERWISE):
        return SYNONYM
    return NEAR if len(short) > 3 and SequenceMatcher(None, one, other, autojunk=False).ratio() > 0.84 else 0.0


def _is_short_form(short: str, long: str) -> bool:
    """`qty` of quantity, `spd` of speed: its letters in their order, and hardly a vowel that was kept."""
    if len(short) > 0.75 * len(long) or len(short) < 2:
        return False
    letters = iter(long)
    return all(letter in letters for letter in short) and sum(letter in "aeiou" for letter in short[1:]) <= 1


def _are_initials(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    return len(short) == 1 and len(long) > 2 and short[0] == "".join(word[0] for word in long)
