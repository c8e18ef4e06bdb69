"""The one door for questions: from a question to an outcome, step by step, by whatever surface it came.

A vetted pair that says word by word what is asked answers first; a chat model, where one is set, is asked what no pair
answers. Everything of one turn is read from one version of the context, also when it goes on after a crash.
Deliberately not here: how words match (`agent.fast_path`), the model's loop (`agent.loop`), how an outcome looks.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import orjson

from vedder_api.agent.answering import doubted, from_model, noticed, written_out
from vedder_api.agent.broken_sql import diagnosed
from vedder_api.agent.budget import Allowance, Budget, LimitReached, tool_size
from vedder_api.agent.context import opening
from vedder_api.agent.drifted import withheld
from vedder_api.agent.loop import Loop, Stopped, stopped_by
from vedder_api.agent.pasted_sql import pasted_sql
from vedder_api.agent.prompt import prompt, prompt_hash, system
from vedder_api.agent.tools.calling import shapes
from vedder_api.agent.tools.tool import AskBack, Decline, Desk, Ending, Finish, LookedAt, ToolResult, never
from vedder_api.agent.uncovered import coveredness, names_a_dataset, why_uncovered
from vedder_api.agent.understanding import understood
from vedder_api.agent.vetted import Asked, Clock, Near, near, vetted_answer
from vedder_api.cells import as_json
from vedder_core.answer import OUTCOME, Answer, Clarify, GaveUp, NotCovered, Outcome, Spent
from vedder_core.calibration import Coveredness
from vedder_core.chat.chat_model import ChatModel, ChatModelError, Message, estimated_tokens
from vedder_core.context.search import Search
from vedder_core.context.snapshot import Snapshot
from vedder_core.conversation import Journal, MemoryJournal, Payload, Step, Turn, once
from vedder_core.embedder.embedder import Embedder
from vedder_core.errors import VedderError
from vedder_core.matching.fast_path import Filled
from vedder_core.warehouse.warehouse import Limits, Warehouse

LONGEST_QUESTION = 20_000
"""Characters: a question, or a long query that somebody pasted."""


class QuestionTooLong(VedderError):
    """A question of more than `LONGEST_QUESTION` characters: a part of it may mean something else."""


def checked_question(question: str) -> str:
    """The question without the spaces around it. Raises QuestionTooLong."""
    bare = question.strip()
    if len(bare) > LONGEST_QUESTION:
        raise QuestionTooLong(
            f"The question has {len(bare):,} characters, and {LONGEST_QUESTION:,} at most are read.",
            hint="Ask for less at once, or paste only the part of the query that matters.",
        )
    return bare


class Reader(Protocol):
    """The context: its newest version, and older ones. `ContextReader` is one; an evaluation reads less."""

    def snapshot(self) -> Snapshot: ...

    def at(self, version: int) -> Snapshot: ...


@dataclass(frozen=True)
class Asker:
    """Answers questions from one context and one warehouse. Safe to use from many threads."""

    reader: Reader
    embedder: Embedder
    warehouse: Warehouse
    limits: Limits
    chat: ChatModel | None = None
    allowance: Allowance = field(default_factory=Allowance)
    looked_at: LookedAt = never

    def ask(self, question: str, journal: Journal, earlier: Sequence[Turn] = ()) -> Iterator[Step]:
        """The steps of a turn as they are taken; the last one is the outcome.

        Steps that the journal has already are not taken again. `earlier` are the turns of the conversation before this
        one, the oldest first. Raises QuestionTooLong, ContextError, EmbedderError, WarehouseError, and what
        the journal raises.
        """
        yield from Asking(self, question, journal, earlier).steps()

    def answer(self, question: str) -> Outcome:
        """The outcome of a question that belongs to no conversation. Raises as `ask`, the journal's errors aside."""
        return Asking(self, question, MemoryJournal()).outcome()


