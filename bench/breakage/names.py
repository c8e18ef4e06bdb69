"""New names for columns and tables, in the ways in which people rename: style, prefixes, short forms, synonyms, codes.

Nothing here looks at data; how a rename is found out again is the product's matter.
"""

import random
import re
from collections.abc import Callable, Collection

SYNONYMS = {
    "name": "title", "title": "heading", "id": "key", "date": "day", "price": "cost", "cost": "charge",
    "salary": "compensation", "country": "nation", "city": "town", "age": "years", "type": "kind", "kind": "category",
    "count": "total", "number": "nr", "address": "location", "location": "place", "year": "season", "code": "symbol",
    "description": "details", "details": "remarks", "customer": "client", "student": "pupil", "employee": "worker",
    "amount": "sum", "status": "state", "phone": "telephone", "start": "begin", "end": "finish", "first": "given",
    "last": "family", "gender": "sex", "rank": "position", "population": "inhabitants", "score": "points",
    "company": "firm", "car": "vehicle", "order": "purchase", "product": "article", "teacher": "instructor",
}  # fmt: skip
"""What people say instead."""


def words_of(name: str) -> list[str]:
    return re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name) or [name]


def _styled(name: str, rng: random.Random, owner: str) -> str:  # noqa: ARG001
    words = [word.lower() for word in words_of(name)]
    if len(words) == 1:
        return f"{words[0]}_{rng.choice(('value', 'nr', 'code', 'txt'))}"
    return "".join(words) if "_" in name else "_".join(words)


def _prefixed(name: str, rng: random.Random, owner: str) -> str:
    owner_words = "_".join(word.lower() for word in words_of(owner))
    return rng.choice((f"{owner_words}_{name}", f"{name}_{rng.choice(('v2', 'new', 'utc', 'full'))}", f"dim_{name}"))


def _shortened(name: str, rng: random.Random, owner: str) -> str:  # noqa: ARG001
    words = [word.lower() for word in words_of(name)]
    return "_".join(word[0] + re.sub("[aeiou]", "", word[1:]) if len(word) > 4 else word for word in words)


def _said_otherwise(name: str, rng: random.Random, owner: str) -> str:
    words = [word.lower() for word in words_of(name)]
    changed = [SYNONYMS.get(word, word) for word in words]
    return "_".join(changed) if changed != words else _prefixed(name, rng, owner)


def _coded(name: str, rng: random.Random, owner: str) -> str:  # noqa: ARG001
    return f"{rng.choice(('attr', 'field', 'f', 'zz'))}_{rng.randint(100, 999)}"


Way = Callable[[str, random.Random, str], str]
WAYS: tuple[Way, ...] = (_styled, _prefixed, _shortened, _said_otherwise, _coded)


def renamed(name: str, rng: random.Random, *, owner: str, taken: Collection[str]) -> str:
    """Another name for a column of the table `owner` (or for a table), in lower case, that nothing else has."""
    used = {one.casefold() for one in taken} | {name.casefold()}
    for _ in range(20):
        found = rng.choice(WAYS)(name, rng, owner).lower()
        found = re.sub(r"\W+", "_", found)
        if found not in used:
            return found
    return f"column_{rng.randint(1000, 9999)}"
