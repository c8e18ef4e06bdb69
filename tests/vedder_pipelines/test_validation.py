"""Promises of `validation`: the engine judges, the curator is told the place and the name, nothing is judged twice."""

from dataclasses import replace
from datetime import date

import duckdb
import pytest

from vedder_core.cluster import Cluster, ColumnNote, Dataset, Owner, Pair, Parameter
from vedder_core.schema_diff import schema_diff
from vedder_core.untold import Untold, with_untold
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


def diffed(file, statements, shop):
    """The report after a change of the warehouse, with what the schema diff says of it."""
    url = f"duckdb:///{file}"
    with open_warehouse(url) as warehouse:
        was = warehouse.catalog()
        before = judge_cluster(shop, was, warehouse, {})
        was = replace(was, tables=dict(was.tables))
    alter(file, statements)
    with open_warehouse(url) as warehouse:
        now = warehouse.catalog()
        return judge_cluster(shop, now, warehouse, before.judged, schema_diff(was, now))


def broken(report, slug):
    verdict = report.judged[slug].verdict
    assert isinstance(verdict, Broken), verdict
    return verdict


def test_a_renamed_table_is_told_with_its_new_name_and_how_sure_that_is(file):
    verdict = broken(
        diffed(
            file, "ALTER TABLE shop.customers RENAME TO customer", cluster(pair("x", "SELECT id FROM shop.customers"))
        ),
        "x",
    )
    assert (verdict.missing_table, verdict.probably) == ("shop.customers", "shop.customer")
    assert verdict.confidence is not None
    assert "probably called `shop.customer`" in verdict.reason


def test_a_column_that_moved_is_told_with_the_table_that_has_it_now(file):
    alter(file, "ALTER TABLE shop.customers ADD COLUMN customer_segment VARCHAR")
    moved = """
        CREATE TABLE shop.segments AS SELECT id, customer_segment FROM shop.customers;
        ALTER TABLE shop.customers DROP customer_segment"""
    verdict = broken(diffed(file, moved, cluster(pair("x", "SELECT customer_segment FROM shop.customers"))), "x")
    assert verdict.missing_column == "shop.customers.customer_segment"
    assert verdict.probably == "shop.segments.customer_segment"
    assert "in `shop.segments` now, as `customer_segment`" in verdict.reason


def test_a_column_renamed_below_a_view_over_a_view_is_named_with_its_table(file):
    alter(file, "CREATE VIEW shop.orders_deep AS SELECT count(id) AS n FROM shop.large_orders")
    shop = cluster(pair("deep", "SELECT n FROM shop.orders_deep"), pair("x", "SELECT country FROM shop.customers"))
    shop = shop.model_copy(update={"datasets": (*shop.datasets, Dataset(name="shop.orders_deep", description="x"))})
    report = diffed(file, "ALTER TABLE shop.orders RENAME amount TO amount_eur", shop)
    assert report.rejudged == ("deep",)
    verdict = broken(report, "deep")
    assert (verdict.missing_column, verdict.probably) == ("shop.orders.amount", "amount_eur")
    assert "The view `shop.orders_deep` reads `shop.orders.amount`" in verdict.reason


def test_a_table_renamed_below_a_view_is_named(file):
    shop = cluster(pair("large", "SELECT id FROM shop.large_orders"))
    verdict = broken(diffed(file, "ALTER TABLE shop.orders RENAME TO purchases", shop), "large")
    assert (verdict.missing_table, verdict.probably) == ("shop.orders", "shop.purchases")


