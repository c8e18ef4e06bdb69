"""A text for the chat model that is filled entry by entry until its tokens are used up; no entry is ever cut."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vedder_core.chat.chat_model import estimated_tokens


@dataclass
class Page:
    """Takes entries in the order of their worth, and shows them in the order of `headings` (part -> its heading)."""

    tokens: int
    headings: Mapping[str, str]
    took: dict[str, int] = field(default_factory=dict)
    _pieces: dict[str, list[str]] = field(default_factory=dict)

    def add(self, part: str, text: str, *, most: int | None = None) -> bool:
        """Take an entry in, where it fits; with `most` also only as far as its part stays within so many tokens."""
        heading = f"{self.headings[part]}\n\n" if part not in self.took and self.headings[part] else ""
        size = estimated_tokens(f"{heading}{text}\n\n")
        took = self.took.get(part, 0) + size
        if size > self.left or (most is not None and took > most):
            return False
        self.took[part] = took
        self._pieces.setdefault(part, []).append(text)
        return True

    @property
    def left(self) -> int:
        return self.tokens - sum(self.took.values())

    def text(self) -> str:
        """The page; its own estimate never exceeds the sum of what its parts took."""
        parts = ((self.headings[part], self._pieces.get(part, [])) for part in self.headings)
        text = "\n\n".join(piece for heading, pieces in parts if pieces for piece in (heading, *pieces) if piece)
        return text.replace("\n\n- ", "\n- ")
