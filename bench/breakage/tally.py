"""What is counted in a world, by kind of change. Wrong and missed cases are kept as sentences, to be looked into."""

from collections import Counter
from dataclasses import dataclass, field

MOST_SENTENCES = 200


@dataclass
class Tally:
    """What was counted, by kind of change, and what went wrong, in sentences."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, kind: str, what: str, many: int = 1) -> None:
        self.counts[kind, what] += many

    def say(self, sentence: str) -> None:
        if len(self.wrong) < MOST_SENTENCES:
            self.wrong.append(sentence)

    def merge(self, other: "Tally") -> None:
        self.counts.update(other.counts)
        self.wrong += other.wrong[: MOST_SENTENCES - len(self.wrong)]

    def total(self, what: str) -> int:
        return sum(many for (_, name), many in self.counts.items() if name == what)
