"""What no text for a chat model may say: hidden columns, and the values of withheld ones.

What one cluster hides is hidden in all, also where another lists the same dataset without a word: whoever may open both
would else be told by the one what the other keeps. Deliberately not here: the guard, which keeps SQL from both.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from vedder_core.context.entry import DatasetCard, Passage, TaughtPair
from vedder_core.context.snapshot import Snapshot

_CODE = re.compile(r"`([^`]+)`")
_NAME = re.compile(r"\w+(?:\.\w+)*")
_UNSAMPLED = "marked as sensitive by its curator"


@dataclass(frozen=True, slots=True, eq=False)
class Veil:
    """All names are folded. `hidden` and `withheld` are by dataset; `nowhere` are names of columns that no dataset
    shows, so that the name alone tells of a hidden one."""

    hidden: Mapping[str, frozenset[str]]
    withheld: Mapping[str, Mapping[str, str]]
    nowhere: frozenset[str]

    def hides(self, dataset: str, column: str) -> bool:
        """Does this column not exist for whoever asks?"""
        return column.casefold() in self.hidden.get(dataset.casefold(), frozenset())

    def why_withheld(self, dataset: str, column: str) -> str | None:
        """Why no value of this column may be told; None where they may."""
        return self.withheld.get(dataset.casefold(), {}).get(column.casefold())

    def hidden_of(self, dataset: str) -> frozenset[str]:
        """The dataset's hidden columns, folded."""
        return self.hidden.get(dataset.casefold(), frozenset())

    def hides_any(self, columns: Iterable[str]) -> bool:
        """Is one of these columns (`dataset.column`) hidden?"""
        return any(self.hides(dataset, column) for dataset, _, column in (name.rpartition(".") for name in columns))

    def betrays(self, text: str) -> bool:
        """Does a text name a hidden column: with its dataset, or as code, or by a name that is no word of English?"""
        folded = text.casefold()
        code = {word for span in _CODE.findall(folded) for word in _NAME.findall(span)}
        return any(self._is_hidden_name(word, is_code=word in code) for word in set(_NAME.findall(folded)))

    def _is_hidden_name(self, word: str, *, is_code: bool) -> bool:
        above, dot, column = word.rpartition(".")
        if not dot:
            return word in self.nowhere and (is_code or "_" in word)
        return column in self.nowhere or any(
            column in columns and f".{dataset}".endswith(f".{above}") for dataset, columns in self.hidden.items()
        )

    def betrayed_by(self, content: TaughtPair | Passage) -> bool:
        """Does a pair or a passage use or name a hidden column?"""
        if self.hides_any(content.columns):
            return True
        if isinstance(content, Passage):
            return self.betrays(f"{content.title}\n{content.text}")
        pair = content.pair
        return self.betrays("\n".join((*pair.questions(), pair.teaches)))


@lru_cache(maxsize=2)
def veil_of(snapshot: Snapshot) -> Veil:
    """The veil over a snapshot; made once, as it reads every dataset of every cluster."""
    hidden: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    withheld: defaultdict[str, dict[str, str]] = defaultdict(dict)
    seen: set[tuple[str, str]] = set()
    for entry in snapshot.listing(kinds=("dataset",)):  # broken ones hide as well
        card = entry.carried()
        if isinstance(card, DatasetCard):
            name = card.dataset.name.casefold()
            hidden[name] |= {column.casefold() for column in card.dataset.hidden_columns()}
            withheld[name] |= _withheld(card)
            seen |= {(name, column.name.casefold()) for column in (card.table.columns if card.table else ())}
    shown = {column for dataset, column in seen if column not in hidden[dataset]}
    hiding = {name: columns for name, columns in hidden.items() if columns}
    return Veil(hiding, dict(withheld), frozenset().union(*hiding.values()) - shown)


def _withheld(card: DatasetCard) -> dict[str, str]:
    by_curator = {name.casefold(): _UNSAMPLED for name in card.dataset.unsampled_columns()}
    profiled = card.profile.columns if card.profile else ()
    return {**by_curator, **{column.name.casefold(): column.withheld for column in profiled if column.withheld}}