@dataclass
class Asking:
    """One question against one version of the context. `desk` is what lay before the agent, once it has ended."""

    asker: Asker
    question: str
    journal: Journal
    earlier: Sequence[Turn] = ()
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.question = checked_question(self.question)

    def outcome(self) -> Outcome:
        """Take all steps, to the outcome."""
        steps = self.steps()
        while True:
            try:
                next(steps)
            except StopIteration as end:
                outcome: Outcome = end.value
                return outcome

    def steps(self) -> Generator[Step, None, Outcome]:
        if (ended := self.journal.taken("outcome")) is not None:
            yield ended
            return OUTCOME.validate_python(ended.payload)
        yield self.asked
        try:
            whole = yield from self._understood()
        except (LimitReached, ChatModelError) as error:
            outcome = self._not_understood(error)
        else:
            outcome = yield from self._outcome(Asked(self.question, whole, self.asked.at, self.clock))
        yield self.journal.write("outcome", "outcome", orjson.loads(as_json(outcome)))
        return outcome

    @cached_property
    def asked(self) -> Step:
        """The first step says what the turn rests on, for whoever goes on with it."""
        return once(self.journal, "asked", "asked", self._beginning)

    def _beginning(self) -> Payload:
        return {
            "question": self.question,
            "context_version": self._newest.version,
            "chat_model": self.asker.chat.name if self.asker.chat else None,
            "prompt_hash": prompt_hash() if self.asker.chat else None,
        }

    @cached_property
    def _newest(self) -> Snapshot:
        return self.asker.reader.snapshot()

    @cached_property
    def search(self) -> Search:
        """Over the version of the context that the turn began with."""
        version = int(str(self.asked.payload["context_version"]))
        snapshot = self._newest if self._newest.version == version else self.asker.reader.at(version)
        return Search(snapshot, self.asker.embedder)

    @cached_property
    def budget(self) -> Budget | None:
        return Budget(self.asker.chat, self.asker.allowance) if self.asker.chat else None

    @property
    def spent(self) -> Spent | None:
        return self.budget.spent(prompt_hash()) if self.budget and self.budget.requests else None

    def _understood(self) -> Generator[Step, None, str]:
        """A first question and SQL that was pasted stand as they are."""
        if not self.earlier or pasted_sql(self.question) is not None:
            return self.question
        meant = understood(self.question, self.earlier, self.journal, search=self.search, budget=self.budget)
        return (yield from meant)

    def _not_understood(self, error: LimitReached | ChatModelError) -> Outcome:
        asked = Asked(self.question, self.question, self.asked.at, self.clock)
        self.desk = self._desk(asked)
        return self._ended(stopped_by(error), asked, self.desk, near(self.question, self.search))

    def _outcome(self, asked: Asked) -> Generator[Step, None, Outcome]:
        found_near = near(asked.understood, self.search)
        self.clock.spent("search")
        found = found_near.match(asked.understood, explain=self.budget is None)
        self.clock.spent("match")
        self.desk = desk = self._desk(asked)
        if isinstance(found, Filled):
            answer = self._vetted(asked, found, found_near)
            return answer if isinstance(answer, Answer) else (yield from self._past(answer, asked, found, found_near))
        if (stale := withheld(asked.understood, self.search.snapshot)) is not None:
            return self._not_covered(asked, stale.reason, found_near.led_by(stale.card))
        sql = pasted_sql(asked.question)
        desk.covered = None if sql else coveredness(asked.understood, self.search)
        if self.budget is None:
            return self._not_covered(asked, diagnosed(sql, desk) if sql else found.reason, found_near)
        if desk.covered is not None and self._is_nobodys(asked, desk.covered):
            return self._not_covered(asked, why_uncovered(asked.understood, desk.covered, self.search), found_near)
        told = (prompt("broken_sql"), diagnosed(sql, desk)) if sql else ()
        return (yield from self._by_model(asked, found_near, self.budget, told))

    def _is_nobodys(self, asked: Asked, covered: Coveredness) -> bool:
        """A question that goes on with a conversation, or names a dataset, has somebody to answer it."""
        return not (covered.enough or self.earlier or names_a_dataset(asked.understood, self.search))

    def _vetted(self, asked: Asked, found: Filled, found_near: Near) -> Answer | Stopped:
        answer = vetted_answer(asked, found, found_near.entry(found), self.desk)
        if isinstance(answer, Stopped):
            return answer
        answer = doubted(noticed(answer, self.desk, found.values), self.desk)
        return written_out(answer, self.spent) if self.spent else answer

    def _past(self, stopped: Stopped, asked: Asked, found: Filled, found_near: Near) -> Generator[Step, None, Outcome]:
        """Where a question's vetted pair did not run, the model tries; without one, its owners are who to ask."""
        cards = {card.name: card for card in self.search.snapshot.cluster_cards()}
        found_near = found_near.led_by(cards[found_near.entry(found).cluster])
        self.desk = self._desk(asked)
        if self.budget is None:
            return self._ended(stopped, asked, self.desk, found_near)
        told = (prompt("pair_stopped", reason=stopped.reason),)
        return (yield from self._by_model(asked, found_near, self.budget, told))

    def _by_model(
        self, asked: Asked, found_near: Near, budget: Budget, told: Sequence[str]
    ) -> Generator[Step, None, Outcome]:
        ending = yield from self._loop(asked, self.desk, budget, told).run()
        self.clock.spent("model and tools")
        return self._ended(ending, asked, self.desk, found_near)

    def _desk(self, asked: Asked) -> Desk:
        return Desk(
            question=asked.understood,
            snapshot=self.search.snapshot,
            search=self.search,
            warehouse=self.asker.warehouse,
            limits=self.asker.limits,
            bytes_left=self.asker.allowance.bytes,
            stop=self.journal.stop,
            looked_at=self.asker.looked_at,
        )

    def _loop(self, asked: Asked, desk: Desk, budget: Budget, told: Sequence[str]) -> Loop:
        """The model's first sight: instructions, what the context has about the question, the question, and `told`."""
        tools = shapes()
        rules = system(self.asker.warehouse.dialect, f"{asked.at:%Y-%m-%d}")
        begin = opening(desk, self.asker.allowance.context_tokens)
        desk.lay(ToolResult(begin.text, opened=begin.opened, shown=begin.shown))
        sight = [begin.text, f"# The question\n{asked.understood}", *told]
        budget.context = {
            "instructions": estimated_tokens(rules),
            "tools": sum(map(tool_size, tools)),
            **begin.parts,
        }
        budget.bytes_left, desk.seconds_left = lambda: desk.bytes_left, budget.seconds_left
        messages = [Message("system", rules), Message("user", "\n\n".join(sight))]
        return Loop(desk, self.journal, budget, tools, messages)

    def _ended(self, ending: Ending | Stopped, asked: Asked, desk: Desk, found_near: Near) -> Outcome:
        spent, version = self.spent, self.search.snapshot.version
        match ending:
            case Finish():
                return from_model(asked, ending, desk, spent)
            case AskBack(asks, options):
                return Clarify(asked.question, asked.understood, asks, options, found_near.clusters(), version, spent)
            case Decline(reason):
                return self._not_covered(asked, reason, found_near)
            case Stopped(limit, reason):
                tried = tuple(desk.queries.values())
                return GaveUp(
                    asked.question, asked.understood, reason, limit, tried, found_near.clusters(), version, spent
                )

    def _not_covered(self, asked: Asked, reason: str, found_near: Near) -> NotCovered:
        return NotCovered(
            question=asked.question,
            understood=asked.understood,
            reason=reason,
            clusters=found_near.clusters(),
            pairs=found_near.pairs(),
            context_version=self.search.snapshot.version,
            spent=self.spent,
            covered=self.desk.covered,
        )
