"""Do two wordings ask the same? By their words alone: case, punctuation and the names of blanks tell nothing.

For reports, which compare thousands of questions. Deliberately not here: whether a question may be answered by a vetted
pair, which needs every value to be allowed and is decided when somebody asks (`vedder_core.matching.phrasing`).
"""

import re
from collections.abc import Iterable

BLANK = re.compile(r"\{\w+\}")
WORD = re.compile(r"\{\}|\w+")
LONGEST_VALUE = 6
"""Words that may stand in a blank."""


def form(question: str) -> str:
    """One text for all wordings that differ in nothing that tells."""
    return " ".join(WORD.findall(BLANK.sub("{}", question.casefold())))


class Phrasings:
    """Questions with blanks, to be held against many questions that people asked."""

    def __init__(self, phrasings: Iterable[str]) -> None:
        value = rf"\w+(?: \w+){{0,{LONGEST_VALUE - 1}}}?"
        forms = {form(phrasing) for phrasing in phrasings}
        self._plain = frozenset(forms)
        self._filled = [re.compile(value.join(map(re.escape, one.split("{}")))) for one in sorted(forms) if "{}" in one]

    def ask(self, question: str) -> bool:
        """Is the question one of these, with some words in each blank?"""
        asked = form(question)
        return asked in self._plain or any(pattern.fullmatch(asked) for pattern in self._filled)
