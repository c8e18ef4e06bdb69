"""Promises of `validation`: the engine judges, the curator is told the place and the name, nothing is judged twice."""

from datetime import date

import duckdb
import pytest

from vedder_core.cluster import Cluster, ColumnNote, Dataset, Owner, Pair, Parameter
from vedder_core.verdict import Broken, Valid
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.validation import judge_cluster

DDL = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id INTEGER, amount INTEGER, ordered_on DATE, email VARCHAR);
CREATE TABLE shop.customers (id INTEGER, country VARCHAR);
CREATE VIEW shop.large_orders AS SELECT * FROM shop.orders WHERE amount > 100;
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    alter(path, DDL)
    return path


def alter(path, sql):
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


def pair(slug, sql, **parameters):
    return Pair(
        slug=slug,
        question=f"What about {slug}?",
        parameters={name: Parameter(**given) for name, given in parameters.items()},
        teaches="a test",
        vetted_by="Ada",
        vetted_on=date(2026, 11, 1),
        sql=sql,
    )


def cluster(*pairs, hidden=()):
    columns = {name: ColumnNote(hidden=True) for name in hidden}
    names = ("shop.orders", "shop.customers", "shop.large_orders")
    return Cluster(
        name="shop",
        title="Shop",
        summary="Orders.",
        owner=Owner(team="sales", contact="#sales"),
        datasets=tuple(Dataset(name=n, description="x", columns=columns if n == "shop.orders" else {}) for n in names),
        pairs=pairs,
    )


def judge(file, shop, remembered=None):
    with open_warehouse(f"duckdb:///{file}") as warehouse:
        return judge_cluster(shop, warehouse.catalog(), warehouse, remembered or {})


def test_a_pair_that_binds_is_valid_and_knows_what_it_touches(file):
    total = pair("total", "SELECT sum(amount) AS total FROM shop.orders WHERE ordered_on > :day", day={"type": "date"})
    report = judge(file, cluster(total))
    assert report.judged["total"].verdict == Valid(("total",))
    assert report.judged["total"].datasets == ("shop.orders",)
    assert report.judged["total"].columns == ("shop.orders.amount", "shop.orders.ordered_on")


@pytest.mark.parametrize(
    ("given", "sql"),
    [
        ({"type": "integer"}, "SELECT id FROM shop.orders LIMIT :x"),
        ({"type": "number"}, "SELECT id FROM shop.orders WHERE amount * 1.5 > :x"),
        ({"type": "month"}, "SELECT id FROM shop.orders WHERE month(ordered_on) = :x"),
        ({"type": "boolean"}, "SELECT id FROM shop.orders WHERE (amount > 1) = :x"),
        ({"values": "shop.customers.country"}, "SELECT id FROM shop.customers WHERE country = upper(:x)"),
        ({"values": "shop.orders.id"}, "SELECT amount FROM shop.orders WHERE id + 1 = :x"),
        ({"values": "shop.orders.ordered_on"}, "SELECT amount FROM shop.orders WHERE ordered_on - :x > 3"),
    ],
)
def test_parameters_are_bound_with_a_value_of_their_type(file, given, sql):
    verdict = judge(file, cluster(pair("x", sql, x=given))).judged["x"].verdict
    assert isinstance(verdict, Valid), verdict


def test_a_renamed_column_breaks_the_pair_and_names_the_new_column(file):
    total = pair("total", "SELECT\n  count(*) AS n,\n  sum(amount) AS total\nFROM shop.orders")
    other = pair("countries", "SELECT DISTINCT country FROM shop.customers")
    before = judge(file, cluster(total, other))
    alter(file, "DROP VIEW shop.large_orders; ALTER TABLE shop.orders RENAME amount TO amount_eur")
    report = judge(file, cluster(total, other), before.judged)
    assert report.judged["total"].verdict == Broken(
        "`shop.orders` has no column `amount`.",
        missing_column="shop.orders.amount",
        probably="amount_eur",
        line=3,
        column=7,
    )
    assert report.rejudged == ("total",)
    assert report.reused == ("countries",)


def test_of_two_tables_the_one_that_had_the_column_is_named(file):
    join = pair(
        "join", "SELECT c.country, sum(amount) AS s FROM shop.orders o JOIN shop.customers c USING (id) GROUP BY ALL"
    )
    before = judge(file, cluster(join))
    alter(file, "DROP VIEW shop.large_orders; ALTER TABLE shop.orders DROP amount")
    verdict = judge(file, cluster(join), before.judged).judged["join"].verdict
    assert isinstance(verdict, Broken)
    assert verdict.missing_column == "shop.orders.amount"


