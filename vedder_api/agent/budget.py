"""The one place where the chat model is asked, and so the one place where every limit of a turn is checked.

Limits are of calls, tokens, money, wall time, and of what queries returned. Retries are the chat model's own business
and count as one call; how many requests they made is told beside it. Deliberately not here: what is said to the model
(`loop`, `prompt`).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from vedder_core.answer import Limit, Spent
from vedder_core.chat.chat_model import ChatModel, ChatModelError, Message, Reply, Tokens, ToolShape, estimated_tokens
from vedder_core.errors import VedderError

LONGEST_REPLY = 2_000  # tokens: a long query and its answer in words
LEAST_SECONDS = 1.0  # with less time left a model is not asked any more


NOTHING = Tokens(0, 0)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one question may take. Prices are of a million tokens; `money` needs them."""

    calls: int = 12
    tokens: int = 150_000
    money: float | None = None
    seconds: float = 180.0
    bytes: int = 32_000_000
    context_tokens: int = 6_000
    prompt_price: float | None = None
    completion_price: float | None = None


class LimitReached(VedderError):
    """A limit of the turn is reached; `limit` says which."""

    def __init__(self, limit: Limit, message: str, *, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.limit = limit


@dataclass
class Budget:
    """What one turn has taken of its chat model. Replies of before a crash are booked and so count."""

    chat: ChatModel
    allowance: Allowance
    clock: Callable[[], float] = monotonic
    calls: int = 0
    requests: int = 0
    tokens: Tokens = NOTHING
    bytes_left: Callable[[], int] = lambda: 1
    context: dict[str, int] = field(default_factory=dict)
    bytes_over: bool = False
    """The model was asked after the last byte was used up: once it may be, to end with what it has."""

    def __post_init__(self) -> None:
        self.began = self.clock()

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolShape] = ()) -> Reply:
        """Ask the model once, and book what it took. Raises LimitReached or ChatModelError."""
        left = self.seconds_left()
        self._check(messages, tools, left)
        try:
            reply = self.chat.reply(messages, tools, most_tokens=LONGEST_REPLY, seconds=left)
        except ChatModelError as error:
            self.requests += error.requests
            raise
        self.book(reply)
        return reply

    def book(self, reply: Reply) -> None:
        """Count a reply."""
        self.calls += 1
        self.requests += reply.requests
        self.tokens += reply.tokens
        self.bytes_over = self.bytes_left() <= 0

    def passed(self, seconds: float) -> None:
        """Count time that the turn took before a crash; how long it lay there counts for nothing."""
        self.began -= seconds

    def seconds_left(self) -> float:
        """Of the turn's wall time."""
        return self.allowance.seconds - (self.clock() - self.began)

    def is_last(self) -> bool:
        """Is the next call the last one that is allowed?"""
        return self.calls == self.allowance.calls - 1 or self.bytes_left() <= 0

    def money(self, tokens: Tokens) -> float | None:
        """The price of so many tokens; None where no prices are set."""
        read, written = self.allowance.prompt_price, self.allowance.completion_price
        if read is None and written is None:
            return None
        return round((tokens.prompt * (read or 0.0) + tokens.completion * (written or 0.0)) / 1e6, 6)

    def spent(self, prompt_hash: str) -> Spent:
        """For the receipt."""
        return Spent(
            model=self.chat.name,
            prompt_hash=prompt_hash,
            calls=self.calls,
            prompt_tokens=self.tokens.prompt,
            completion_tokens=self.tokens.completion,
            estimated=self.tokens.estimated,
            money=self.money(self.tokens),
            context=dict(self.context),
            requests=self.requests,
        )

    def _check(self, messages: Sequence[Message], tools: Sequence[ToolShape], seconds_left: float) -> None:
        allowed = self.allowance
        if self.calls >= allowed.calls:
            raise LimitReached(
                "steps",
                f"The chat model was asked {self.calls} times without coming to an answer.",
                hint="Ask for less at once; VEDDER_TURN_CALLS allows more.",
            )
        if seconds_left < LEAST_SECONDS:
            raise LimitReached(
                "time",
                f"The {allowed.seconds:g} seconds of this question are over.",
                hint="Ask for less at once; VEDDER_TURN_SECONDS allows more.",
            )
        if self.bytes_over:
            raise LimitReached(
                "bytes",
                "The queries of this question returned more than one question may.",
                hint="Ask for totals instead of rows; VEDDER_TURN_BYTES allows more.",
            )
        self._check_tokens(messages, tools)

    def _check_tokens(self, messages: Sequence[Message], tools: Sequence[ToolShape]) -> None:
        """What is about to be sent, and the longest reply to it, count before: a limit found out afterwards is none."""
        prompt = sum(map(size, messages)) + sum(map(tool_size, tools))
        taken = self.tokens + Tokens(prompt, LONGEST_REPLY)
        if taken.prompt + taken.completion > self.allowance.tokens:
            raise LimitReached(
                "tokens",
                f"The next call would take this question beyond its {self.allowance.tokens:,} tokens.",
                hint="Ask for less at once; VEDDER_TURN_TOKENS allows more.",
            )
        price = self.money(taken)
        if self.allowance.money is not None and price is not None and price > self.allowance.money:
            raise LimitReached(
                "money",
                f"The next call would cost more than the {self.allowance.money:g} that one question may.",
                hint="Ask for less at once; VEDDER_TURN_MONEY allows more.",
            )


def size(message: Message) -> int:
    """About how many tokens a message has."""
    return estimated_tokens(message.text) + sum(estimated_tokens(call.name + call.arguments) for call in message.calls)


def tool_size(tool: ToolShape) -> int:
    """About how many tokens a tool takes of every prompt."""
    return estimated_tokens(tool.name + tool.guide + json.dumps(dict(tool.arguments)))
