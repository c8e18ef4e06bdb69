"""An answer once more: the same SQL with the same values, and what became of the context that it rests on.

What may be read is decided by the context of then and of now: nothing that was hidden or taken away since is read or
shown again. Who may see a turn, and where turns are kept, is the caller's matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from vedder_api.agent.taught import cards_of, content_of, typed
from vedder_api.cells import rows_of
from vedder_api.replay_entries import EntryThenAndNow, entries_then_and_now, hidden_in
from vedder_api.replay_rows import Difference, Rows, SameAs, compare
from vedder_core.answer import Answer, Row
from vedder_core.context.entry import DatasetCard, Entry, TaughtPair
from vedder_core.context.index import ContextReader
from vedder_core.context.snapshot import Snapshot
from vedder_core.conversation import Turn
from vedder_core.errors import ContextError, QueryFailed, QueryRefused, QueryTimeout, VedderError, WarehouseError
from vedder_core.sql.guard import Granted, GuardedQuery, ParameterValue, guard
from vedder_core.sql.resolved import resolved
from vedder_core.sql.results import is_ordered
from vedder_core.warehouse.warehouse import Limits, Unbound, Warehouse


class NotAnAnswer(VedderError):
    """The turn did not end with an answer, so there is nothing to run again."""


@dataclass(frozen=True, slots=True)
class Rerun:
    """One query of the answer, run again. `said` is how it went, in a sentence.

    `refused`: it may not be read any more; `failed`: the warehouse does not run it any more, or not in time.
    """

    sql: str
    kind: SameAs | Literal["refused", "failed"]
    said: str
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    truncated: bool = False
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Replay:
    """What an answer's queries give now, the one that answers first, and the entries of the context then and now.

    `version_then` is the context that answered and `version_now` the newest; `kept` says that the first can be read.
    """

    turn: str
    question: str
    asked_at: datetime
    replayed_at: datetime
    version_then: int
    version_now: int
    kept: bool
    said: str
    queries: tuple[Rerun, ...]
    entries: tuple[EntryThenAndNow, ...]
    kind: Literal["replay"] = "replay"


def replay(turn: Turn, *, reader: ContextReader, warehouse: Warehouse, limits: Limits) -> Replay:
    """Run an answer's queries again and compare. Raises NotAnAnswer, ContextError or WarehouseError."""
    answer = turn.outcome
    if not isinstance(answer, Answer):
        raise NotAnAnswer("This question did not end with an answer.", hint="Only an answer can be run again.")
    now = reader.snapshot()
    version = answer.receipt.context_version
    then = _opened(reader, version)
    again = _Again(answer, then or now, now, warehouse, limits)
    queries = again.queries()
    entries = entries_then_and_now(answer, then, now)
    return Replay(
        turn=turn.id,
        question=answer.question,
        asked_at=answer.receipt.asked_at,
        replayed_at=datetime.now(UTC),
        version_then=version,
        version_now=now.version,
        kept=then is not None,
        said=_said(queries, entries, kept=then is not None, version=version),
        queries=queries,
        entries=entries,
    )


def _opened(reader: ContextReader, version: int) -> Snapshot | None:
    try:
        return reader.at(version)
    except ContextError:  # not kept any more; that the store itself fails would have shown before
        return None


def _said(queries: tuple[Rerun, ...], entries: tuple[EntryThenAndNow, ...], *, kept: bool, version: int) -> str:
    other = [one for one in entries if one.state != "unchanged"]
    changed = (
        f"{len(other)} of {len(entries)} entries that it saw changed since." if other else "Its context is as it was."
    )
    lost = (
        "" if kept else f" Version {version} of the context is not kept any more: the newest one said what may be read."
    )
    return f"{queries[0].said} {changed}{lost}"


