"""A large company, generated: a schema of small tables for each department, and its cluster files."""

from pathlib import Path

import duckdb

THINGS = ("invoice", "shipment", "visit", "claim", "ticket", "reading", "order", "payment", "lease", "trip")
MEASURES = ("cost", "length", "delay", "weight", "rating", "price", "duration", "score", "margin", "volume")
ROWS = 200


def generate(folder: Path, clusters: int, datasets: int, pairs: int) -> None:
    """Write `warehouse.duckdb` and `clusters/`; pairs ask for one measure of one table by one column."""
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("BEGIN")
        for number in range(clusters):
            connection.execute(f"CREATE SCHEMA s{number:03}")
            for table in range(datasets):
                connection.execute(_ddl(f"s{number:03}.{thing(table)}", table))
        connection.execute("COMMIT")
    for number in range(clusters):
        _write_cluster(folder / "clusters" / f"c{number:03}", f"s{number:03}", datasets, pairs)


def _ddl(name: str, seed: int) -> str:
    return f"""
        CREATE TABLE {name} AS SELECT
            i AS id, (i * {seed + 7}) % 50 AS customer, ['north', 'south', 'east', 'west'][i % 4 + 1] AS region,
            DATE '2026-01-01' + (i % 300)::INTEGER AS day, (i * 31 + {seed}) % 997 AS {MEASURES[seed % 10]},
            i / 7.0 AS rate, i % 3 = 0 AS open, 'note ' || (i % 120) AS note
        FROM range({ROWS}) t(i)"""


def thing(number: int) -> str:
    return f"{THINGS[number % 10]}s" + (f"_{number // 10}" if number >= 10 else "")


def _write_cluster(folder: Path, schema: str, datasets: int, pairs: int) -> None:
    (folder / "pairs").mkdir(parents=True)
    listed = "".join(
        f"  - {{name: {schema}.{thing(n)}, description: 'The {thing(n)} of department {schema}.', "
        "freshness: {column: day, within: P900D}}\n"
        for n in range(datasets)
    )
    (folder / "cluster.yaml").write_text(
        f"title: Department {schema}\nsummary: All that department {schema} keeps.\n"
        f"owner: {{team: team_{schema}, contact: '#{schema}'}}\ndatasets:\n{listed}"
    )
    for number in range(pairs):
        table, measure = thing(number % datasets), MEASURES[number % datasets % 10]
        (folder / "pairs" / f"p{number:02}.sql").write_text(
            f"/*\nquestion: What is the average {measure} of the {table} of {schema} in each region (way {number})?\n"
            f"teaches: generated\nvetted_by: bench\nvetted_on: 2026-11-01\n*/\n"
            f"SELECT region, avg({measure}) AS average FROM {schema}.{table} GROUP BY region ORDER BY region\n"
        )
