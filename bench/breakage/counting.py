"""What is right, wrong or missed of what the product says after a change."""

from collections.abc import Iterator, Mapping

from bench.breakage.changes import Change
from bench.breakage.held import Held
from bench.breakage.labs import Failed, Outcome, Ran, Side
from bench.breakage.tally import Tally
from bench.breakage.worlds import World
from vedder_core.errors import VedderError
from vedder_core.repair import Repair
from vedder_core.schema import Catalog
from vedder_core.schema_change import ColumnMoved, ColumnRenamed, SchemaDiff, TableRenamed
from vedder_core.sql.references import references
from vedder_pipelines.validation import VerdictReport


def count_verdicts(
    held: Held, change: Change, after: Mapping[str, Outcome], report: VerdictReport, tally: Tally
) -> None:
    said = report.broken()
    tally.add(change.kind, "cases", len(after))
    for slug, outcome in after.items():
        broken = isinstance(outcome, Failed) and not outcome.binds
        tally.add(change.kind, "broken", int(broken))
        tally.add(change.kind, "found", int(broken and slug in said))
        if broken == (slug in said):
            continue
        what = "missed" if broken else "false alarm"
        tally.add(change.kind, what)
        why = outcome.reason if isinstance(outcome, Failed) else said[slug].reason
        tally.say(f"{what}: {held.place(change, slug)}: {why.splitlines()[0]}\n    {held.world.pairs[slug].raw!r}")


def count_touched(held: Held, change: Change, report: VerdictReport, tally: Tally) -> None:
    """Exactly those pairs are judged again that read what was changed, themselves or through a view."""
    wanted = {slug for slug, tables in held.reads.items() if tables & change.touched}
    again = set(report.rejudged)
    tally.add(change.kind, "touched", len(wanted))
    tally.add(change.kind, "judged again", len(again))
    tally.add(change.kind, "engine asked", len(report.asked))
    for slug in sorted(again ^ wanted):
        what = "judged needlessly" if slug in again else "not judged again"
        tally.add(change.kind, what)
        tally.say(f"{what}: {held.place(change, slug)}")


def count_renames(change: Change, diff: SchemaDiff, dialect: str, tally: Tally) -> None:
    """Each true rename once: is it in the diff? And how many renames does the diff name that were none?"""
    said = {}
    for one in diff.changes:
        if isinstance(one, TableRenamed):
            said[one.table] = one.now
        elif isinstance(one, ColumnRenamed):
            said[f"{one.table}.{one.column}"] = f"{one.table}.{one.now}"
        elif isinstance(one, ColumnMoved):
            said[f"{one.table}.{one.column}"] = f"{one.to_table}.{one.to_column}"
    true = {**change.tables, **change.columns}
    if dialect == "duckdb":
        true = {old: new for old, new in true.items() if old.casefold() != new.casefold()}
    what = "moves" if any(_table(old) != _table(new) for old, new in change.columns.items()) else "renames"
    for old, new in true.items():
        tally.add(change.kind, what)
        tally.add(change.kind, f"{what} in the diff", int(said.get(old) == new))
        if said.get(old) != new:
            tally.say(f"not in the diff: {old} is {new} ({change.kind}); said {said.get(old)}")
    for old, new in said.items():
        if old not in true and old.casefold() != new.casefold():
            tally.add(change.kind, "renames that were none")
            tally.say(f"no rename: {old} said to be {new} ({change.kind}: {'; '.join(change.statements)[:200]})")


def _table(dotted: str) -> str:
    return dotted.rpartition(".")[0]


def count_names(held: Held, change: Change, after: Mapping[str, Outcome], report: VerdictReport, tally: Tally) -> None:
    """Of broken pairs whose verdict names what was renamed: does it name what it is called now?"""
    true = {old.casefold(): new for old, new in (*change.tables.items(), *change.columns.items())}
    for slug, verdict in report.broken().items():
        gone = verdict.missing_table or verdict.missing_column
        if slug not in after or not isinstance(after[slug], Failed) or not true:
            continue
        tally.add(change.kind, "broken by a rename")
        new = true.get((gone or "").casefold())
        if new is None:
            tally.add(change.kind, "not named what is gone")
            continue
        table = change.tables.get((verdict.missing_table or ""), _table(gone or ""))
        right = (verdict.probably or "").casefold() in (new.casefold(), new.removeprefix(f"{table}.").casefold())
        tally.add(change.kind, "right new name", int(right))
        if not right:
            tally.say(f"wrong new name: {held.place(change, slug)}: {gone} probably {verdict.probably}")


def count_repair(held: Held, change: Change, side: Side, repair: Repair, catalog: Catalog, tally: Tally) -> None:
    """A repair is right when it gives the rows that the pair gave, here and with other rows, of the right columns."""
    pair = held.world.pairs[repair.slug]
    sql = pair.filled(repair.sql)
    here, there = side.rows.ask(sql), side.others.ask(sql)
    was, other = held.outcomes[repair.slug], held.others[repair.slug]
    same = isinstance(here, Ran) and here.rows == was.rows
    alike = not isinstance(other, Ran) or (isinstance(there, Ran) and there.rows == other.rows)
    meant = _means(held, change, pair.raw, sql, catalog)
    right = same and alike and meant
    tally.add(change.kind, "repairs")
    tally.add(change.kind, "repairs that are right", int(right))
    tally.add(change.kind, "repairs proven", int(repair.proof.proven))
    if not right:
        tally.say(f"wrong repair: {held.place(change, repair.slug)}: {same=} {alike=} {meant=}\n    {sql!r}")
    if repair.proof.proven and not right:
        tally.add(change.kind, "wrong repairs proven")


def _means(held: Held, change: Change, raw: str, sql: str, catalog: Catalog) -> bool:
    """Does the repaired SQL name the columns that the old ones truly became?

    Where some went to another table, a column is as good as what a view took it from, and a copy as good as both.
    """
    try:
        old = references(raw, dialect=catalog.dialect, catalog=held.catalog).columns
        new = references(sql, dialect=catalog.dialect, catalog=catalog).columns
    except VedderError:
        return False
    named = {f"{table}.{column}".casefold() for table, column in new}
    places = [f"{table}.{column}" for table, column in old]
    if any(_table(before) != _table(now) for before, now in change.columns.items()):
        return all(any(now.casefold() in named for now in _now(held.world, change, place)) for place in places)
    return {change.column_now(place).casefold() for place in places} == named


def _now(world: World, change: Change, place: str) -> Iterator[str]:
    """Where the rows of a column can be read after a change."""
    while True:
        yield change.column_now(place)
        if place in change.copies:
            yield change.copies[place]
        table, _, column = place.rpartition(".")
        view = world.views.get(table)
        if view is None or column not in view.columns:
            return
        place = f"{view.below}.{view.columns[column]}"
