"""One question with a known answer, asked once: how far it came, and what it took.

Each stage is what the ones after it need: the cluster, its datasets, their columns, SQL that the guard lets through and
the engine runs, and in the end the same result. Deliberately not here: many of them (`evaluation`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TypeGuard

from vedder_api.agent.showing_veil import veil_of
from vedder_api.agent.taught import content_of
from vedder_api.agent.tools.run_sql import RunSql
from vedder_api.agent.tools.tool import Desk
from vedder_api.ask import Asker, Asking
from vedder_api.cells import rows_of
from vedder_api.evaluation.golden import Golden, QuestionsError
from vedder_api.evaluation.results import likeness
from vedder_core.answer import Answer, GaveUp, NotCovered, Outcome, Row, Spent
from vedder_core.context.entry import DatasetCard, Payload, TaughtPair
from vedder_core.context.snapshot import Snapshot
from vedder_core.conversation import MemoryJournal
from vedder_core.errors import QueryRefused, WarehouseError
from vedder_core.evaluation import Likeness, Trial
from vedder_core.schema import Catalog, Table
from vedder_core.sql.guard import Granted, guard
from vedder_core.sql.ordering import sort_places
from vedder_core.sql.references import References, references
from vedder_core.warehouse.warehouse import Limits, Warehouse

LIKENESSES: tuple[Likeness, ...] = ("same", "holds", "differs")  # the best first
GOLD_SECONDS = 60.0


@dataclass(frozen=True)
class Gold:
    """The rows that are right for each gold SQL, the columns that order them, and what the first SQL touches."""

    results: tuple[tuple[Sequence[Row], tuple[int, ...]], ...]
    touched: References

    @property
    def is_hollow(self) -> bool:
        """Is one of them empty, or nothing but 0 and NULL? Many a wrong query comes to that as well."""
        return any(all(cell in (0, None) for row in rows for cell in row) for rows, _ in self.results)


def gold_of(golden: Golden, snapshot: Snapshot, warehouse: Warehouse, limits: Limits) -> Gold:
    """Run every gold SQL, through the guard as every query. `limits` are those of an answer.

    Raises QueryRefused or WarehouseError where one does not run, QuestionsError where no answer can hold its rows.
    """
    limits = replace(limits, seconds=max(limits.seconds, GOLD_SECONDS))
    tables, veil = _tables(snapshot), veil_of(snapshot)
    granted = Granted(tables, {name: veil.hidden_of(name) for name in tables})
    results = []
    for sql in golden.sqls:
        query = guard(sql, granted, dialect=warehouse.dialect, parameters=golden.parameters)
        result = warehouse.run(query, limits)
        if result.truncated:
            raise QuestionsError(
                f"It returns more than the {limits.rows:,} rows or {limits.bytes:,} bytes that an answer may hold.",
                hint="Ask for less, or set VEDDER_QUERY_ROWS and VEDDER_QUERY_BYTES higher.",
            )
        places = sort_places(sql, result.table.column_names, dialect=warehouse.dialect)
        results.append((rows_of(result.table), places))
    return Gold(tuple(results), _touched(golden.sqls[0], tables, warehouse))


def attempt(golden: Golden, gold: Gold, asker: Asker, *, number: int) -> Trial:
    """Ask once, in a conversation of its own that nobody keeps."""
    journal = MemoryJournal()
    asking = Asking(asker, golden.question, journal)
    began = perf_counter()
    try:
        outcome = asking.outcome()
    except (QueryRefused, WarehouseError) as error:
        return _failed(golden, number, error.message, asking.spent)
    seconds = round(perf_counter() - began, 3)
    desk, written, spent = asking.desk, _written(journal), asking.spent
    rows = outcome.rows if isinstance(outcome, Answer) else None
    last = next(reversed(desk.queries.values()), None)
    sql = outcome.sql if isinstance(outcome, Answer) else last.asked if last else ""
    return Trial(
        golden=golden.id,
        question=golden.question,
        number=number,
        kind=outcome.kind,
        trust=outcome.trust if isinstance(outcome, Answer) else "",
        cluster_chosen=None if golden.cluster is None else golden.cluster in _chosen(outcome),
        datasets_recalled=_share(gold.touched.tables, _seen(desk)),
        columns_recalled=_columns(gold, sql, desk),
        guarded=isinstance(outcome, Answer) or any(_passes(sql, desk) for sql in written),
        executed=isinstance(outcome, Answer) or bool(desk.queries),
        result="differs" if rows is None else _best(gold, rows),
        sql=outcome.sql if isinstance(outcome, Answer) else "",
        prompt_tokens=spent.prompt_tokens if spent else 0,
        completion_tokens=spent.completion_tokens if spent else 0,
        money=spent.money if spent else None,
        seconds=seconds,
        problem=outcome.reason if isinstance(outcome, NotCovered | GaveUp) else "",
        hollow=gold.is_hollow,
    )


def _failed(golden: Golden, number: int, problem: str, spent: Spent | None) -> Trial:
    return Trial(
        golden.id,
        golden.question,
        number,
        "failed",
        prompt_tokens=spent.prompt_tokens if spent else 0,
        completion_tokens=spent.completion_tokens if spent else 0,
        money=spent.money if spent else None,
        problem=problem,
    )


def _written(journal: MemoryJournal) -> Iterator[str]:
    """Every SQL that the model wanted to run."""
    for step in journal.steps.values():
        if step.kind == "tool_result" and step.payload.get("tool") == RunSql.name:
            try:
                sql = json.loads(str(step.payload["arguments"]))["sql"]
            except (ValueError, TypeError, KeyError):
                continue  # arguments that are no JSON object with SQL
            yield str(sql)


def _passes(sql: str, desk: Desk) -> bool:
    try:
        guard(sql, desk.granted(), dialect=desk.warehouse.dialect)
    except QueryRefused:
        return False
    return True


def _seen(desk: Desk) -> frozenset[str]:
    """The datasets that the model was shown, as cards or in the SQL of pairs."""
    contents = map(content_of, desk.shown.values())
    named = ((c.dataset.name,) if isinstance(c, DatasetCard) else c.datasets for c in contents if _has_datasets(c))
    return frozenset(name.casefold() for names in named for name in names)


def _has_datasets(content: Payload) -> TypeGuard[DatasetCard | TaughtPair]:
    return isinstance(content, DatasetCard | TaughtPair)


def _columns(gold: Gold, sql: str, desk: Desk) -> float | None:
    """The share of the gold SQL's columns that this SQL uses; None where the gold SQL uses none.

    Where nothing ran, none was used: what declines must not look better than what tries.
    """
    if not gold.touched.columns:
        return None
    if not sql:
        return 0.0
    used = _touched(sql, _tables(desk.snapshot), desk.warehouse).columns
    return _share((f"{table}.{column}" for table, column in gold.touched.columns), (f"{t}.{c}" for t, c in used))


def _share(wanted: Iterable[str], found: Iterable[str]) -> float:
    needed = {name.casefold() for name in wanted}
    return len(needed & {name.casefold() for name in found}) / len(needed) if needed else 1.0


def _best(gold: Gold, rows: Sequence[Row]) -> Likeness:
    """The best likeness to any of the gold results."""
    found = {likeness(wanted, rows, ordered_by=places) for wanted, places in gold.results}
    return next(kind for kind in LIKENESSES if kind in found)


def _tables(snapshot: Snapshot) -> Mapping[str, Table]:
    return {card.table.name: card.table for card in _cards(snapshot) if card.table is not None}


def _chosen(outcome: Outcome) -> frozenset[str]:
    """The clusters that an answer uses; without an answer, the one that the question is nearest to."""
    clusters = outcome.clusters if isinstance(outcome, Answer) else outcome.clusters[:1]
    return frozenset(cluster.name for cluster in clusters)


def _cards(snapshot: Snapshot) -> Iterator[DatasetCard]:
    contents = (content_of(entry) for entry in snapshot.entries(kinds=("dataset",)))
    return (content for content in contents if isinstance(content, DatasetCard))


def _touched(sql: str, tables: Mapping[str, Table], warehouse: Warehouse) -> References:
    catalog = Catalog(warehouse.engine, warehouse.dialect, tables)
    return references(sql, dialect=warehouse.dialect, catalog=catalog)
