"""A warehouse of a small harbour, profiled as the pipeline does, and a way to run SQL on it and see its notices."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from vedder_api.agent.notices.about import About
from vedder_api.agent.notices.all import notices
from vedder_api.cells import rows_of
from vedder_core.answer import Notice, RanQuery
from vedder_core.cluster import ColumnNote, Dataset
from vedder_core.context.entry import DatasetCard
from vedder_core.sql.guard import Granted, ParameterValue, guard
from vedder_core.warehouse.warehouse import Limits, Warehouse, open_warehouse

TABLES = """
CREATE SCHEMA port;
CREATE TABLE port.calls AS
  SELECT i AS id, ['Oslo', 'Ghent', 'Turku'][1 + i % 3] AS harbour, 'S' || (i % 40) AS ship,
         DATE '2013-01-01' + (i % 260)::INTEGER AS day,
         year(DATE '2013-01-01' + (i % 260)::INTEGER)::INTEGER AS year,
         month(DATE '2013-01-01' + (i % 260)::INTEGER)::INTEGER AS month,
         (i % 97)::INTEGER AS tonnes, 'captain' || (i % 5) AS captain, (i % 7)::INTEGER AS old_tonnes
  FROM range(2600) AS r(i);
CREATE TABLE port.weather AS
  SELECT ['Oslo', 'Ghent', 'Turku'][1 + i % 3] AS harbour, DATE '2013-01-01' + (i // 3)::INTEGER AS day, i % 11 AS wind
  FROM range(780) AS r(i);
CREATE TABLE port.ships AS SELECT 'S' || i AS ship, 100 + i AS length FROM range(40) AS r(i);
CREATE TABLE port.fees AS SELECT 'S' || (i % 40) AS ship, i AS fee FROM range(400) AS r(i);
CREATE TABLE port.years AS SELECT DATE '2013-01-01' + i::INTEGER AS day, i AS boxes FROM range(365) AS r(i);
"""
DATASETS = (
    Dataset(
        name="port.calls",
        description="One row for each call of a ship.",
        columns={
            "captain": ColumnNote(sensitive=True),
            "old_tonnes": ColumnNote(use="avoid", note="Rounded; use `tonnes`."),
        },
    ),
    Dataset(name="port.weather", description="Wind by harbour and day."),
    Dataset(name="port.ships", description="One row for each ship."),
    Dataset(name="port.fees", description="Fees paid."),
    Dataset(name="port.years", description="Boxes of each day of a whole year."),
)
NOW = datetime(2013, 9, 20, 12, tzinfo=UTC)


@dataclass
class Harbour:
    """Runs SQL through the guard on the warehouse. `curated` changes how a dataset is curated or checked."""

    warehouse: Warehouse
    cards: dict[str, DatasetCard]
    now: datetime = NOW
    limits: Limits = field(default_factory=Limits)

    def curated(self, dataset: str, change: Callable[[DatasetCard], DatasetCard]) -> "Harbour":
        return replace(self, cards={**self.cards, dataset: change(self.cards[dataset])})

    def granted(self) -> Granted:
        cards = [card for card in self.cards.values() if card.table is not None]
        return Granted(
            {card.table.name: card.table for card in cards},
            {card.table.name: card.dataset.hidden_columns() for card in cards},
        )

    def run(self, sql: str, **parameters: ParameterValue) -> RanQuery:
        query = guard(sql, self.granted(), dialect="duckdb", parameters=parameters)
        result = self.warehouse.run(query, self.limits)
        columns, rows = tuple(result.table.column_names), rows_of(result.table)
        return RanQuery("q1", sql, query.sql, tuple(query.datasets), columns, rows, result.truncated, 1.0)

    def notices(self, sql: str, *, kind: str = "", looked_at: datetime | None = None, **parameters: ParameterValue):
        about = About(self.cards, "duckdb", self.now, parameters, looked_at)
        found: tuple[Notice, ...] = notices(self.run(sql, **parameters), about)
        return [notice.text for notice in found if kind in ("", notice.kind)]


@contextmanager
def open_harbour(folder: Path) -> Iterator[Harbour]:
    """Build the warehouse in a folder, profile it, and open it."""
    file = folder / "data.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(TABLES)
    with open_warehouse(f"duckdb:///{file}") as warehouse:
        catalog = warehouse.catalog()
        cards = {
            dataset.name: DatasetCard(dataset, table, warehouse.profile(table, dataset, "v1"))
            for dataset in DATASETS
            if (table := catalog.find(dataset.name)) is not None
        }
        yield Harbour(warehouse, cards)