def test_a_dropped_table_breaks_the_pair_and_names_the_table(file):
    alter(file, "ALTER TABLE shop.customers RENAME TO customer")
    verdict = judge(file, cluster(pair("x", "SELECT 1 AS one\nFROM shop.customers"))).judged["x"].verdict
    assert verdict == Broken(
        "The warehouse has no table `shop.customers`.",
        missing_table="shop.customers",
        probably="shop.customer",
        line=2,
        column=11,
    )


def test_a_type_that_no_longer_fits_is_broken_with_the_engines_reason_and_place(file):
    alter(file, "DROP VIEW shop.large_orders; ALTER TABLE shop.orders ALTER amount TYPE VARCHAR")
    verdict = judge(file, cluster(pair("x", "SELECT\n sum(amount)\nFROM shop.orders"))).judged["x"].verdict
    assert isinstance(verdict, Broken)
    assert "sum(VARCHAR)" in verdict.reason
    assert (verdict.line, verdict.column) == (2, 2)


def test_a_hidden_column_breaks_the_pairs_that_name_it(file):
    mails = pair("mails", "SELECT email FROM shop.orders")
    before = judge(file, cluster(mails))
    assert isinstance(before.judged["mails"].verdict, Valid)
    report = judge(file, cluster(mails, hidden=("email",)), before.judged)
    assert isinstance(report.judged["mails"].verdict, Broken)


def test_a_change_below_a_view_is_seen(file):
    large = pair("large", "SELECT count(id) AS n FROM shop.large_orders")
    before = judge(file, cluster(large))
    alter(file, "ALTER TABLE shop.orders RENAME id TO order_id")
    report = judge(file, cluster(large), before.judged)
    assert report.rejudged == ("large",)
    assert isinstance(report.judged["large"].verdict, Broken)


def test_nothing_is_judged_twice_while_text_and_ground_stand(file):
    shop = cluster(pair("a", "SELECT id FROM shop.orders"), pair("b", "SELECT id FROM shop.customers"))
    again = judge(file, shop, judge(file, shop).judged)
    assert again.rejudged == ()
    assert set(again.reused) == {"a", "b"}


def test_a_changed_text_is_judged_again(file):
    before = judge(file, cluster(pair("a", "SELECT id FROM shop.orders")))
    after = judge(file, cluster(pair("a", "SELECT zz FROM shop.orders")), before.judged)
    assert isinstance(after.judged["a"].verdict, Broken)


def test_a_view_over_files_is_judged_again_when_the_files_change_their_columns(tmp_path):
    file, folder = tmp_path / "warehouse.duckdb", tmp_path / "files"
    folder.mkdir()
    write = f"COPY (SELECT 1 AS {{}}) TO '{folder}/part.parquet' (FORMAT parquet)"
    view = f"CREATE SCHEMA shop; CREATE VIEW shop.orders AS SELECT * FROM read_parquet('{folder}/*.parquet')"
    alter(file, f"{write.format('amount')}; {view}")
    shop = cluster(pair("total", "SELECT sum(amount) AS total FROM shop.orders"))
    url = f"duckdb:///{file}?files={folder}"

    def judged(remembered):
        with open_warehouse(url) as warehouse:
            return judge_cluster(shop, warehouse.catalog(), warehouse, remembered)

    before = judged({})
    assert isinstance(before.judged["total"].verdict, Valid)
    assert judged(before.judged).rejudged == ()
    with duckdb.connect() as connection:
        connection.execute(write.format("amount_eur"))
    assert isinstance(judged(before.judged).judged["total"].verdict, Broken)


def test_a_parameter_whose_values_are_gone_breaks_its_pair(file):
    by_country = pair("x", "SELECT id FROM shop.orders WHERE email = :c", c={"values": "shop.customers.country"})
    before = judge(file, cluster(by_country))
    assert isinstance(before.judged["x"].verdict, Valid)
    alter(file, "ALTER TABLE shop.customers RENAME country TO country_code")
    verdict = judge(file, cluster(by_country), before.judged).judged["x"].verdict
    assert isinstance(verdict, Broken)
    assert verdict.missing_column == "shop.customers.country"
    assert verdict.probably == "country_code"


def test_a_hidden_column_is_never_proposed(file):
    verdict = judge(file, cluster(pair("x", "SELECT emial FROM shop.orders"), hidden=("email",))).judged["x"].verdict
    assert isinstance(verdict, Broken)
    assert "email" not in str(verdict)