class _Again:
    """The queries of one answer, run again with what both contexts allow."""

    def __init__(self, answer: Answer, then: Snapshot, now: Snapshot, warehouse: Warehouse, limits: Limits) -> None:
        self._answer = answer
        self._then = then
        self._warehouse = warehouse
        self._limits = limits
        used = [one.name for one in answer.clusters]
        self._cards = cards_of(then.entries(kinds=("dataset",), clusters=used)) if used else {}
        self._granted = _granted(self._cards, then, now)

    def queries(self) -> tuple[Rerun, ...]:
        """The one that answers, and the others that it cites."""
        answer, main = self._answer, Rows(self._answer.columns, self._answer.rows, self._answer.truncated)
        further = (self._rerun(one.asked, Rows(one.columns, one.rows, one.truncated), {}) for one in answer.further)
        return (self._rerun(answer.receipt.sql_asked, main, self._parameters()), *further)

    def _rerun(self, sql: str, then: Rows, parameters: Mapping[str, ParameterValue]) -> Rerun:
        try:
            query = guard(sql, self._granted, dialect=self._warehouse.dialect, parameters=parameters)
        except QueryRefused as refused:
            return Rerun(sql, "refused", f"The SQL may not run any more. {refused.message}")
        try:
            result = self._warehouse.run(query, self._limits)
        except (QueryFailed, QueryTimeout, QueryRefused) as failed:
            return Rerun(sql, "failed", self._why(sql, query, failed))
        now = Rows(tuple(result.table.column_names), rows_of(result.table), result.truncated)
        shape = resolved(sql, self._granted.tables.values(), dialect=self._warehouse.dialect)
        compared = compare(then, now, ordered=shape is not None and is_ordered(shape))
        return Rerun(sql, compared.kind, compared.said, now.columns, now.rows, now.truncated, compared.differences)

    def _why(self, sql: str, query: GuardedQuery, failed: VedderError) -> str:
        """What is missing, where the SQL itself names it: other names could be of what may not be seen."""
        bound = self._bound(query) if isinstance(failed, QueryFailed) else None
        if bound is None:
            return f"The SQL was not run to its end. {failed.message}"
        missing = (bound.missing or "").rpartition(".")[2]
        named = missing and missing.casefold() in sql.casefold()
        what = f" There is no {bound.missing_kind or 'name'} `{missing}` any more." if named else ""
        return f"The SQL does not run any more.{what}"

    def _bound(self, query: GuardedQuery) -> Unbound | None:
        try:
            bound = self._warehouse.bind(query)
        except (QueryRefused, WarehouseError):
            return None
        return bound if isinstance(bound, Unbound) else None

    def _parameters(self) -> dict[str, ParameterValue]:
        """The values as they were, not as the texts that the receipt has: by the pair's declarations of then."""
        texts = self._answer.receipt.parameters
        ids = [source.entry for source in self._answer.sources if source.kind == "pair"]
        pairs = [taught for entry in self._then.get(ids) if (taught := _same_sql(entry, self._answer)) is not None]
        if not texts or not pairs:
            return dict(texts)
        taught = pairs[0]
        known = {name: text for name, text in texts.items() if name in taught.pair.parameters}
        values = {name: _read(text, taught.pair.parameters[name].type) for name, text in known.items()}
        return {**texts, **typed(taught, values, self._cards)}


def _same_sql(entry: Entry, answer: Answer) -> TaughtPair | None:
    content = content_of(entry)
    return content if isinstance(content, TaughtPair) and content.pair.sql == answer.receipt.sql_asked else None


def _read(text: str, kind: str | None) -> ParameterValue:
    """A value of a type, from the text that the receipt made of it."""
    try:
        match kind:
            case "integer" | "month":
                return int(text)
            case "number":
                return float(text) if any(mark in text for mark in ".eE") else int(text)
            case "date":
                return date.fromisoformat(text)
            case "boolean":
                return text.casefold() == "true"
    except ValueError:
        return text
    return text


def _granted(cards: Mapping[str, DatasetCard], then: Snapshot, now: Snapshot) -> Granted:
    """The datasets of then that some cluster still lists, as they are now, less what any cluster hid or hides."""
    current = cards_of(now.entries(kinds=("dataset",)))
    hidden_then, hidden_now = hidden_in(then), hidden_in(now)
    tables, hidden = {}, {}
    for name in cards:
        table = current[name].table if name in current else None
        if table is not None:
            folded = name.casefold()
            tables[table.name] = table
            hidden[table.name] = hidden_then.get(folded, frozenset()) | hidden_now.get(folded, frozenset())
    return Granted(tables, hidden)
