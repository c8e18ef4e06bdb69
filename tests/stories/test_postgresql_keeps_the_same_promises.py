"""The claim: PostgreSQL, too, gives right answers, and a rename there breaks exactly the pairs that use it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.programs import run_command
from tests.shop_files import PAIRS, SALES, write_files
from tests.vedder_core.warehouse.postgres_worlds import Database, database
from vedder_api.parts import Parts
from vedder_core.answer import Answer, NotCovered, Outcome
from vedder_core.context.entry import TaughtPair
from vedder_core.context.health_history import HealthHistory
from vedder_core.context.index import ContextReader
from vedder_core.settings import Settings
from vedder_core.verdict import Broken
from vedder_pipelines.cli import app as pipelines
from vedder_pipelines.resources import resources_of

BUILD = """
CREATE SCHEMA shop;
CREATE TYPE shop.channel AS ENUM ('web', 'store');
CREATE TABLE shop.customers (id integer PRIMARY KEY, country text, email text);
CREATE TABLE shop.orders
    (id integer PRIMARY KEY, customer integer, amount numeric(10, 2), at timestamptz, channel shop.channel);
INSERT INTO shop.customers SELECT n, CASE n % 2 WHEN 0 THEN 'FR' ELSE 'DE' END, 'canary' || n || '@example.org'
    FROM generate_series(0, 6) r (n);
INSERT INTO shop.orders SELECT n, n % 7, (n * 37) % 100, now() - n * INTERVAL '1 minute', 'web'
    FROM generate_series(1, 500) r (n);
CREATE VIEW shop.turnover AS SELECT c.country, sum(o.amount) AS total
    FROM shop.orders o JOIN shop.customers c ON c.id = o.customer GROUP BY c.country;
"""
FILES = {
    "sales/cluster.yaml": f"""{SALES}\
      - {{expect: expect_column_values_to_not_be_null, arguments: {{column: at}}}}
      - {{expect: expect_column_values_to_be_in_set, arguments: {{column: channel, value_set: [store]}}}}
  - name: shop.turnover
    description: Turnover by country.
""",
    **PAIRS,
    "sales/pairs/customers.sql": (
        "What did each customer pay?|SELECT c.id, c.country, sum(o.amount) AS paid FROM shop.customers c "
        "JOIN shop.orders o ON o.customer = c.id GROUP BY c.id"
    ),
    "sales/pairs/recent.sql": (
        "Which orders are recent?|SELECT id FROM shop.orders WHERE at > now() - INTERVAL '1 day'"
    ),
    "sales/pairs/by_country.sql": (
        "What is the turnover by country?|SELECT country, total FROM shop.turnover ORDER BY total DESC"
    ),
}
PASSWORD = "geheim"


@dataclass(frozen=True)
class Sales:
    """Cluster files, a database, and what people do with them."""

    folder: Path
    own: Database

    @property
    def settings(self) -> Settings:
        return Settings(
            clusters=self.folder / "clusters",
            warehouse=self.own.url(password=PASSWORD),
            context=str(self.folder / "context"),
            embedder="hashed-words",
            state=f"sqlite:///{self.folder / 'vedder.db'}",
        )

    def run_pipelines(self) -> str:
        result = run_command(pipelines, self.settings, "run")
        assert result.exit_code == 0, result.output
        assert PASSWORD not in result.output
        return result.stdout

    def ask(self, question: str) -> Outcome:
        with Parts(self.settings) as parts:
            return parts.asker().answer(question)

    def pairs(self) -> dict[str, TaughtPair]:
        snapshot = ContextReader(self.settings.context).snapshot()
        carried = {entry.id: entry.carried() for entry in snapshot.listing(kinds=("pair",), clusters=("sales",))}
        return {name.rpartition("/")[2]: taught for name, taught in carried.items() if isinstance(taught, TaughtPair)}


@pytest.fixture
def sales(postgres_server: str, tmp_path: Path) -> Iterator[Sales]:
    write_files(tmp_path / "clusters", FILES)
    with database(postgres_server) as own:
        own.change(BUILD)
        yield Sales(tmp_path, own)


def test_a_vetted_question_gets_the_right_number_and_a_rename_breaks_exactly_what_uses_it(sales: Sales) -> None:
    sales.run_pipelines()
    answer = sales.ask("What is the turnover?")
    assert isinstance(answer, Answer)
    assert "24,750" in str(answer) or "24750" in str(answer)
    assert sales.run_pipelines() == "Nothing changed: sales\n"
    before = HealthHistory(sales.settings.context).latest()["sales"]

    sales.own.change("ALTER TABLE shop.orders RENAME COLUMN at TO ordered_at")
    sales.run_pipelines()
    broken = {name: taught.verdict for name, taught in sales.pairs().items() if isinstance(taught.verdict, Broken)}
    assert len(broken) == 1
    (verdict,) = broken.values()
    assert isinstance(verdict, Broken)
    assert (verdict.missing_column, verdict.probably) == ("shop.orders.at", "ordered_at")
    assert isinstance(sales.ask("Which orders are recent?"), NotCovered)
    assert isinstance(sales.ask("What is the turnover by country?"), Answer)
    assert HealthHistory(sales.settings.context).latest()["sales"].score < before.score


def test_expectations_are_checked_on_the_rows_of_the_server(sales: Sales) -> None:
    sales.run_pipelines()
    data = next(
        reading for reading in HealthHistory(sales.settings.context).latest()["sales"].readings
        if reading.signal == "data_health"
    )  # fmt: skip
    assert data.value is not None
    assert "channel" in str(data)
    assert "amount" not in str(data)


def test_no_personal_value_and_no_password_is_kept_in_the_context(sales: Sales) -> None:
    sales.run_pipelines()
    kept = b"".join(file.read_bytes() for file in (sales.folder / "context").rglob("*") if file.is_file())
    assert b"canary1@example.org" not in kept
    assert PASSWORD.encode() not in kept


def test_dagster_is_shown_no_password(sales: Sales) -> None:
    shown = str(resources_of(sales.settings)["warehouse"])
    assert sales.own.reader in shown
    assert PASSWORD not in shown


def test_a_pair_that_groups_by_a_primary_key_breaks_with_the_key(sales: Sales) -> None:
    sales.run_pipelines()
    assert isinstance(sales.ask("What did each customer pay?"), Answer)
    sales.own.change("ALTER TABLE shop.customers DROP CONSTRAINT customers_pkey")
    assert "1 pair broken" in sales.run_pipelines()
    (verdict,) = (taught.verdict for taught in sales.pairs().values() if isinstance(taught.verdict, Broken))
    assert "GROUP BY" in verdict.reason
    sales.own.change("ALTER TABLE shop.customers ADD PRIMARY KEY (id)")
    assert "broken" not in sales.run_pipelines()
