"""Promises of a repair of renamed columns: the curator's text stays but for the names, each in its own meaning."""

import pytest

from tests.vedder_pipelines.repair.shops import AMOUNT, HEADER, TO_TOTAL
from vedder_core.schema_change import ColumnRenamed

NAME = ColumnRenamed("shop.orders", "name", "title", 0.9)
TO_TITLE = "ALTER TABLE shop.orders RENAME name TO title"


def test_only_the_names_change_and_the_result_keeps_its_columns(shop):
    shop.write("-- amount, in euros\nSELECT o.name,   amount -- the amount\nFROM shop.orders o\nWHERE o.Amount > 7")
    repair = shop.repair(TO_TOTAL, AMOUNT)
    assert repair.sql == (
        "-- amount, in euros\nSELECT o.name,   total AS amount -- the amount\nFROM shop.orders o\nWHERE o.total > 7"
    )
    assert repair.proof.proven
    assert repair.changes == ("`shop.orders.amount` is called `total` now.",)
    assert repair.confidence == 0.9


def test_a_column_of_the_same_name_in_another_table_stays(shop):
    shop.write(
        "SELECT c.name, max(o.name) AS last FROM shop.orders o JOIN shop.customers c USING (customer) GROUP BY ALL"
    )
    repair = shop.repair(TO_TITLE, NAME)
    assert repair.sql.startswith("SELECT c.name, max(o.title) AS last")
    assert repair.proof.proven


def test_a_name_means_what_it_means_in_its_own_scope(shop):
    shop.write(
        "WITH named AS (SELECT name, customer FROM shop.orders), amount AS (SELECT country AS name FROM "
        "shop.customers)\n"
        "SELECT n.name FROM named n WHERE EXISTS (SELECT 1 FROM amount a WHERE a.name < n.name)"
    )
    repair = shop.repair(TO_TITLE, NAME)
    assert repair.sql.startswith(
        "WITH named AS (SELECT title AS name, customer FROM shop.orders), amount AS (SELECT coun"
    )
    assert repair.sql.endswith("SELECT n.name FROM named n WHERE EXISTS (SELECT 1 FROM amount a WHERE a.name < n.name)")


def test_names_that_a_star_brings_along_are_followed(shop):
    shop.write("WITH o AS (SELECT * FROM shop.orders) SELECT sum(o.amount) AS turnover FROM o")
    assert (
        shop.repair(TO_TOTAL, AMOUNT).sql
        == "WITH o AS (SELECT * FROM shop.orders) SELECT sum(o.total) AS turnover FROM o"
    )


def test_a_new_name_that_another_table_has_is_qualified(shop):
    shop.write(
        "SELECT amount, country FROM shop.orders o JOIN shop.customers c ON o.customer = c.customer WHERE amount > 3"
    )
    repair = shop.repair(
        "ALTER TABLE shop.orders RENAME amount TO country", ColumnRenamed("shop.orders", "amount", "country", 0.9)
    )
    assert repair.sql.startswith("SELECT o.country AS amount, c.country FROM")
    assert repair.sql.endswith("WHERE o.country > 3")
    assert repair.proof.proven


@pytest.mark.parametrize("name", ["the total", "order", "Größe", "1st"])
def test_a_name_that_needs_quotes_gets_them(shop, name):
    shop.write("SELECT sum(amount) AS turnover FROM shop.orders")
    repair = shop.repair(
        f'ALTER TABLE shop.orders RENAME amount TO "{name}"', ColumnRenamed("shop.orders", "amount", name, 0.9)
    )
    assert repair.sql == f'SELECT sum("{name}") AS turnover FROM shop.orders'
    assert repair.proof.proven


def test_a_column_of_using_that_one_side_renamed_is_joined_by_on(shop):
    shop.write("SELECT customer, sum(amount) AS t FROM shop.orders o JOIN shop.customers c USING (customer) GROUP BY 1")
    repair = shop.repair(
        "ALTER TABLE shop.customers RENAME customer TO id", ColumnRenamed("shop.customers", "customer", "id", 0.9)
    )
    assert "JOIN shop.customers c ON o.customer = c.id" in repair.sql
    assert repair.sql.startswith("SELECT o.customer AS customer, ")
    assert repair.proof.proven


def test_nothing_is_guessed_of_a_natural_join(shop):
    shop.write("SELECT sum(amount) AS t FROM shop.orders NATURAL JOIN shop.customers")
    assert shop.repair(TO_TOTAL, AMOUNT) is None


def test_the_header_names_the_new_column_too(shop):
    header = HEADER.replace("about it?", "in {land}?").replace(
        "teaches", 'parameters:\n  land: {values: shop.customers.country, default: "FR"}  # all\nteaches'
    )
    shop.write("SELECT count(*) AS n FROM shop.customers WHERE country = :land", header=header)
    repair = shop.repair(
        "ALTER TABLE shop.customers RENAME country TO nation",
        ColumnRenamed("shop.customers", "country", "nation", 0.9),
    )
    assert '{values: shop.customers.nation, default: "FR"}  # all\n' in shop.apply(repair)
    assert repair.proof.proven


@pytest.mark.parametrize(("ends", "last"), [("\n", "\n"), ("\n", ""), ("\r\n", "\r\n"), ("\r\n", "")])
def test_git_applies_the_difference_and_line_ends_stay(shop, ends, last):
    shop.write("SELECT\n  sum(amount) AS turnover\nFROM shop.orders", ends=ends, last=last)
    before = shop.pair_file.read_bytes().decode()
    after = shop.apply(shop.repair(TO_TOTAL, AMOUNT))
    assert after == before.replace("sum(amount)", "sum(total)")
