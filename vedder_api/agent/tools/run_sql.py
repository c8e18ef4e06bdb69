"""The tool that runs one query: through the guard, within the limits, and with errors in our own words."""

from pydantic import BaseModel, Field

from vedder_api.agent.showing_rows import result_frame
from vedder_api.agent.showing_values import listed
from vedder_api.agent.tools.finding import echo, not_open
from vedder_api.agent.tools.tool import Arguments, Desk, ToolError, ToolResult
from vedder_api.cells import rows_of
from vedder_core.answer import RanQuery
from vedder_core.errors import QueryFailed, QueryRefused, QueryTimeout
from vedder_core.problem import did_you_mean
from vedder_core.sql.fences import unfenced
from vedder_core.sql.guard import Granted, GuardedQuery, guard
from vedder_core.sql.parse import SqlProblem
from vedder_core.sql.references import references
from vedder_core.warehouse.warehouse import Bound, Limits, Result, Unbound

MOST_TABLES = 10
"""Of a refused query, looked for in clusters that are not open: each costs a look at every dataset."""

UNBOUND_HINT = (
    "Check it against `look_at_dataset`: often a column is neither grouped nor aggregated, stands in two tables "
    "without an alias, or is compared with a value of another type; or a function gets other arguments."
)


class RunSqlArguments(Arguments):
    """What `run_sql` takes."""

    sql: str = Field(min_length=1, max_length=20_000, description="One SELECT, with values in place of parameters.")


class RunSql:
    """Run one SELECT (WITH is fine) on datasets of open clusters, by their full names; the result comes back as JSON
    with an id for `finish`. Follow the vetted pairs: their joins, filters and columns. Aggregate in SQL: only the first
    rows are shown to you, and whoever asked gets all of them.

    It only reads. Not for finding out which tables or columns there are, and never for asking the engine about itself:
    `look_up` and `look_at_dataset` tell.
    """

    name = "run_sql"
    arguments: type[BaseModel] = RunSqlArguments

    def use(self, given: RunSqlArguments, desk: Desk) -> ToolResult:
        sql = unfenced(given.sql)
        granted = desk.granted()
        query = _guarded(sql, granted, desk)
        result = _run(query, sql, granted, desk)
        ran = RanQuery(
            id=f"q{1 + len(desk.queries)}",
            asked=sql,
            ran=query.sql,
            datasets=tuple(sorted(query.datasets)),
            columns=tuple(result.table.column_names),
            rows=rows_of(result.table),
            truncated=result.truncated,
            milliseconds=round(result.seconds * 1000, 2),
        )
        return ToolResult(result_frame(ran), query=ran)


def checked(sql: str, desk: Desk) -> GuardedQuery:
    """The query that this SQL is, if the engine would run it; nothing is run. Raises ToolError that says why not."""
    granted = desk.granted()
    query = _guarded(sql, granted, desk)
    binding = _bound(query, desk)
    if isinstance(binding, Unbound):
        raise _unbound(binding, query, sql, granted)
    return query


def _guarded(sql: str, granted: Granted, desk: Desk) -> GuardedQuery:
    try:
        return guard(sql, granted, dialect=desk.warehouse.dialect)
    except QueryRefused as refused:
        raise _of_a_closed_cluster(sql, granted, desk) or ToolError(
            refused.message, hint=refused.hint or "Open a cluster first: `open_cluster`."
        ) from refused


def _of_a_closed_cluster(sql: str, granted: Granted, desk: Desk) -> ToolError | None:
    try:
        tables = references(sql, dialect=desk.warehouse.dialect).tables
    except SqlProblem:
        return None
    unknown = [name for name in sorted(tables) if granted.find(name) is None]
    closed = (not_open(name, desk) for name in unknown[:MOST_TABLES])
    return next((error for error in closed if error is not None), None)


def _run(query: GuardedQuery, sql: str, granted: Granted, desk: Desk) -> Result:
    if desk.bytes_left <= 0:
        raise ToolError(
            "The queries of this question have returned all that they may.",
            hint="End with `finish`, citing those that ran.",
        )
    seconds = min(desk.limits.seconds, desk.seconds_left())
    if seconds <= 0:
        raise ToolError("The time of this question is over.", hint="Nothing more can be run.")
    limits = Limits(seconds, desk.limits.rows, min(desk.limits.bytes, desk.bytes_left))
    try:
        return desk.warehouse.run(query, limits, stop=desk.stop)
    except (QueryTimeout, QueryRefused) as stopped:
        raise ToolError(stopped.message, hint=stopped.hint) from stopped
    except QueryFailed as failed:
        raise _failed(failed, query, sql, granted, desk) from failed


def _failed(failed: QueryFailed, query: GuardedQuery, sql: str, granted: Granted, desk: Desk) -> ToolError:
    binding = _bound(query, desk)
    if isinstance(binding, Unbound):
        return _unbound(binding, query, sql, granted)
    return ToolError(failed.message, hint=failed.hint)


def _bound(query: GuardedQuery, desk: Desk) -> Bound | Unbound:
    try:
        return desk.warehouse.bind(query)
    except QueryTimeout as late:
        raise ToolError(late.message, hint=late.hint) from late


def _unbound(binding: Unbound, query: GuardedQuery, sql: str, granted: Granted) -> ToolError:
    """What could not be found, in our words; what the engine says may name what is not granted."""
    missing = (binding.missing or "").rpartition(".")[2]
    if not missing or missing.casefold() not in sql.casefold():
        return ToolError("The SQL does not fit the datasets.", hint=UNBOUND_HINT)
    if binding.missing_kind == "column":
        datasets = tuple(sorted(query.datasets))
        place = listed(datasets, 5) or "this query"
        return ToolError(
            f"There is no column {echo(missing)} in {place}.", hint=did_you_mean(missing, _visible(datasets, granted))
        )
    if binding.missing_kind == "function":
        return ToolError(f"There is no function {echo(missing)}.", hint="Use a function of this SQL dialect.")
    return ToolError(f"{echo(missing)} could not be found.", hint=UNBOUND_HINT)


def _visible(datasets: tuple[str, ...], granted: Granted) -> set[str]:
    tables = [table for name in datasets if (table := granted.find(name)) is not None]
    return {
        column.name
        for table in tables
        for column in table.columns
        if column.name.casefold() not in granted.hidden_of(table)
    }
