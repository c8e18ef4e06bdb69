"""Does the guard let honest PostgreSQL through, does anything escape it on a real server, and what does it cost?

Honest SQL is BIRD's PostgreSQL gold and Spider's gold in PostgreSQL's words, as far as the server binds it, each with a
grant of its own database's tables; what is let through must bind, too. Escapes are sought by random edits of the
guard's corpus. The judge is the server's plan and its own list of what a view of the query would depend on.

    python -m bench.guard_postgres [--mutations 10000] [--seed 1]
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql as pg
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from bench import postgres
from bench.measure import cpu_seconds, print_table
from bench.mutations import judge, open_guard_corpus
from bench.postgres_guard import PostgresOracle, build, in_postgres, plain
from bench.spider import open_spider, to_duckdb
from vedder_core.errors import QueryRefused
from vedder_core.schema import Column, Table
from vedder_core.sql.guard import Granted, guard
from vedder_core.sql.parse import SqlProblem, parse_query
from vedder_core.sql.scope import real_tables

FEWEST_LET_THROUGH = 0.98
FEWEST_ALLOWED_MUTATIONS = 0.05
TYPES = {"text": "text", "number": "double precision", "time": "timestamp", "boolean": "boolean", "others": "text"}
BIRD_TYPES = {"TEXT": "text", "INTEGER": "bigint", "REAL": "double precision", "DATE": "date", "DATETIME": "timestamp"}
ROUNDS = 5


def main(arguments: Sequence[str]) -> int:
    """0 when enough honest SQL is let through and nothing escapes, or nothing can be read or started."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    with ExitStack() as stack:
        try:
            server = stack.enter_context(postgres.server())
        except postgres.NoPostgres as missing:
            print(f"bench.guard_postgres: skipped, {missing}")
            return 0
        passed = [let_through(server), unescaped(server, mutations=chosen.mutations, seed=chosen.seed)]
    return 0 if all(passed) else 1


@dataclass(frozen=True)
class Gold:
    """A database's tables with their columns' types, and the SQL that is asked of it, with tables named in full."""

    schema: str
    tables: Mapping[str, Mapping[str, str]]
    statements: Sequence[str]


def let_through(server: str) -> bool:
    """Is enough of the gold SQL that binds let through, and does it bind then? Prints why the rest does not."""
    rows, missed = [], False
    for name, databases in (("BIRD", _bird()), ("Spider", _spider())):
        counts: Counter[str] = Counter()
        with postgres.database(server) as url, psycopg.connect(plain(url), autocommit=True) as connection:
            connection.execute("SET search_path = ''")
            for gold in databases:
                counts += _judged(gold, connection)
        binds = counts.pop("binds", 0)
        if not binds:
            print(f"bench.guard_postgres: {name} is skipped, it is not in VEDDER_TEST_DATA (default ../shared/data)")
            continue
        asked = counts.pop("asked")
        share = 1 - counts.total() / binds
        rows.append((name, asked, binds, counts.total(), share, FEWEST_LET_THROUGH))
        missed = missed or share < FEWEST_LET_THROUGH
        for reason, times in counts.most_common(10):
            print(f"  {name}: {times} x {reason}")
    print_table(("gold SQL", "statements", "bind", "refused or unbound", "let through", "wanted"), rows)
    return not missed


def _judged(gold: Gold, connection: psycopg.Connection) -> Counter[str]:
    _create(gold, connection)
    tables = {
        f"{gold.schema}.{name}": Table(f"{gold.schema}.{name}", tuple(Column(c, kind) for c, kind in columns.items()))
        for name, columns in gold.tables.items()
    }
    granted, counts = Granted(tables), Counter(asked=len(gold.statements))
    for sql in gold.statements:
        if _unbound(sql, connection):
            continue
        counts["binds"] += 1
        try:
            unbound = _unbound(guard(sql, granted, dialect="postgres").sql, connection)
            counts.update([f"does not bind: {unbound}"] if unbound else [])
        except QueryRefused as refused:
            counts[f"{refused.code}: {refused.message.splitlines()[0]}"] += 1
    return counts


def _create(gold: Gold, connection: psycopg.Connection) -> None:
    connection.execute(pg.SQL("CREATE SCHEMA {}").format(pg.Identifier(gold.schema)))
    for name, columns in gold.tables.items():
        fields = (pg.SQL("{} {}").format(pg.Identifier(c), pg.SQL(kind)) for c, kind in columns.items())
        connection.execute(
            pg.SQL("CREATE TABLE {} ({})").format(pg.Identifier(gold.schema, name), pg.SQL(", ").join(fields))
        )


