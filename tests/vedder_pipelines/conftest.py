"""A shop small enough to read: two clusters over three tables, in files and in a DuckDB warehouse of a test's own."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.shop_files import PAIRS, SALES, write_file, write_files
from vedder_core.context.memory import Memory
from vedder_core.settings import Settings
from vedder_pipelines.definitions import graph

DDL = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders AS
    SELECT i AS id, i % 7 AS customer, (i * 37) % 100 AS amount, now()::TIMESTAMP - INTERVAL (i) MINUTE AS loaded_at
    FROM range(500) t(i);
CREATE TABLE shop.customers AS SELECT i AS id, ['FR', 'DE'][i % 2 + 1] AS country FROM range(7) t(i);
CREATE TABLE shop.parcels AS SELECT i AS id, i AS order_id, i % 30 AS weight FROM range(400) t(i);
"""

FILES = {
    "sales/cluster.yaml": SALES,
    **PAIRS,
    "sales/pairs/countries.sql": "Customers by country?|SELECT country, count(*) FROM shop.customers GROUP BY 1",
    "sales/docs/amount.md": "# Amounts\n\nAn `amount` is in euros.",
    "shipping/cluster.yaml": """
        title: Shipping
        summary: Parcels on their way.
        owner: {team: logistics, contact: "#parcels"}
        datasets:
          - name: shop.parcels
            description: One row a parcel.
          - name: shop.orders
            description: What the parcels hold.
        """,
    "shipping/pairs/parcels.sql": "How many parcels are there?|SELECT count(*) AS parcels FROM shop.parcels",
    "shipping/pairs/heaviest.sql": "How heavy is the heaviest parcel?|SELECT max(weight) AS heaviest FROM shop.parcels",
}


@dataclass
class Shop:
    """Folder, settings and the ways in which a test changes them."""

    root: Path

    @property
    def settings(self) -> Settings:
        return Settings(
            clusters=self.root / "clusters",
            warehouse=f"duckdb:///{self.root}/shop.duckdb",
            context=str(self.root / "context"),
            state=f"sqlite:///{self.root}/state/vedder.db",
            embedder="hashed-words",
        )

    @property
    def memory(self) -> Memory:
        return Memory(self.settings.context)

    def graph(self):
        return graph(self.settings)

    def write(self, name: str, text: str) -> None:
        write_file(self.root / "clusters", name, text)

    def remove(self, name: str) -> None:
        path = self.root / "clusters" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    def alter(self, sql: str) -> None:
        """Change a copy of the warehouse and swap it in, as a loader does while others read."""
        copy = self.root / "copy.duckdb"
        if (self.root / "shop.duckdb").exists():
            shutil.copy(self.root / "shop.duckdb", copy)
        with duckdb.connect(str(copy)) as connection:
            connection.execute(sql)
        copy.replace(self.root / "shop.duckdb")


@pytest.fixture
def shop(tmp_path, monkeypatch) -> Shop:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    made = Shop(tmp_path)
    made.alter(DDL)
    write_files(tmp_path / "clusters", FILES)
    return made
