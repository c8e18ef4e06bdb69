"""A chat model that can only imitate: it runs the SQL of the vetted pair that is worded most like the question.

What comes of it is the context's merit and no intelligence of its own, and the same each time: so it serves trials that
ask how much a context helps, and costs nothing. Deliberately not here: any judgement about the data.
"""

import calendar
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vedder_core.chat.calls import with_unique_ids
from vedder_core.chat.chat_model import Message, Reply, ToolCall, ToolShape
from vedder_core.chat.counting import counted

PAIR = re.compile(
    r"^### Pair `[^`\n]+`\nQuestion: (?P<asked>[^\n]+)\n(?P<rest>(?:(?!#|`{3})[^\n]*\n)*)"
    r"(?P<fence>`{3,})sql\n(?P<sql>.*?)\n(?P=fence)",
    re.MULTILINE | re.DOTALL,
)
ALSO = re.compile(r"^Also asked as: (.+)$", re.MULTILINE)
BLANK = re.compile(r"^- `:(\w+)`: (.+)$", re.MULTILINE)
DEFAULT = re.compile(r"(?:\"([^\"]*)\"|(\S+)) where the question does not say")
QUESTION = "# The question\n"
NEAR = 0.25
"""Of all words of question and pair together; with fewer in common it declines."""

MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_name) if name}


@dataclass(frozen=True, slots=True)
class _Pair:
    wordings: tuple[str, ...]
    blanks: tuple[tuple[str, str], ...]
    sql: str


@dataclass
class ImitatingChatModel:
    """Calls `run_sql` once, then `finish`; `not_covered` where no pair is near enough or its SQL does not run."""

    name: str = "imitating"

    def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolShape] = (),
        *,
        most_tokens: int,  # noqa: ARG002 (its replies are short)
        seconds: float,  # noqa: ARG002 (it answers at once)
    ) -> Reply:
        """The next call; which one follows from the messages alone."""
        name, arguments = _next(messages)
        calls = with_unique_ids([ToolCall("", name, json.dumps(arguments, ensure_ascii=False))], messages)
        return Reply("", calls, counted("", calls, messages, tools), "tools")


def _next(messages: Sequence[Message]) -> tuple[str, dict[str, object]]:
    results = [message.text for message in messages if message.role == "tool"]
    if not results:
        sql = _imitated("\n".join(message.text for message in messages if message.role == "user"))
        return ("run_sql", {"sql": sql}) if sql else ("not_covered", {"reason": "No vetted pair is worded like it."})
    query = json.loads(results[-1]).get("query")
    if query is None:
        return "not_covered", {"reason": "The SQL of the nearest vetted pair does not run."}
    return "finish", {"answer": "The rows are those of the nearest vetted pair's SQL.", "queries": [query]}


def _imitated(sight: str) -> str | None:
    """The SQL of the pair that is nearest in words, its blanks filled from the question."""
    question = sight.rpartition(QUESTION)[2].partition("\n\n")[0]
    asked = _words(question)
    scored = [(max(_likeness(asked, _words(one)) for one in pair.wordings), pair) for pair in _pairs(sight)]
    score, nearest = max(scored, key=lambda found: found[0], default=(0.0, None))
    return _filled(nearest, question) if nearest is not None and score >= NEAR else None


def _pairs(sight: str) -> Iterator[_Pair]:
    for found in PAIR.finditer(sight):
        also = ALSO.search(found["rest"])
        wordings = (found["asked"], *(also[1].split("; ") if also else ()))
        blanks = tuple((blank[1], blank[2]) for blank in BLANK.finditer(found["rest"]))
        yield _Pair(wordings, blanks, found["sql"])


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", re.sub(r"\{\w+\}", " ", text.casefold())))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def _filled(pair: _Pair, question: str) -> str:
    sql = pair.sql
    for name, told in pair.blanks:
        sql = re.sub(rf":{name}\b", lambda _, told=told: _value(told, question), sql)  # type: ignore[misc]
    return sql


def _value(told: str, question: str) -> str:
    """A literal for a blank: one of the values that are told and asked for, a month, a date, a number, the default."""
    folded = question.casefold()
    listed = [value for value in re.findall(r'"([^"]*)"', told) if value.casefold() in folded]
    if told.startswith("a value of"):
        capitals = re.findall(r"\b[A-Z][A-Z0-9]+\b", question)
        return _quoted(max(listed, key=len) if listed else next(iter(capitals), ""))
    month = next((number for name, number in MONTHS.items() if name in folded), None)
    if "month" in told and month is not None:
        return str(month)
    day = re.search(r"\b\d{4}-\d\d-\d\d\b", question)
    if day is not None:
        return f"DATE {_quoted(day[0])}"
    number = re.search(r"\b\d+(?:\.\d+)?\b", question)
    if number is not None:
        return number[0]
    default = DEFAULT.search(told)
    return _quoted(default[1]) if default and default[1] is not None else default[2] if default else "NULL"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
