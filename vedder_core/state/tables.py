"""The tables of the state database, the same for SQLite and PostgreSQL. How they came about is in `migrations`.

Conversations, steps, outcomes and feedback are only ever added to; of a turn, only its state changes, and its lease.
The whole outcome of a turn is the payload of its last step; `outcome` holds what owners see of it, without any row.
Times are the database's own, so that processes with different clocks agree on whose lease has run out.
"""

import json
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator


class Words(TypeDecorator[str]):
    """Text from people and models: NUL and broken surrogates, which databases do not take, become `�`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else storable(value)


class Json(TypeDecorator[JsonValue]):
    """JSON as text: the same in both databases, and read back only by those who want what is in it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: JsonValue, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def process_result_value(self, value: str | None, dialect: Dialect) -> JsonValue:  # noqa: ARG002
        read: JsonValue = None if value is None else json.loads(value)
        return read


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, to the millisecond at least."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Now(FunctionElement[datetime]):
    """The database's time, some seconds from now."""

    type = Moment()
    inherit_cache = True

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(literal(float(seconds)))


@compiles(Now, "sqlite")
def _now_in_sqlite(element: Now, compiler: SQLCompiler, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', printf('%+.3f seconds', {seconds}))"


@compiles(Now, "postgresql")
def _now_in_postgresql(element: Now, compiler: SQLCompiler, **options: Any) -> str:
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **options)}))"


def storable(text: str) -> str:
    """The text as every database takes it."""
    whole = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return whole if whole.isascii() else whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


OPEN = text("state IN ('queued', 'running')")

metadata = MetaData()

conversation = Table(
    "conversation",
    metadata,
    Column("id", String, primary_key=True),
    Column("caller", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("started_at", Moment, nullable=False),
    Index("conversation_of_caller", "caller", "id"),
)

turn = Table(
    "turn",
    metadata,
    Column("id", String, primary_key=True),
    Column("conversation", ForeignKey("conversation.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("caller", Words, nullable=False),
    Column("key", Words),
    Column("question", Words, nullable=False),
    Column("understood", Words),
    Column("asked_at", Moment, nullable=False),
    Column("state", String, nullable=False),
    Column("problem", Words),
    Column("ended_at", Moment),
    Column("owner", String),
    Column("epoch", Integer, nullable=False),
    Column("lease_until", Moment),
    UniqueConstraint("conversation", "number", name="turn_number"),
    UniqueConstraint("caller", "key", name="turn_key"),
    Index("turn_open", "asked_at", "id", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("turn_open_once", "conversation", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
)

step = Table(
    "step",
    metadata,
    Column("turn", ForeignKey("turn.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("payload", Json, nullable=False),
    UniqueConstraint("turn", "key", name="step_key"),
)

outcome = Table(
    "outcome",
    metadata,
    Column("turn", ForeignKey("turn.id"), primary_key=True),
    Column("kind", String, nullable=False),
    Column("trust", String),
    Column("sqls", Json, nullable=False),
    Column("columns", Json, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("truncated", Boolean, nullable=False),
)

turn_cluster = Table(
    "turn_cluster",
    metadata,
    Column("cluster", String, primary_key=True),
    Column("turn", ForeignKey("turn.id"), primary_key=True),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", String, primary_key=True),
    Column("turn", ForeignKey("turn.id"), nullable=False),
    Column("caller", Words, nullable=False),
    Column("key", Words),
    Column("verdict", String, nullable=False),
    Column("comment", Words, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("caller", "key", name="feedback_key"),
    Index("feedback_of_turn", "turn"),
)

evaluation = Table(
    "evaluation",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("questions", Words, nullable=False),
    Column("variant", String, nullable=False),
    Column("rounds", Integer, nullable=False),
    Column("context_version", Integer, nullable=False),
    Column("embedder", String, nullable=False),
    Column("model", Words, nullable=False),
    Column("prompt_hash", String, nullable=False),
    Column("trials", Json, nullable=False),
    Index("evaluation_of_questions", "questions", "at"),
)
