"""What somebody vetted of a pair: its SQL by what it means, its blanks, and each of its wordings; all of it together.

Only digests are kept. Deliberately not here: whether somebody vetted it again, which `vetted_on` says (`taught`).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from vedder_core.cluster import Pair
from vedder_core.sql.sameness import plain_form

NAMED = 2
"""Wordings that a sentence quotes."""

LONGEST = 100
"""Characters of a wording that are quoted."""


@dataclass(frozen=True)
class Vetting:
    """What a pair said when somebody vetted it. `written` is its SQL as it stood there, `meant` what it says.

    `blanks` is None where an older version remembered it, which did not look at them.
    """

    written: str
    meant: str
    blanks: tuple[str, ...] | None
    wordings: tuple[str, ...]

    @classmethod
    def of(cls, pair: Pair, dialect: str) -> "Vetting":
        return cls(mark(pair.sql), meaning(pair, dialect), _blanks(pair), tuple(map(wording, pair.questions())))

    def covers(self, pair: Pair, dialect: str) -> bool:
        """Is all that the pair says among what was vetted? It may have lost a wording; their order tells nothing."""
        return next(self.lacks(pair, dialect), None) is None

    def seen_in(self, pair: Pair) -> "Vetting":
        """The same, noted as the pair that it covers writes it now."""
        return replace(self, written=mark(pair.sql), blanks=_blanks(pair))

    def lacks(self, pair: Pair, dialect: str) -> Iterator[str]:
        """What of the pair was not vetted, in words for the curator; no value of the data is among them."""
        if mark(pair.sql) != self.written and meaning(pair, dialect) != self.meant:
            yield "its SQL"
        if self.blanks is not None and set(_blanks(pair)) != set(self.blanks):
            yield self._blanks_said(pair)
        new = [one for one in pair.questions() if wording(one) not in self.wordings]
        yield from (_said(pair, one) for one in new[:NAMED])
        if new[NAMED:]:
            yield f"{len(new) - NAMED} more of its wordings"

    def _blanks_said(self, pair: Pair) -> str:
        new = [name for name in pair.parameters if _blank(pair, name) not in (self.blanks or ())]
        return (
            f"its parameter{'s' if len(new) > 1 else ''} {', '.join(f'`{n}`' for n in new)}"
            if new
            else "its parameters"
        )


def _said(pair: Pair, asked: str) -> str:
    what = "question" if asked == pair.question else "phrasing"
    return f"its {what} “{asked if len(asked) <= LONGEST else asked[:LONGEST].rstrip() + ' …'}”"


def _blanks(pair: Pair) -> tuple[str, ...]:
    return tuple(_blank(pair, name) for name in sorted(pair.parameters))


def _blank(pair: Pair, name: str) -> str:
    # Without what is not said, so that a setting that parameters get one day changes nobody's vetting.
    return _digest(f"{name} {pair.parameters[name].model_dump_json(exclude_defaults=True)}")


def wording(question: str) -> str:
    """A digest of a wording: case, spaces and how it is closed tell nothing."""
    return _digest(" ".join(question.split()).casefold().rstrip(" ?!.…"))


def meaning(pair: Pair, dialect: str) -> str:
    """A digest of what a pair's SQL says: spaces, comments and case tell nothing."""
    return _digest(plain_form(pair.sql, dialect=dialect))


def mark(sql: str) -> str:
    """A digest of SQL as it was written; spaces around it tell nothing."""
    return _digest(sql.strip())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
