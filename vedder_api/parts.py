"""The parts that answer questions, by the settings: each opened when first used, all closed together.

A part that cannot be opened raises its own error each time and is tried again the next time: an API that was started
before its context was built begins to answer once it is there.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from vedder_api.agent.budget import Allowance
from vedder_api.ask import Asker
from vedder_api.looked_at import LookedAtTimes
from vedder_api.replay import Replay, replay
from vedder_api.turns import Turns
from vedder_api.waiting_room import WaitingRoom
from vedder_core.chat.chat_model import ChatModel
from vedder_core.chat.opening import open_chat_model
from vedder_core.closing import Closing
from vedder_core.context.health_history import HealthHistory
from vedder_core.context.index import ContextReader
from vedder_core.conversation import Step, Turn
from vedder_core.embedder.embedder import Embedder, open_embedder
from vedder_core.settings import Settings
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State
from vedder_core.state.feedback import Feedbacks
from vedder_core.state.turn_log import TurnLog
from vedder_core.warehouse.warehouse import Limits, Warehouse, open_warehouse

T = TypeVar("T")


class OnFirstUse(Generic[T]):
    """Makes its part once, by whichever thread asks first."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self.made: T | None = None

    def __call__(self) -> T:
        """The part. Raises what making it raises."""
        if self.made is not None:
            return self.made
        with self._lock:
            if self.made is None:
                self.made = self._make()
            return self.made


class Parts(Closing):
    """What answering takes, wired by the settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.waiting_room = WaitingRoom()
        self.healths = HealthHistory(settings.context)
        self.looked_at = LookedAtTimes(self.healths)
        self.embedder: OnFirstUse[Embedder] = OnFirstUse(lambda: open_embedder(settings))
        self.warehouse: OnFirstUse[Warehouse] = OnFirstUse(lambda: _warm(settings.warehouse))
        self._chat: OnFirstUse[tuple[ChatModel | None]] = OnFirstUse(lambda: (open_chat_model(settings),))
        self.shelf: OnFirstUse[ContextReader] = OnFirstUse(lambda: ContextReader(settings.context))
        """The context to read and list, without an embedder."""
        self.reader: OnFirstUse[ContextReader] = OnFirstUse(lambda: ContextReader(settings.context, self.embedder()))
        """The context to search."""
        self.state: OnFirstUse[State] = OnFirstUse(lambda: State.open(settings.state))
        self.turns: OnFirstUse[Turns] = OnFirstUse(lambda: Turns(self.state(), self._answer))
        """The turns of conversations, without workers: for what is answered here and now."""
        self.running: OnFirstUse[Turns] = OnFirstUse(self._start)
        """The turns with workers that answer them."""

    @property
    def limits(self) -> Limits:
        """Of one query."""
        return Limits(self.settings.query_seconds, self.settings.query_rows, self.settings.query_bytes)

    def asker(self) -> Asker:
        """Raises SettingsError, EmbedderError or WarehouseError."""
        allowance = _allowance(self.settings)
        return Asker(self.reader(), self.embedder(), self.warehouse(), self.limits, self.chat_model(), allowance)

    def chat_model(self) -> ChatModel | None:
        """The chat model that is set, or None. Raises SettingsError or ChatModelError."""
        (chat,) = self._chat()
        return chat

    def conversations(self) -> Conversations:
        """The conversations as they are kept. Raises StateError."""
        return Conversations(self.state())

    def feedbacks(self) -> Feedbacks:
        """What people think of answers. Raises StateError."""
        return Feedbacks(self.state())

    def replay(self, turn: Turn) -> Replay:
        """What a turn's answer gives now. Raises NotAnAnswer, ContextError or WarehouseError."""
        return replay(turn, reader=self.shelf(), warehouse=self.warehouse(), limits=self.limits)

    def check_answering(self) -> None:
        """Raise, before a question is stored, what keeps every question from being answered."""
        self.asker()
        if not self.reader().has_read:
            self.reader().snapshot()

    def _answer(self, turn: TurnLog, earlier: Sequence[Turn]) -> Iterator[Step]:
        yield from self.asker().ask(turn.question, turn, earlier)

    def _start(self) -> Turns:
        turns = self.turns()
        turns.start()
        return turns

    def stop(self) -> None:
        """Stop the workers. What they were at stays queued for the next process, or for another one at once."""
        if self.running.made is not None:
            self.running.made.stop()

    def close(self) -> None:
        """Stop, and close what was opened."""
        self.stop()
        if self.warehouse.made is not None:
            self.warehouse.made.close()
        if self.state.made is not None:
            self.state.made.close()


def _warm(url: str) -> Warehouse:
    opened = open_warehouse(url)
    opened.warm()
    return opened


def _allowance(settings: Settings) -> Allowance:
    return Allowance(
        calls=settings.turn_calls,
        tokens=settings.turn_tokens,
        money=settings.turn_money,
        seconds=settings.turn_seconds,
        bytes=settings.turn_bytes,
        context_tokens=settings.context_tokens,
        prompt_price=settings.chat_prompt_price,
        completion_price=settings.chat_completion_price,
    )
