"""Does the guard let honest SQL through, does anything escape it, and what does it cost?

Honest SQL is the gold of Spider and BIRD in DuckDB's words, each with a grant of its own database's tables. Escapes are
sought by random edits of the guard's corpus, judged by the engine's plan. The cost is CPU beside DuckDB's own PREPARE
of the same statements.

    python -m bench.guard [--mutations 20000] [--seed 1]
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import duckdb
from sqlglot import parse_one
from sqlglot.errors import SqlglotError

from bench.measure import cpu_seconds, print_table
from bench.mutations import Oracle, Statement, judge, open_guard_corpus
from bench.spider import Columns, open_spider, to_duckdb
from vedder_core.errors import QueryRefused
from vedder_core.schema import Column, Table
from vedder_core.sql.guard import Granted, guard
from vedder_core.sql.scope import real_tables

FEWEST_LET_THROUGH = 0.98
FEWEST_ALLOWED_MUTATIONS = 0.05
"""Of all mutations: with fewer the run would say nothing about what is allowed."""

MOST_MEDIAN_RATIO = 2.0
ROUNDS = 5


def main(arguments: Sequence[str]) -> int:
    """0 when nothing escapes, enough honest SQL is let through, and the cost is as wanted, or nothing can be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutations", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    passed = [let_through(), unescaped(mutations=chosen.mutations, seed=chosen.seed), quick()]
    return 0 if all(passed) else 1


def let_through() -> bool:
    """Is enough of the gold SQL let through? Prints why the rest is not."""
    rows, missed = [], False
    for name, statements in (("Spider", _spider()), ("BIRD", _bird())):
        reasons: Counter[str] = Counter()
        count = 0
        for sql, granted in statements:
            count += 1
            try:
                guard(sql, granted, dialect="duckdb")
            except QueryRefused as refused:
                reasons[f"{refused.code}: {refused.message.splitlines()[0]}"] += 1
        if not count:
            print(f"bench.guard: {name} is skipped, it is not in VEDDER_TEST_DATA (default ../shared/data)")
            continue
        share = 1 - reasons.total() / count
        rows.append((name, count, reasons.total(), share, FEWEST_LET_THROUGH))
        missed = missed or share < FEWEST_LET_THROUGH
        for reason, times in reasons.most_common(10):
            print(f"  {name}: refused {times} x {reason}")
    print_table(("gold SQL", "statements", "refused", "let through", "wanted"), rows)
    return not missed


def _spider() -> Iterator[tuple[str, Granted]]:
    spider = open_spider()
    for database, questions in sorted(spider.questions.items()) if spider else ():
        names = spider.names.get(database) if spider else None
        if names is None:
            continue
        columns: dict[str, list[str]] = {table: [] for table in names["table_names_original"]}
        for number, column in names["column_names_original"]:
            if number >= 0:
                columns[names["table_names_original"][number]].append(column)
        yield from _translated([question["sql"] for question in questions], database.lower(), columns)


def _bird() -> Iterator[tuple[str, Granted]]:
    spider = open_spider()
    folder = spider.folder.parent / "bird" if spider else Path("bird")
    if not folder.is_dir():
        return
    schemas = json.loads((folder / "schema_with_samples.json").read_text())
    asked = [json.loads(line) for line in (folder / "pairs.jsonl").read_text().splitlines()]
    for database, schema in schemas.items():
        columns = {table: [c["name"] for c in held["columns"]] for table, held in schema["tables"].items()}
        yield from _translated([q["sql"] for q in asked if q["db_id"] == database], database.lower(), columns)


def _translated(statements: Sequence[str], schema: str, columns: Columns) -> Iterator[tuple[str, Granted]]:
    """Each SQL in DuckDB's words with its database's grant.

    Left out is what the translator cannot read, and what names tables that its database does not have.
    """
    tables = [Table(f"{schema}.{name}", tuple(Column(c, "VARCHAR") for c in own)) for name, own in columns.items()]
    granted = Granted({table.name: table for table in tables})
    own = {name.casefold() for name in columns}
    for sql in statements:
        try:
            named = {table.name.casefold() for table in real_tables(parse_one(sql, read="sqlite"), "sqlite")}
            if named <= own:
                yield to_duckdb(sql, schema, columns), granted
        except SqlglotError:
            continue


def unescaped(*, mutations: int, seed: int) -> bool:
    """Does every allowed mutation scan only what was granted, and are enough allowed for that to say something?"""
    corpus = open_guard_corpus()
    if corpus is None:
        print("bench.guard: mutations are skipped, there is no `guard` folder in VEDDER_TEST_DATA")
        return True
    rows, passed, allowed = [], True, 0
    with tempfile.TemporaryDirectory() as folder:
        corpus.build(Path(folder))
        with closing(Oracle(Path(folder))) as oracle:
            for name, statements in (("of honest SQL", corpus.benign), ("of attacks", corpus.hostile)):
                own = [s for s in statements if s.dialect == "duckdb" and s.expect != "bounded"]
                judged = judge(own, oracle, mutations=mutations // 2, seed=seed)
                rows.append((name, judged.mutations, judged.allowed, judged.bound, len(judged.escapes)))
                allowed += judged.allowed
                passed = passed and not judged.escapes
                for escape in judged.escapes[:5]:
                    print(f"  escaped: {escape}")
    print_table(("mutations", "tried", "allowed", "bind", "escapes"), rows)
    return passed and allowed >= FEWEST_ALLOWED_MUTATIONS * mutations


def quick() -> bool:
    """Is a check cheap beside what the engine itself spends on reading the same statement?"""
    corpus = open_guard_corpus()
    if corpus is None:
        return True
    with tempfile.TemporaryDirectory() as folder:
        corpus.build(Path(folder))
        with closing(Oracle(Path(folder))) as oracle:
            granted = oracle.granted()
        own = [statement for statement in corpus.benign if statement.dialect == "duckdb"]
        ours = _costs(own, lambda sql: guard(sql, granted, dialect="duckdb"))
        with duckdb.connect(str(Path(folder) / "wh.duckdb"), read_only=True) as plain:
            engine = _costs(own, lambda sql: plain.execute(f"PREPARE asked AS {sql}"))
    ratio = statistics.median(ours) / statistics.median(engine)
    rows = [
        ("guard", statistics.median(ours) * 1000, _p95(ours) * 1000, ratio),
        ("DuckDB's PREPARE", statistics.median(engine) * 1000, _p95(engine) * 1000, 1.0),
    ]
    print_table(("CPU a statement", "median ms", "p95 ms", "ratio of medians"), rows)
    return ratio <= MOST_MEDIAN_RATIO


def _costs(statements: Sequence[Statement], work: Callable[[str], object]) -> list[float]:
    """CPU seconds of each statement: the median of some rounds, after one that warms up."""
    costs = []
    for statement in statements:
        rounds = [cpu_seconds(lambda: work(statement.sql)) for _ in range(ROUNDS + 1)]  # noqa: B023 - called at once
        costs.append(statistics.median(rounds[1:]))
    return costs


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
