"""Promises of the check before a change: what breaks is found by the engine's binder, and what is not known is said."""

import json
from pathlib import Path

import duckdb
import pytest

from vedder_core.against.impact import Change, impact_of
from vedder_core.against.source import read_source
from vedder_core.catalog_snapshot import write_snapshot
from vedder_core.cluster_files import load_clusters
from vedder_core.errors import SourceError
from vedder_core.schema import Catalog, Column, Routine, Table
from vedder_core.warehouse.duckdb import open_duckdb

DDL = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id INTEGER, customer INTEGER, amount DOUBLE, note VARCHAR);
CREATE TABLE shop.customers (id INTEGER, country VARCHAR);
CREATE VIEW shop.spent AS SELECT customer, sum(amount) AS spent FROM shop.orders GROUP BY customer;
"""
CARD = """
title: Sales
summary: What was ordered.
owner: {team: sales, contact: "#sales"}
datasets:
  - {name: shop.orders, description: One row an order., columns: {amount: {note: In euros.}}}
  - {name: shop.customers, description: One row a customer.}
  - {name: shop.spent, description: What each customer spent.}
"""
PAIRS = {
    "turnover": "SELECT sum(amount) AS turnover FROM shop.orders",
    "orders": "SELECT count(*) AS orders FROM shop.orders",
    "countries": "SELECT country, count(*) AS customers FROM shop.customers GROUP BY country",
    "best": "SELECT customer FROM shop.spent ORDER BY spent DESC LIMIT 1",
}
PAIR = "/*\nquestion: {slug}?\nteaches: a test\nvetted_by: Ada\nvetted_on: 2026-11-01\n*/\n{sql}\n"


@pytest.fixture
def shop(tmp_path):
    """A warehouse, the clusters over it, and what tries a change."""
    with duckdb.connect(str(tmp_path / "house.duckdb")) as connection:
        connection.execute(DDL)
    folder = tmp_path / "clusters" / "sales"
    (folder / "pairs").mkdir(parents=True)
    (folder / "cluster.yaml").write_text(CARD)
    for slug, sql in PAIRS.items():
        (folder / "pairs" / f"{slug}.sql").write_text(PAIR.format(slug=slug, sql=sql))
    return tmp_path


def tried(shop, source, *, before="warehouse", **options):
    loaded = load_clusters(shop / "clusters")
    with open_duckdb(f"duckdb:///{shop}/house.duckdb") as warehouse:
        now = warehouse.catalog() if before == "warehouse" else before
        path = source if isinstance(source, Path) else shop / "change.sql"
        if not isinstance(source, Path):
            path.write_text(source)
        proposal = read_source(path, now, dialect="duckdb", **options)
        return impact_of(loaded, Change(proposal, now, warehouse if before == "warehouse" else None))


def broken(impact):
    return {one.pair.slug: (one.missing, one.probably, one.confidence) for one in impact.breaks}


@pytest.mark.parametrize("word", ["COLUMN ", ""])
def test_a_renamed_column_breaks_its_pairs_also_through_views_and_is_named(shop, word):
    impact = tried(shop, f"ALTER TABLE shop.orders RENAME {word}amount TO total;")
    assert broken(impact) == {
        "turnover": ("shop.orders.amount", "total", 1.0),
        "best": ("amount", "total", 1.0),
    }
    assert impact.breaks[0].pair.team == "sales"
    assert {one.pair.slug: one.line for one in impact.breaks}["turnover"] == 7
    assert impact.touched == 3
    problems = [(problem.key, problem.hint) for problem in impact.problems]
    assert problems == [("datasets[shop.orders].columns.amount", "Probably `total` now.")]


@pytest.mark.parametrize(
    ("sql", "slugs"),
    [
        ("ALTER TABLE shop.orders DROP COLUMN amount", {"turnover", "best"}),
        ("ALTER TABLE shop.orders DROP note", set()),
        ("ALTER TABLE shop.orders ALTER amount TYPE VARCHAR", {"turnover", "best"}),
        ("ALTER TABLE shop.orders ALTER amount SET NOT NULL", set()),
        ("ALTER TABLE shop.orders ADD COLUMN paid BOOLEAN", set()),
        ("DROP TABLE shop.customers", {"countries"}),
        ("DROP VIEW IF EXISTS shop.spent", {"best"}),
        ("DROP TABLE shop.orders CASCADE", {"turnover", "orders", "best"}),
        ("DROP SCHEMA shop CASCADE", set(PAIRS)),
        ("ALTER TABLE shop.customers RENAME TO clients", {"countries"}),
        ("CREATE OR REPLACE VIEW shop.spent AS SELECT id AS customer, 1 AS spent FROM shop.customers", set()),
        ("CREATE OR REPLACE VIEW shop.spent AS SELECT 1 AS spent", {"best"}),
        # Here `ORDER BY spent` means the row of the view itself: names alone would have said that it breaks.
        ("CREATE OR REPLACE VIEW shop.spent AS SELECT customer FROM shop.orders", set()),
        ("CREATE TABLE shop.customers (id INT, land TEXT)", {"countries"}),
        ("CREATE TABLE shop.customers (id INT, country TEXT)", set()),
        ("SET search_path = shop; ALTER TABLE customers RENAME country TO land", {"countries"}),
        ("CREATE TABLE shop.x (id INT); CREATE INDEX i ON shop.x (id); COMMENT ON TABLE shop.x IS 'y'", set()),
        ("CREATE TEMP TABLE orders (id INT); INSERT INTO shop.orders SELECT 1, 2, 3, ''", set()),
        ("SET search_path = 'shop,main'; ALTER TABLE customers RENAME country TO land", {"countries"}),
        ("ALTER TABLE shop.customers RENAME country TO date; ALTER TABLE shop.customers RENAME date TO country", set()),
        ("ALTER TABLE shop.orders RENAME note TO date; ALTER TABLE shop.orders DROP date", set()),
        # What a table is made from is copied: what happens later to its source does not reach it.
        ("CREATE OR REPLACE TABLE shop.customers AS SELECT * EXCLUDE (country) FROM shop.customers", {"countries"}),
        ("CREATE OR REPLACE TABLE shop.customers AS SELECT c.* FROM shop.customers AS c, shop.spent", set()),
        (
            (
                "CREATE TABLE shop.new AS SELECT id, country FROM shop.customers WHERE shop.customers.id > 0; "
                "DROP TABLE shop.customers; ALTER TABLE shop.new RENAME TO customers"
            ),
            set(),
        ),
        (
            (
                "CREATE VIEW shop.half AS SELECT * FROM shop.orders; CREATE TABLE shop.new AS FROM shop.half; "
                "DROP VIEW shop.half; DROP TABLE shop.orders; ALTER TABLE shop.new RENAME TO orders"
            ),
            set(),
        ),
        # A view is made under the name that it has in the end.
        (
            (
                "CREATE VIEW shop.new AS SELECT customer, 1 AS spent FROM shop.orders; DROP VIEW shop.spent; "
                "ALTER VIEW shop.new RENAME TO spent"
            ),
            set(),
        ),
        ("ALTER VIEW shop.spent RENAME TO old; CREATE VIEW shop.spent AS SELECT spent FROM shop.old", {"best"}),
    ],
)
def test_each_kind_of_change_breaks_exactly_what_the_engine_refuses(shop, sql, slugs):
    impact = tried(shop, sql)
    assert {one.pair.slug for one in impact.breaks} == slugs
    assert impact.unjudged == ()
    assert slugs == by_the_engine(sql)


def by_the_engine(sql):
    """The pairs that DuckDB refuses once it has really run the statements."""
    refused = set()
    with duckdb.connect() as after:
        after.execute(DDL)
        if sql.startswith("CREATE TABLE shop.customers"):
            after.execute("DROP TABLE shop.customers")
        after.execute(sql)
        for slug, query in PAIRS.items():
            try:
                after.execute("PREPARE p AS " + query)
            except duckdb.Error:
                refused.add(slug)
    return refused


def test_a_pair_that_does_not_run_today_either_is_told_apart(shop):
    file = shop / "clusters/sales/pairs/turnover.sql"
    file.write_text(file.read_text().replace("sum(amount)", "sum(price)"))
    impact = tried(shop, "ALTER TABLE shop.orders RENAME note TO remark")
    assert impact.breaks == ()
    assert [pair.slug for pair in impact.already] == ["turnover"]


def test_a_column_that_was_there_before_is_no_new_name(shop):
    impact = tried(shop, "ALTER TABLE shop.orders ADD amounts DOUBLE; ALTER TABLE shop.orders DROP amount")
    assert broken(impact)["turnover"][1] in ("amounts", None)
    with duckdb.connect(str(shop / "house.duckdb")) as connection:
        connection.execute("DROP VIEW shop.spent; ALTER TABLE shop.orders ADD COLUMN amounts DOUBLE")
    assert broken(tried(shop, "ALTER TABLE shop.orders DROP amount"))["turnover"][1] is None


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT 1;\nFOO BAR;", "change.sql:1"),
        ("CREATE TABLE shop.x (id INT);\n\nCREATE TABLE shop.y (id INT", "change.sql:3"),
        ("ALTER TABLE shop.ordres DROP amount", "Did you mean `shop.orders`"),
        ("ALTER TABLE shop.orders RENAME COLUMN amout TO total", "Did you mean `amount`"),
        ("DO $$ BEGIN END $$", "change.sql:1"),
        ("ALTER TABLE shop.orders SET TBLPROPERTIES ('a' = 'b')", "change.sql:1"),
        ("CREATE TABLE 'x", "no SQL"),
        ("ALTER SCHEMA shop RENAME TO", "change.sql:1"),
        ("ALTER TABLE shop.orders DROP COLUMN note.amount", "a field within a column"),
        ("ALTER TABLE shop.orders RENAME note.amount TO total", "a field within a column"),
        ("CREATE TABLE shop.x AS SELECT 1 AS a; ALTER TABLE shop.x ADD b INT", "its query alone tells"),
    ],
)
def test_what_is_not_understood_is_an_error_with_its_place(shop, sql, said):
    with pytest.raises(SourceError) as refused:
        tried(shop, sql)
    assert said in str(refused.value)


def test_without_a_before_all_pairs_are_judged_and_what_nothing_tells_of_is_said(shop):
    impact = tried(shop, "CREATE TABLE shop.orders (id INT, amount DOUBLE, customer INT)", before=None)
    assert impact.touched == len(PAIRS)
    assert impact.breaks == ()
    assert {one.pair.slug for one in impact.unjudged} == {"countries", "best"}
    whole = tried(shop, "CREATE TABLE shop.orders (id INT, amount DOUBLE, customer INT)", before=None, whole=True)
    assert {one.pair.slug for one in whole.breaks} == {"countries", "best"}


MACROS = """
CREATE MACRO shop.cents(x) AS CAST(x * 100 AS BIGINT);
CREATE MACRO shop.in_cents(x) AS shop.cents(x);
CREATE MACRO shop.dear(least) AS TABLE SELECT customer, amount FROM shop.orders WHERE amount >= least;
CREATE MACRO shop.near(x) AS x, (x, y) AS abs(x - y);
CREATE OR REPLACE VIEW shop.spent AS
    SELECT customer, shop.in_cents(sum(amount)) + shop.near(1, 2) + shop.near(0) AS spent
    FROM shop.dear(10) GROUP BY customer;
