"""Which databases can answer a question, by its SQL: the truth that `bench.not_covered` measures against."""

import duckdb
import pytest

from bench.answerable import Answerable, by_whole_names


def over(tables: str) -> Answerable:
    warehouse = duckdb.connect()
    warehouse.execute(tables)
    return Answerable(warehouse)


@pytest.fixture(scope="module")
def answerable() -> Answerable:
    return over("""
        CREATE SCHEMA shop; CREATE TABLE shop.Customers (CustomerId INT, FirstName TEXT, City TEXT);
        CREATE TABLE shop.Orders (OrderId INT, CustomerId INT);
        CREATE SCHEMA store; CREATE TABLE store.customer (customer_id INT, first_name TEXT, city TEXT);
        CREATE TABLE store.customer_orders (order_id INT, customer_id INT, status TEXT);
        CREATE SCHEMA band; CREATE TABLE band.singer (name TEXT, age INT)
    """)


def test_case_underscores_and_endings_of_names_do_not_count(answerable: Answerable) -> None:
    assert set(answerable.by("SELECT FirstName FROM shop.Customers WHERE City = 'Rome'")) == {"shop", "store"}
    assert set(answerable.by("SELECT t.first_name FROM store.customer AS t GROUP BY ALL")) == {"shop", "store"}


def test_a_table_stands_for_one_whose_name_says_less_and_not_for_one_that_says_more(answerable: Answerable) -> None:
    joined = "SELECT c.City, COUNT(*) AS n FROM shop.Customers c JOIN shop.Orders o ON c.CustomerId = o.CustomerId"
    assert set(answerable.by(joined + " GROUP BY c.City ORDER BY n")) == {"shop", "store"}
    assert set(answerable.by("SELECT order_id FROM store.customer_orders")) == {"store"}


def test_a_column_that_another_database_does_not_have_makes_its_question_a_strangers(answerable: Answerable) -> None:
    assert set(answerable.by("SELECT COUNT(*) FROM store.customer_orders WHERE status = 'paid'")) == {"store"}
    assert set(answerable.by("SELECT AVG(age) FROM band.singer")) == {"band"}
    assert answerable.by("SELECT AVG(height) FROM band.singer") == {}


FIRMS = """
    CREATE SCHEMA firms; CREATE TABLE firms.company (id INT, name TEXT, industry TEXT, founded INT);
    CREATE TABLE firms.office (office_id INT, company_id INT);
"""


def test_a_column_stands_for_one_whose_name_says_less_and_not_for_one_that_says_more() -> None:
    judge = over(FIRMS + "CREATE SCHEMA gas; CREATE TABLE gas.company (main_industry TEXT)")
    found = judge.by("SELECT c.industry, count(*) AS n FROM firms.company c GROUP BY c.industry ORDER BY n")
    assert set(found) == {"firms", "gas"}
    assert found["gas"]["compani"].columns == {"industri": "mainindustri"}
    assert set(judge.by("SELECT main_industry FROM gas.company")) == {"gas"}


def test_a_tables_own_name_in_its_columns_name_says_nothing() -> None:
    judge = over(FIRMS + "CREATE SCHEMA gas; CREATE TABLE gas.company (company_name TEXT, company_id INT)")
    assert set(judge.by("SELECT company_id, company_name FROM gas.company")) == {"firms", "gas"}
    assert set(judge.by("SELECT id, name FROM firms.company")) == {"firms", "gas"}
    other = over(FIRMS + "CREATE SCHEMA gas; CREATE TABLE gas.company (company_status TEXT, company_kind TEXT)")
    assert set(other.by("SELECT company_status FROM gas.company")) == {"gas"}


def test_a_column_stands_only_for_one_of_its_kind() -> None:
    judge = over(FIRMS + "CREATE SCHEMA gas; CREATE TABLE gas.company (founded_on DATE, founded_by TEXT, in_name BOOL)")
    assert set(judge.by("SELECT founded FROM firms.company")) == {"firms"}
    assert set(judge.by("SELECT name FROM firms.company")) == {"firms"}


def test_whole_names_come_before_those_that_say_more() -> None:
    judge = over(
        FIRMS + "CREATE SCHEMA gas; CREATE TABLE gas.main_company (industry TEXT); "
        "CREATE TABLE gas.company (main_industry TEXT, boss_name TEXT, company_name TEXT)"
    )
    whole = judge.by("SELECT industry FROM firms.company")["gas"]
    assert by_whole_names(whole)
    assert whole["compani"].table == "maincompani"
    more = judge.by("SELECT name FROM firms.company")["gas"]
    assert not by_whole_names(more)
    assert more["compani"].columns == {"name": "companiname"}  # the table's own name adds nothing


def test_whole_names_come_first_in_a_join_too_where_not_all_that_stand_for_its_tables_fit() -> None:
    judge = over(
        FIRMS + "CREATE SCHEMA gas; CREATE TABLE gas.company (id DATE); CREATE TABLE gas.main_company (id INT);"
        "CREATE TABLE gas.office (office_id INT, company_id INT);"
        "CREATE TABLE gas.branch_office (branch_office_id INT, company_id DATE)"
    )
    found = judge.by("SELECT o.office_id FROM firms.company c JOIN firms.office o ON o.company_id - c.id = 0")["gas"]
    assert by_whole_names(found)
    assert (found["compani"].table, found["offic"].table) == ("maincompani", "offic")


def test_one_column_does_not_stand_for_two() -> None:
    judge = over(
        "CREATE SCHEMA firms; CREATE TABLE firms.company (name TEXT, owner TEXT);"
        "CREATE SCHEMA gas; CREATE TABLE gas.company (owner_name TEXT)"
    )
    assert set(judge.by("SELECT name FROM firms.company")) == {"firms", "gas"}
    assert set(judge.by("SELECT owner FROM firms.company")) == {"firms", "gas"}
    assert set(judge.by("SELECT name, owner FROM firms.company")) == {"firms"}


def test_a_column_is_looked_for_in_what_stands_for_its_own_table() -> None:
    """The engine would take one that is missing in an inner SELECT from the outer one."""
    judge = over(
        FIRMS + "CREATE SCHEMA gas; CREATE TABLE gas.company (company_id INT, name TEXT, id INT); "
        "CREATE TABLE gas.office (office_id INT)"
    )
    assert set(judge.by("SELECT name FROM firms.company WHERE NOT id IN (SELECT company_id FROM firms.office)")) == {
        "firms"
    }
