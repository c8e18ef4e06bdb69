"""Promises of drift on PostgreSQL: the same statements measure the same, and the same detectors find the same."""

from collections.abc import Iterator

import pytest

from tests.vedder_core.warehouse.postgres_worlds import Database, database
from tests.vedder_pipelines.drift.shops import Shop

DDL = """
CREATE SCHEMA shop;
CREATE TABLE shop.customers AS SELECT i AS id, (ARRAY['FR', 'DE', 'US'])[i % 3 + 1] AS country,
    'c' || i || '@example.org' AS email FROM generate_series(0, 59) t(i);
CREATE TABLE shop.orders AS SELECT i AS id, i % 60 AS customer, (5 + (i * 37) % 200 + 0.5)::numeric(12, 2) AS amount,
    DATE '2026-01-01' + (i % 181) AS day, (ARRAY['paid', 'open', 'cancelled'])[i % 3 + 1] AS state
    FROM generate_series(0, 899) t(i)
"""
BY_COUNTRY = """SELECT c.country, sum(o.amount) AS sold FROM shop.orders o
    JOIN shop.customers c ON c.id = o.customer GROUP BY c.country"""


class PostgresShop(Shop):
    """The shop in a database of its own."""

    own: Database

    def change(self, sql: str) -> "PostgresShop":
        self.own.change(*sql.split(";"))
        return self

    def url(self) -> str:
        return self.own.url()


@pytest.fixture
def shop(postgres_server: str) -> Iterator[PostgresShop]:
    with database(postgres_server) as own:
        made = PostgresShop("")
        made.own = own
        yield made.change(DDL)


@pytest.mark.parametrize(
    ("sql", "change", "found"),
    [
        (
            "SELECT sum(amount) AS due FROM shop.orders WHERE state = 'open'",
            "UPDATE shop.orders SET state = 'OPEN' WHERE state = 'open'",
            ("vanished_literal", "state"),
        ),
        (BY_COUNTRY, "INSERT INTO shop.customers SELECT * FROM shop.customers WHERE id < 5", ("lost_key", "id")),
        (
            "SELECT sum(amount) AS t FROM shop.orders",
            "UPDATE shop.orders SET amount = amount * 100",
            ("unit_shift", "amount"),
        ),
        (
            "SELECT sum(amount) AS t FROM shop.orders",
            "UPDATE shop.orders SET amount = NULL WHERE id % 2 = 0",
            ("null_burst", "amount"),
        ),
        (
            "SELECT date_trunc('month', day) AS month, sum(amount) AS t FROM shop.orders GROUP BY 1",
            "DELETE FROM shop.orders WHERE extract(month FROM day) = 3",
            ("moved_partition", "day"),
        ),
        (
            "SELECT count(*) AS n FROM shop.orders",
            "COMMENT ON TABLE shop.orders IS 'DEPRECATED: use shop.sales'",
            ("deprecated_dataset", None),
        ),
        (BY_COUNTRY, "UPDATE shop.orders SET customer = customer + 1000000", ("result_collapsed", None)),
    ],
)
def test_every_kind_is_found(shop: PostgresShop, sql: str, change: str, found: tuple[str, str | None]) -> None:
    report = shop.vet(sql).look()
    assert (report.drifted, report.not_watched) == ({}, {})
    assert found in shop.change(change).found()


def test_growth_is_no_drift(shop: PostgresShop) -> None:
    shop.vet(BY_COUNTRY).vet(
        "SELECT day, count(*) AS n FROM shop.orders WHERE state = 'open' GROUP BY day", "days"
    ).look()
    shop.change("INSERT INTO shop.orders SELECT id + 900, customer, amount * 1.1, day + 181, state FROM shop.orders")
    assert shop.found() == []