MACROS = """
CREATE MACRO shop.gross(x) AS x * (SELECT max(rate) FROM shop.rates);
CREATE TABLE shop.rates (rate DOUBLE);
CREATE VIEW shop.gross_orders AS SELECT id, shop.gross(amount) AS gross FROM shop.orders;
"""


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ("CREATE OR REPLACE MACRO shop.gross(x) AS x * 2", True),
        ("CREATE OR REPLACE MACRO shop.gross(x) AS x || '!' || nothing_there", False),
        ("ALTER TABLE shop.rates RENAME rate TO share", False),
        ("DROP MACRO shop.gross", False),
    ],
)
def test_a_change_of_a_macro_or_below_it_reaches_the_pairs_above(file, change, holds):
    alter(file, f"{MACROS.splitlines()[2]} {MACROS.splitlines()[1]} {MACROS.splitlines()[3]}")
    shop = cluster(pair("gross", "SELECT gross FROM shop.gross_orders"), pair("x", "SELECT amount FROM shop.orders"))
    view = Dataset(name="shop.gross_orders", description="x")
    shop = shop.model_copy(update={"datasets": (*shop.datasets, view)})
    report = diffed(file, change, shop)
    assert report.rejudged == ("gross",)
    assert isinstance(report.judged["gross"].verdict, Valid) is holds


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE shop.other (id INTEGER)",
        "COMMENT ON TABLE shop.orders IS 'Orders'; COMMENT ON COLUMN shop.orders.id IS 'The number'",
        "INSERT INTO shop.orders (id) VALUES (1)",
        "ALTER TABLE shop.customers ADD COLUMN zip VARCHAR",
        "CREATE MACRO shop.unused(x) AS x",
    ],
)
def test_what_does_not_touch_a_pair_judges_nothing_again(file, change):
    assert diffed(file, change, cluster(pair("x", "SELECT amount FROM shop.orders"))).rejudged == ()


def test_a_new_column_judges_again_because_it_can_make_a_name_unclear(file):
    join = "SELECT country FROM shop.customers JOIN shop.orders USING (id)"
    report = diffed(file, "ALTER TABLE shop.orders ADD COLUMN country VARCHAR", cluster(pair("x", join)))
    assert report.rejudged == ("x",)
    assert broken(report, "x").probably is None


@pytest.mark.parametrize(
    ("sql", "change", "asked"),
    [
        ("SELECT amount FROM shop.orders", "ALTER TABLE shop.orders ADD COLUMN zip VARCHAR", False),
        ("SELECT amount FROM shop.orders", "ALTER TABLE shop.orders DROP COLUMN email", False),
        ("SELECT amount AS mail FROM shop.orders", "ALTER TABLE shop.orders RENAME email TO mail", True),
        ("SELECT sum(amount) FROM shop.orders", "ALTER TABLE shop.orders ALTER amount TYPE BIGINT", True),
        ("SELECT amount FROM shop.orders", 'ALTER TABLE shop.orders RENAME amount TO "Amount"', True),
        ("SELECT * FROM shop.orders", "ALTER TABLE shop.orders ADD COLUMN zip VARCHAR", True),
        ("SELECT count(orders) FROM shop.orders", "ALTER TABLE shop.orders DROP COLUMN email", True),
        ("SELECT id FROM shop.large_orders", "ALTER TABLE shop.orders ADD COLUMN zip VARCHAR", True),
        (
            "SELECT amount FROM shop.orders WHERE id IN (SELECT id FROM shop.large_orders)",
            "ALTER TABLE shop.orders ADD COLUMN zip VARCHAR",
            True,
        ),
    ],
)
def test_the_engine_is_asked_again_only_where_a_touched_pair_may_read_what_moved(file, sql, change, asked):
    shop = cluster(pair("x", sql))
    before = judge(file, shop)
    alter(file, f"DROP VIEW IF EXISTS shop.large_orders; {change}; {DDL.splitlines()[4]}")
    report = judge(file, shop, before.judged)
    assert (report.rejudged, report.asked) == (("x",), ("x",) if asked else ())
    fresh = judge(file, shop).judged["x"]
    assert (report.judged["x"].verdict, report.judged["x"].schema_hash) == (fresh.verdict, fresh.schema_hash)
    assert judge(file, shop, report.judged).rejudged == ()


