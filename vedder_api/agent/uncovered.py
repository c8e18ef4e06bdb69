"""Is a question nobody's? Then it is declined before a chat model is asked, which would rather invent an answer.

Deliberately not here: how a score comes about (`vedder_core.context.covered`), and who is named as near (`vetted`).
"""

import re

from vedder_core.calibration import Coveredness
from vedder_core.context.search import Search
from vedder_core.matching.wording import MOST_CHARACTERS

WORDS_NAMED = 4


def coveredness(question: str, search: Search) -> Coveredness | None:
    """How well the context covers a question; None where that cannot be judged, as of one that is very long."""
    return search.covered(question) if 0 < len(question) <= MOST_CHARACTERS else None


def names_a_dataset(question: str, search: Search) -> bool:
    """Whether the question spells a dataset's name as no sentence would: with its schema, or in backticks."""
    said = question.casefold()
    names = (entry.title.casefold() for entry in search.snapshot.entries(kinds=("dataset",)))
    return any(
        re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", said) or f"`{name.rpartition('.')[2]}`" in said
        for name in names
        if name.rpartition(".")[2] in said
    )


def why_uncovered(question: str, covered: Coveredness, search: Search) -> str:
    """The reason in words: what the nearest cluster says nothing of."""
    titles = {card.name: card.title for card in search.snapshot.cluster_cards()}
    nearest = titles[covered.cluster]
    unknown = search.snapshot.covered.unknown(question, covered.cluster)[:WORDS_NAMED]
    if not unknown:
        return f"No cluster covers this question: even the nearest, {nearest}, has no vetted question like it."
    named = " or ".join(part for part in (", ".join(f"`{w}`" for w in unknown[:-1]), f"`{unknown[-1]}`") if part)
    return f"No cluster covers this question: even the nearest, {nearest}, says nothing of {named}."