def _unbound(sql: str, connection: psycopg.Connection) -> str:
    try:
        connection.execute(f"EXPLAIN {sql}".encode())
    except psycopg.Error as error:
        return str(error).splitlines()[0]
    return ""


def _bird() -> Iterator[Gold]:
    spider = open_spider()
    folder = spider.folder.parent / "bird" if spider else Path("bird")
    if not folder.is_dir():
        return
    schemas = json.loads((folder / "schema_with_samples.json").read_text())
    asked = [json.loads(line) for line in (folder / "pairs.jsonl").read_text().splitlines()]
    for database, schema in schemas.items():
        tables = {
            table.lower(): {_lowered(column["name"]): BIRD_TYPES[column["type"]] for column in held["columns"]}
            for table, held in schema["tables"].items()
        }
        own = [q["sql_postgres"] for q in asked if q["db_id"] == database and q["sql_postgres"]]
        yield Gold(database.lower(), tables, [sql for text in own if (sql := _in_full(text, database.lower()))])


def _lowered(name: str) -> str:
    """As the gold names it: without quotes where that is possible."""
    return name.lower() if name.isidentifier() else name


def _in_full(sql: str, schema: str) -> str:
    """The text with a schema before every table's name, and nothing else changed; "" where it cannot be read."""
    try:
        tables = real_tables(parse_query(sql, dialect="postgres"), "postgres")
    except (SqlProblem, SqlglotError):
        return sql
    places = sorted((node.this.meta["start"] for node in tables if not node.db), reverse=True)
    for place in places:
        sql = f"{sql[:place]}{schema}.{sql[place:]}"
    return sql


def _spider() -> Iterator[Gold]:
    spider = open_spider()
    for database, questions in sorted(spider.questions.items()) if spider else ():
        names = spider.names.get(database) if spider else None
        if names is None:
            continue
        kinds: Sequence[str] = names["column_types"]  # type: ignore[typeddict-item]
        tables: dict[str, dict[str, str]] = {table: {} for table in names["table_names_original"]}
        for (number, column), kind in zip(names["column_names_original"], kinds, strict=True):
            if number >= 0:
                tables[names["table_names_original"][number]][column] = TYPES[kind]
        statements = []
        for question in questions:
            try:
                written = to_duckdb(question["sql"], database.lower(), {t: list(own) for t, own in tables.items()})
                statements.append(_unquoted(parse_one(written, read="duckdb")).sql(dialect="postgres"))
            except SqlglotError:
                continue
        lowered = {t.lower(): {c.lower(): kind for c, kind in own.items()} for t, own in tables.items()}
        yield Gold(database.lower(), lowered, statements)


def _unquoted(tree: exp.Expr) -> exp.Expr:
    for name in tree.find_all(exp.Identifier):
        name.set("this", name.name.lower())
    return tree


def unescaped(server: str, *, mutations: int, seed: int) -> bool:
    """Does every allowed edit read only what was granted, and are enough allowed for that to say something?"""
    corpus = open_guard_corpus()
    if corpus is None:
        print("bench.guard_postgres: edits are skipped, there is no `guard` folder in VEDDER_TEST_DATA")
        return True
    rows, passed, allowed = [], True, 0
    with tempfile.TemporaryDirectory() as folder, postgres.database(server) as url:
        build(corpus, Path(folder), url)
        with closing(PostgresOracle(url)) as oracle:
            honest = list(in_postgres(corpus.benign, oracle))
            attacks = [s for s in corpus.hostile if s.dialect in ("postgres", "duckdb") and s.expect != "bounded"]
            for name, statements in (("of honest SQL", honest), ("of attacks", attacks)):
                judged = judge(statements, oracle, mutations=mutations // 2, seed=seed)
                rows.append((name, judged.mutations, judged.allowed, judged.bound, len(judged.escapes)))
                allowed += judged.allowed
                passed = passed and not judged.escapes
                for escape in judged.escapes[:5]:
                    print(f"  escaped: {escape}")
            granted = oracle.granted()
            costs = [_cost(statement.sql, granted) for statement in honest]
    print_table(("edits", "tried", "allowed", "bind", "escapes"), rows)
    print(f"CPU of a check: median {statistics.median(costs) * 1000:.1f} ms")
    return passed and allowed >= FEWEST_ALLOWED_MUTATIONS * mutations


def _cost(sql: str, granted: Granted) -> float:
    """CPU seconds of a check: the median of some, after one that warms up."""
    rounds = [cpu_seconds(lambda: guard(sql, granted, dialect="postgres")) for _ in range(ROUNDS + 1)]
    return statistics.median(rounds[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
