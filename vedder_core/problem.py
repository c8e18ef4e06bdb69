"""A problem in a file that a person wrote, and the collector that gathers all of them.

Nothing here knows what a cluster is; the readers of files report through it.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in one place of a curator's file.

    `file` is relative to the clusters folder; `line` counts from 1 (0: the file as a whole); `key` is the dotted
    YAML key, "" where there is none; `message` says what is wrong and `hint` what to do, in the curator's words.
    """

    file: str
    line: int
    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = f" [{self.key}]" if self.key else ""
        hint = f"\n    {self.hint}" if self.hint else ""
        return f"{place}{key} {self.message}{hint}"


@dataclass(slots=True)
class Problems:
    """Gathers problems, so that one run reports all of them; `root` makes the file names relative."""

    root: Path
    found: list[Problem] = field(default_factory=list)

    def report(self, file: Path, message: str, *, line: int = 0, key: str = "", hint: str = "") -> None:
        inside = file != self.root and file.is_relative_to(self.root)
        name = file.relative_to(self.root) if inside else file
        self.found.append(Problem(name.as_posix(), line, key, message, hint))

    def sorted(self) -> tuple[Problem, ...]:
        return tuple(sorted(set(self.found)))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a misspelt `word` probably meant, ignoring case; None if none is near.

    Of dotted names in one schema only the last part is compared: that they share the schema is no sign of nearness.
    """
    by_folded = {name.casefold(): name for name in known}
    schema, dot, last = word.casefold().rpartition(".")
    beside = {name[len(schema) + 1 :]: name for name in by_folded if dot and name.startswith(schema + dot)}
    elsewhere = [name for name in by_folded if name not in beside.values()] if beside else list(by_folded)
    near = [beside[name] for name in difflib.get_close_matches(last, beside, n=1, cutoff=0.6)]
    near = near or difflib.get_close_matches(word.casefold(), elsewhere, n=1, cutoff=0.6)
    return by_folded[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, or lists what is known when none is near."""
    names = sorted(set(known))
    near = nearest(word, names)
    if near is not None:
        return f"Did you mean `{near}`?"
    shown = ", ".join(f"`{name}`" for name in names[:12])
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f"Known here: {shown}{more}." if names else ""