def test_a_column_from_which_a_parameter_takes_its_values_counts_as_named(file):
    shop = cluster(pair("x", "SELECT id FROM shop.customers WHERE id = :y", y={"values": "shop.orders.amount"}))
    before = judge(file, shop)
    alter(file, "DROP VIEW shop.large_orders; ALTER TABLE shop.orders RENAME amount TO paid")
    report = judge(file, shop, before.judged)
    assert report.asked == ("x",)
    assert broken(report, "x").missing_column == "shop.orders.amount"


def test_a_column_that_goes_or_comes_below_a_star_view_with_a_hidden_column_breaks_nothing(file):
    alter(file, "CREATE VIEW shop.all_orders AS SELECT * FROM shop.orders")
    hides = Dataset(name="shop.all_orders", description="x", columns={"email": ColumnNote(hidden=True)})
    shop = cluster(pair("some", "SELECT amount FROM shop.all_orders"), pair("all", "SELECT * FROM shop.all_orders"))
    shop = shop.model_copy(update={"datasets": (*shop.datasets, hides)})
    before = judge(file, shop)
    alter(file, "ALTER TABLE shop.orders DROP COLUMN ordered_on; ALTER TABLE shop.orders ADD COLUMN zip VARCHAR")
    report = judge(file, shop, before.judged)
    assert report.judged["some"].verdict == Valid(("amount",))
    assert report.judged["all"].verdict == Valid(("id", "amount", "zip"))


def test_a_column_hidden_by_a_curator_asks_again(file):
    mails = cluster(pair("x", "SELECT email FROM shop.orders"))
    before = judge(file, mails)
    report = judge(file, cluster(*mails.pairs, hidden=("email",)), before.judged)
    assert report.asked == ("x",)


def test_a_table_that_comes_between_a_view_and_what_it_reads_judges_again(file):
    alter(file, "CREATE TABLE main.stock (id INTEGER, left_over INTEGER); CREATE VIEW shop.open AS SELECT * FROM stock")
    over_view = cluster(pair("x", "SELECT left_over FROM shop.open"), pair("y", "SELECT id FROM shop.customers"))
    over_view = over_view.model_copy(
        update={"datasets": (*over_view.datasets, Dataset(name="shop.open", description="x"))}
    )
    report = diffed(file, "CREATE TABLE shop.stock (id INTEGER)", over_view)
    assert report.rejudged == ("x",)


def test_a_type_change_that_breaks_is_told_with_both_types(file):
    change = "DROP VIEW shop.large_orders; ALTER TABLE shop.orders ALTER amount TYPE VARCHAR"
    verdict = broken(diffed(file, change, cluster(pair("x", "SELECT sum(amount) FROM shop.orders"))), "x")
    assert "`shop.orders.amount` was INTEGER and is VARCHAR now" in verdict.reason


def test_a_pair_that_reads_what_another_cluster_hides_is_broken(file):
    shop = cluster(pair("mails", "SELECT email FROM shop.orders"), pair("x", "SELECT id FROM shop.orders"))
    shop = with_untold(shop, {"shop.orders": Untold(hidden=frozenset({"email"}))})
    report = diffed(file, "SELECT 1", shop)
    assert isinstance(report.judged["x"].verdict, Valid)
    assert broken(report, "mails").missing_column == "shop.orders.email"


def test_a_broken_pair_keeps_what_it_used_so_that_a_later_judgement_still_knows(file):
    shop = cluster(pair("x", "SELECT amount, id FROM shop.orders"))
    first = diffed(file, "DROP VIEW shop.large_orders; ALTER TABLE shop.orders RENAME amount TO amount_eur", shop)
    assert "shop.orders.amount" in first.judged["x"].columns


def test_a_new_name_that_is_hidden_is_never_told(file):
    change = "DROP VIEW shop.large_orders; ALTER TABLE shop.orders RENAME amount TO amount_eur"
    verdict = broken(
        diffed(file, change, cluster(pair("x", "SELECT amount FROM shop.orders"), hidden=("amount_eur",))), "x"
    )
    assert "amount_eur" not in str(verdict)
