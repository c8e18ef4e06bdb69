"""Which databases can answer a question, by its SQL: the truth that `bench.not_covered` measures against."""

import duckdb
import pytest

from bench.answerable import Answerable


@pytest.fixture(scope="module")
def answerable() -> Answerable:
    warehouse = duckdb.connect()
    warehouse.execute("""
        CREATE SCHEMA shop; CREATE TABLE shop.Customers (CustomerId INT, FirstName TEXT, City TEXT);
        CREATE TABLE shop.Orders (OrderId INT, CustomerId INT);
        CREATE SCHEMA store; CREATE TABLE store.customer (customer_id INT, first_name TEXT, city TEXT);
        CREATE TABLE store.customer_orders (order_id INT, customer_id INT, status TEXT);
        CREATE SCHEMA band; CREATE TABLE band.singer (name TEXT, age INT)
    """)
    return Answerable(warehouse)


def test_case_underscores_and_endings_of_names_do_not_count(answerable: Answerable) -> None:
    assert answerable.by("SELECT FirstName FROM shop.Customers WHERE City = 'Rome'") == {"shop", "store"}
    assert answerable.by("SELECT t.first_name FROM store.customer AS t GROUP BY ALL") == {"shop", "store"}


def test_a_table_stands_for_one_whose_name_says_less_and_not_for_one_that_says_more(answerable: Answerable) -> None:
    joined = "SELECT c.City, COUNT(*) AS n FROM shop.Customers c JOIN shop.Orders o ON c.CustomerId = o.CustomerId"
    assert answerable.by(joined + " GROUP BY c.City ORDER BY n") == {"shop", "store"}
    assert answerable.by("SELECT order_id FROM store.customer_orders") == {"store"}


def test_a_column_that_another_database_does_not_have_makes_its_question_a_strangers(answerable: Answerable) -> None:
    assert answerable.by("SELECT COUNT(*) FROM store.customer_orders WHERE status = 'paid'") == {"store"}
    assert answerable.by("SELECT AVG(age) FROM band.singer") == {"band"}
    assert answerable.by("SELECT AVG(height) FROM band.singer") == frozenset()