"""


def test_a_line_of_a_cluster_file_is_given_the_name_that_the_change_states_and_not_the_nearest(shop):
    impact = tried(shop, "ALTER TABLE shop.orders RENAME amount TO total; ALTER TABLE shop.orders ADD amounts DATE;")
    assert [problem.hint for problem in impact.problems] == ["Probably `total` now."]
    impact = tried(shop, "ALTER TABLE shop.customers RENAME TO people; CREATE TABLE shop.customer (id INT);")
    assert [(p.key, p.hint) for p in impact.problems] == [
        ("datasets[shop.customers].name", "Probably `shop.people` now.")
    ]


def test_a_view_that_calls_macros_is_judged_with_them(shop):
    with duckdb.connect(str(shop / "house.duckdb")) as connection:
        connection.execute(MACROS)
    impact = tried(shop, "ALTER TABLE shop.orders ADD COLUMN paid DATE;")
    assert (broken(impact), impact.unjudged, impact.touched) == ({}, (), 3)
    assert broken(tried(shop, "ALTER TABLE shop.orders RENAME amount TO total;")).keys() == {"turnover", "best"}


def test_a_macro_that_gives_something_else_breaks_the_pairs_above_its_views(shop):
    with duckdb.connect(str(shop / "house.duckdb")) as connection:
        connection.execute(MACROS)
    with open_duckdb(f"duckdb:///{shop}/house.duckdb") as warehouse:
        now = warehouse.catalog()
    changed = Routine("shop.dear", ("least",), ("SELECT customer FROM shop.orders WHERE amount >= least",))
    after = Catalog(now.engine, now.dialect, now.tables, {**now.routines, changed.name: changed})
    write_snapshot(after, shop / "after.snapshot")
    impact = tried(shop, shop / "after.snapshot")
    assert broken(impact).keys() == {"best"}
    assert impact.touched == 1


def test_snapshots_are_compared_with_each_other_without_a_warehouse(shop):
    with open_duckdb(f"duckdb:///{shop}/house.duckdb") as warehouse:
        before = warehouse.catalog()
    customers = Table("shop.customers", (Column("id", "INTEGER"), Column("land", "VARCHAR")))
    after = Catalog("duckdb", "duckdb", {**before.tables, "shop.customers": customers})
    write_snapshot(after, shop / "after.snapshot")
    impact = tried(shop, shop / "after.snapshot", before=before)
    assert set(broken(impact)) == {"countries"}
    assert impact.touched == 1


# dbt


def manifest(shop, *nodes, sources=(), **metadata):
    said = {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
            "adapter_type": "duckdb",
            **metadata,
        },
        "nodes": {node["unique_id"]: node for node in nodes},
        "sources": {source["unique_id"]: source for source in sources},
        "something_new": {"a": 1},
    }
    file = shop / "target" / "manifest.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(said))
    return file


def model(name="customers", schema="shop", **others):
    return {
        "unique_id": f"model.p.{name}",
        "resource_type": "model",
        "relation_name": f'"prod"."{schema}"."{name}"',
        "columns": {},
        "config": {"materialized": "table"},
        **others,
    }


def columns(*names, data_type=None):
    return {name: {"name": name, "data_type": data_type, "meta": {}} for name in names}


def test_compiled_sql_is_bound_so_that_no_column_need_be_documented(shop):
    sql = "SELECT id, country AS land FROM raw_customers"
    with duckdb.connect(str(shop / "house.duckdb")) as connection:
        connection.execute("CREATE TABLE main.raw_customers (id INTEGER, country VARCHAR)")
    impact = tried(shop, manifest(shop, model(compiled_code=sql.replace("raw_", '"prod"."main"."raw_') + '"')))
    assert set(broken(impact)) == {"countries"}
    assert broken(impact)["countries"][0] == "shop.customers.country"


def test_an_enforced_contract_is_believed(shop):
    contract = {"enforced": True}
    node = model(columns=columns("id", "land", data_type="varchar"), config={"contract": contract})
    assert set(broken(tried(shop, manifest(shop, node)))) == {"countries"}


def test_documented_columns_may_be_some_of_many(shop):
    impact = tried(shop, manifest(shop, model(columns=columns("id"))))
    assert impact.breaks == ()
    assert [one.pair.slug for one in impact.unjudged] == ["countries"]
    assert "may not be all" in impact.unjudged[0].reason
    known = tried(shop, manifest(shop, model(columns=columns("id", "country"))))
    assert (known.breaks, known.unjudged) == ((), ())


RAW = {"unique_id": "source.p.raw", "resource_type": "source", "relation_name": '"prod"."raw"."people"'}


@pytest.mark.parametrize("documented", [(), ("id",)])
@pytest.mark.parametrize("columns_of", ["*", "id, country"])
def test_a_model_over_a_source_that_is_not_told_whole_breaks_nothing(shop, columns_of, documented):
    node = model(compiled_code=f'SELECT {columns_of} FROM "prod"."raw"."people"')
    impact = tried(shop, manifest(shop, node, sources=[{**RAW, "columns": columns(*documented)}]))
    assert impact.breaks == ()
    assert [one.pair.slug for one in impact.unjudged] == ["countries"]
    assert "may not be all" in impact.unjudged[0].reason
    assert impact.problems == ()


def test_a_model_over_what_nobody_tells_of_is_not_judged(shop):
    impact = tried(shop, manifest(shop, model(compiled_code='SELECT * FROM "prod"."unseen"."people"')))
    assert impact.breaks == ()
    assert "nothing is known of `unseen.people`" in impact.unjudged[0].reason


def test_a_model_that_names_its_columns_has_no_others_whatever_it_reads(shop):
    node = model(compiled_code='SELECT id FROM "prod"."raw"."people"')
    impact = tried(shop, manifest(shop, node, sources=[{**RAW, "columns": columns("id")}]))
    assert set(broken(impact)) == {"countries"}


def test_what_a_whole_manifest_reads_or_defers_is_not_gone(shop):
    source = {**RAW, "relation_name": '"prod"."shop"."orders"', "columns": {}}
    node = model(compiled_code="SELECT 1 AS id, 'x' AS country", deferred=True)
    impact = tried(shop, manifest(shop, node, sources=[source]), whole=True)
    assert set(broken(impact)) == {"best"}


def test_catalog_json_tells_the_columns_unless_it_is_older(shop):
    file = manifest(shop, model(columns=columns("id")), generated_at="2026-11-20T10:00:00Z")
    listing = {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json",
            "generated_at": "2026-11-20T11:00:00Z",
        },
        "nodes": {"model.p.customers": {"columns": {"land": {"name": "land", "type": "VARCHAR", "index": 1}}}},
    }
    file.with_name("catalog.json").write_text(json.dumps(listing))
    assert set(broken(tried(shop, file))) == {"countries"}
    listing["metadata"]["generated_at"] = "2026-11-19T11:00:00Z"
    file.with_name("catalog.json").write_text(json.dumps(listing))
    old = tried(shop, file.parent)
    assert old.breaks == ()
    assert "older than the manifest" in old.notes[0]


def test_ephemeral_and_deferred_models_change_nothing(shop):
    ephemeral = model("customers", relation_name=None, compiled_code="SELECT 1 AS x")
    deferred = model("orders", deferred=True, compiled_code="SELECT 1 AS x")
    impact = tried(shop, manifest(shop, ephemeral, deferred))
    assert (impact.touched, impact.breaks) == (0, ())


def test_a_trial_builds_names_are_led_back_to_production(shop):
    ours = {"relation_name": '"ci"."pr_7"."customers"', "compiled_code": "SELECT 1 AS id, 'x' AS land"}
    by_defer = model(**ours, defer_relation={"relation_name": '"prod"."shop"."customers"'})
    assert set(broken(tried(shop, manifest(shop, by_defer)))) == {"countries"}
    assert set(broken(tried(shop, manifest(shop, model(**ours)), schemas={"pr_7": "shop"}))) == {"countries"}


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"adapter_type": "snowflake"}, "adapter `snowflake`"),
        ({"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v4.json"}, "version `4`"),
    ],
)
def test_a_manifest_of_something_else_is_refused(shop, metadata, said):
    with pytest.raises(SourceError, match=said):
        tried(shop, manifest(shop, model(), **metadata))


DEAR = "CREATE OR REPLACE MACRO shop.dear(least) AS TABLE SELECT {columns} FROM shop.orders WHERE amount >= least;"


@pytest.mark.parametrize(
    ("sql", "slugs"),
    [
        (DEAR.format(columns="customer, amount, (id) AS number"), set()),
        (DEAR.format(columns="customer"), {"best"}),
        ("CREATE MACRO shop.other(a, b := 2) AS a + b, (a, b, c) AS a + b + c;", set()),
        ("DROP MACRO TABLE shop.dear;", {"best"}),
        ("DROP FUNCTION IF EXISTS shop.nothing_like_that;", set()),
        ("CREATE OR REPLACE FUNCTION SHOP.Dear(least) AS TABLE SELECT 1 AS x;", {"best"}),
        ("CREATE OR REPLACE TEMP MACRO dear(least) AS TABLE SELECT 1 AS x;", set()),
        ("USE shop; CREATE OR REPLACE MACRO dear(least) AS TABLE SELECT 1 AS x;", {"best"}),
    ],
)
def test_a_macro_in_ddl_breaks_exactly_the_pairs_above_the_views_that_call_it_wrongly(shop, sql, slugs):
    with duckdb.connect(str(shop / "house.duckdb")) as connection:
        connection.execute(MACROS)
    assert broken(tried(shop, sql)).keys() == slugs


def test_a_view_made_by_ddl_over_macros_made_by_ddl_binds_with_their_overloads_and_defaults(shop):
    macros = "CREATE MACRO shop.part(a, b := 2) AS a / b, (a, b, c) AS a / b / c;"
    view = "CREATE OR REPLACE VIEW shop.spent AS SELECT customer, shop.part({call}) AS spent FROM shop.orders;"
    assert broken(tried(shop, macros + view.format(call="amount"))) == {}
    assert broken(tried(shop, macros + view.format(call="amount, 2, 3"))) == {}
    assert broken(tried(shop, macros + view.format(call="amount, 2, 3, 4"))).keys() == {"best"}


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("CREATE MACRO shop.dear;", "change.sql:1: `CREATE MACRO shop.dear` cannot be read as a macro."),
        ("DROP MACRO shop.nothing;", "drops `shop.nothing`, which is not there."),
        ("ALTER FUNCTION shop.dear RENAME TO cheap;", "cannot be judged"),
        ("DROP TYPE shop.mood CASCADE;", "may take views and columns along that it does not name."),
    ],
)
def test_of_macros_and_types_too_what_is_not_understood_is_an_error(shop, sql, said):
    with pytest.raises(SourceError) as raised:
        tried(shop, sql)
    assert said in raised.value.message
