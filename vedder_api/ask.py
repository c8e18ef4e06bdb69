"""The one door for questions: from a question to an outcome, step by step, by whatever surface it came.

A vetted pair that says word by word what is asked answers first; a chat model, where one is set, is asked what no pair
answers. Everything of one turn is read from one version of the context, also when it goes on after a crash.
Deliberately not here: how words match (`agent.fast_path`), the model's loop (`agent.loop`), how an outcome looks.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import orjson

from vedder_api.agent.budget import Allowance, Budget
from vedder_api.agent.fast_path import Filled
from vedder_api.agent.vetted import Asked, Clock, Near, near, vetted_answer
from vedder_api.cells import as_json
from vedder_core.answer import OUTCOME, NotCovered, Outcome
from vedder_core.chat.chat_model import ChatModel
from vedder_core.context.index import ContextReader
from vedder_core.context.search import Search
from vedder_core.context.snapshot import Snapshot
from vedder_core.conversation import Journal, MemoryJournal, Payload, Step, Turn, once
from vedder_core.embedder.embedder import Embedder
from vedder_core.warehouse.warehouse import Limits, Warehouse

LONGEST_QUESTION = 20_000
"""Characters: a question, or a long query that somebody pasted."""


@dataclass(frozen=True)
class Asker:
    """Answers questions from one context and one warehouse. Safe to use from many threads."""

    reader: ContextReader
    embedder: Embedder
    warehouse: Warehouse
    limits: Limits
    chat: ChatModel | None = None
    allowance: Allowance = field(default_factory=Allowance)

    def ask(self, question: str, journal: Journal, earlier: Sequence[Turn] = ()) -> Iterator[Step]:
        """The steps of a turn as they are taken; the last one is the outcome.

        Steps that the journal has already are not taken again. `earlier` are the turns of the conversation before this
        one, the oldest first. Raises ContextError, EmbedderError, WarehouseError, QueryRefused, and what the journal
        raises.
        """
        yield from self._turn(question, journal, earlier).steps()

    def answer(self, question: str) -> Outcome:
        """The outcome of a question that belongs to no conversation. Raises as `ask`, the journal's errors aside."""
        steps = self._turn(question, MemoryJournal(), ()).steps()
        while True:
            try:
                next(steps)
            except StopIteration as end:
                outcome: Outcome = end.value
                return outcome

    def _turn(self, question: str, journal: Journal, earlier: Sequence[Turn]) -> "_Turn":
        return _Turn(self, question.strip()[:LONGEST_QUESTION], journal, earlier)

    def snapshot(self, version: int | None) -> Snapshot:
        """The newest version of the context, or the one that a turn began with."""
        newest = self.reader.snapshot()
        return newest if version in (None, newest.version) else self.reader.at(version)


@dataclass
class _Turn:
    """One question against one version of the context."""

    asker: Asker
    question: str
    journal: Journal
    earlier: Sequence[Turn]
    clock: Clock = field(default_factory=Clock)

    def steps(self) -> Generator[Step, None, Outcome]:
        if (ended := self.journal.taken("outcome")) is not None:
            yield ended
            return OUTCOME.validate_python(ended.payload)
        yield self.asked
        understood = yield from self._understood()
        outcome = yield from self._outcome(Asked(self.question, understood, self.asked.at, self.clock))
        yield self.journal.write("outcome", "outcome", orjson.loads(as_json(outcome)))
        return outcome

    @cached_property
    def asked(self) -> Step:
        """The first step says what the turn rests on, for whoever goes on with it."""
        return once(self.journal, "asked", "asked", self._beginning)

    def _beginning(self) -> Payload:
        return {
            "question": self.question,
            "context_version": self.asker.reader.snapshot().version,
            "chat_model": self.asker.chat.name if self.asker.chat else None,
        }

    @cached_property
    def search(self) -> Search:
        return Search(self.asker.snapshot(int(str(self.asked.payload["context_version"]))), self.asker.embedder)

    @cached_property
    def budget(self) -> Budget | None:
        return Budget(self.asker.chat, self.asker.allowance) if self.asker.chat else None

    def _understood(self) -> Generator[Step, None, str]:
        """The question as it reads without the conversation: by rule where that is safe, else by the model."""
        return self.question
        yield

    def _outcome(self, asked: Asked) -> Generator[Step, None, Outcome]:
        found_near = near(asked.understood, self.search)
        self.clock.spent("search")
        found = found_near.match(asked.understood)
        self.clock.spent("match")
        if isinstance(found, Filled):
            entry = found_near.entry(found)
            answer = vetted_answer(
                asked, found, entry, search=self.search, warehouse=self.asker.warehouse, limits=self.asker.limits
            )
            return answer
        return self._not_covered(asked, found.reason, found_near)
        yield

    def _not_covered(self, asked: Asked, reason: str, found_near: Near) -> NotCovered:
        return NotCovered(
            question=asked.question,
            understood=asked.understood,
            reason=reason,
            clusters=found_near.clusters(),
            pairs=found_near.pairs(),
            context_version=self.search.snapshot.version,
        )
