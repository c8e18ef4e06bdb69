"""The same promises over PostgreSQL's SQL: its own parser and analysis judge in a scratch database, or names alone."""

import psycopg
import pytest

from bench import postgres
from vedder_core.against.impact import Change, impact_of
from vedder_core.against.source import read_source
from vedder_core.cluster_files import load_clusters
from vedder_core.errors import VedderError
from vedder_core.schema import Catalog, Column, Table

BEFORE = Catalog(
    "postgresql",
    "postgres",
    {
        "shop.orders": Table(
            "shop.orders",
            (Column("id", "integer"), Column("amount", "numeric(10,2)"), Column("at", "timestamp with time zone")),
            key=("id",),
        ),
        "shop.big": Table(
            "shop.big",
            (Column("id", "integer"), Column("amount", "numeric(10,2)")),
            kind="view",
            definition="SELECT id, amount FROM shop.orders WHERE amount > 100",
        ),
    },
)
CARD = """
title: Sales
summary: What was ordered.
owner: {team: sales, contact: "#sales"}
datasets:
  - {name: shop.orders, description: One row an order.}
  - {name: shop.big, description: Large orders.}
"""
PAIRS = {
    "turnover": "SELECT sum(amount) AS turnover FROM shop.orders",
    "monthly": "SELECT date_trunc('month', at) AS month, count(*) AS orders FROM shop.orders GROUP BY 1",
    "large": "SELECT count(*) AS orders FROM shop.big WHERE amount > 500",
}
KEYED = {"largest": "SELECT id, at, max(amount) AS most FROM shop.orders GROUP BY id"}
"""Groups by a primary key, which in PostgreSQL stands for all columns of its table."""
PAIR = "/*\nquestion: {slug}?\nteaches: a test\nvetted_by: Ada\nvetted_on: 2026-11-01\n*/\n{sql}\n"


def tried(folder, sql, scratch, pairs=PAIRS):
    cluster = folder / "clusters" / "sales"
    (cluster / "pairs").mkdir(parents=True, exist_ok=True)
    (cluster / "cluster.yaml").write_text(CARD)
    for slug, text in pairs.items():
        (cluster / "pairs" / f"{slug}.sql").write_text(PAIR.format(slug=slug, sql=text))
    change = folder / "change.sql"
    change.write_text(sql)
    proposal = read_source(change, BEFORE, dialect="postgres")
    return impact_of(load_clusters(folder / "clusters", dialect="postgres"), Change(proposal, BEFORE, scratch=scratch))


@pytest.fixture
def scratch(postgres_server):
    with postgres.database(postgres_server) as url:
        yield url


@pytest.mark.parametrize(
    ("sql", "slugs"),
    [
        ("ALTER TABLE shop.orders RENAME COLUMN amount TO total", {"turnover"}),  # its views follow
        ("ALTER TABLE shop.orders ALTER COLUMN amount TYPE text USING amount::text", {"turnover"}),
        ("ALTER TABLE shop.orders ALTER COLUMN at TYPE date", set()),
        ("ALTER TABLE shop.orders ADD COLUMN paid boolean, DROP COLUMN at", {"monthly"}),
        ("DROP TABLE shop.orders CASCADE", set(PAIRS)),
        ("CREATE OR REPLACE VIEW shop.big AS SELECT id FROM shop.orders", {"large"}),
        ('SET search_path TO shop; CREATE TABLE x (id serial PRIMARY KEY, "Odd" text)', set()),
        ("ALTER TABLE shop.orders DROP COLUMN amount CASCADE", {"turnover", "large"}),  # its view goes with it
        ("ALTER TABLE shop.orders DROP COLUMN at CASCADE", {"monthly"}),
        ("ALTER SCHEMA SHOP RENAME TO sales", set(PAIRS)),
        ("ALTER MATERIALIZED VIEW shop.big RENAME TO large", {"large"}),
        ("ALTER MATERIALIZED VIEW shop.big RENAME COLUMN amount TO total", {"large"}),
        ("DROP VIEW shop.big; CREATE MATERIALIZED VIEW shop.big AS SELECT id FROM shop.orders WITH NO DATA", {"large"}),
        (
            "LOCK TABLE shop.orders; REFRESH MATERIALIZED VIEW shop.big; ALTER TABLE shop.orders SET (fillfactor = 70)",
            set(),
        ),
        ("ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY, RENAME CONSTRAINT a TO b", set()),
        ("ALTER TABLE ONLY shop.orders ALTER COLUMN id SET STATISTICS 100", set()),
        # as pg_dump writes it
        ("\\restrict aB3\n\nALTER FUNCTION shop.f(integer) OWNER TO ada;\n\n\\unrestrict aB3\n", set()),
        ("CREATE TYPE shop.mood AS ENUM ('ok'); ALTER TYPE shop.mood OWNER TO ada; DROP VIEW shop.big", {"large"}),
    ],
)
def test_postgresql_judges_in_a_scratch_database_and_nothing_stays_there(tmp_path, scratch, sql, slugs):
    impact = tried(tmp_path, sql, scratch)
    assert impact.judge == "postgresql"
    assert {one.pair.slug for one in impact.breaks} == slugs
    assert impact.unjudged == ()
    with psycopg.connect(scratch.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'shop'").fetchone() == (0,)


def test_a_scratch_that_cannot_be_used_is_said_without_its_password(tmp_path):
    with pytest.raises(VedderError) as refused:
        tried(tmp_path, "DROP TABLE shop.orders", "postgresql://me:s3cret@127.0.0.1:9/scratch")
    assert "s3cret" not in str(refused.value)


def test_a_scratch_that_is_not_empty_is_refused(tmp_path, scratch):
    with psycopg.connect(scratch.replace("+psycopg", "")) as connection:
        connection.execute("CREATE SCHEMA shop; CREATE TABLE shop.orders (id integer)")
    with pytest.raises(VedderError, match="of its own"):
        tried(tmp_path, "ALTER TABLE shop.orders ADD paid boolean", scratch)


@pytest.mark.parametrize(
    ("sql", "breaks", "unjudged"),
    [
        ("ALTER TABLE shop.orders RENAME COLUMN amount TO total", {"turnover"}, set()),
        ("ALTER TABLE shop.orders DROP COLUMN at", {"monthly"}, set()),
        ("CREATE OR REPLACE VIEW shop.big AS SELECT id FROM shop.orders", {"large"}, set()),
        ("DROP VIEW shop.big", {"large"}, set()),
    ],
)
def test_without_a_scratch_names_alone_are_judged_and_said_so(tmp_path, sql, breaks, unjudged):
    impact = tried(tmp_path, sql, None)
    assert impact.judge == "names"
    assert {one.pair.slug for one in impact.breaks} == breaks
    assert {one.pair.slug for one in impact.unjudged} == unjudged


def test_a_new_type_is_no_matter_of_names(tmp_path):
    impact = tried(tmp_path, "ALTER TABLE shop.orders ALTER COLUMN amount TYPE text", None)
    assert impact.breaks == ()
    assert {one.pair.slug for one in impact.unjudged} == {"turnover"}


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY, DROP COLUMN amount",
        "ALTER TABLE shop.orders OWNER TO ada, DROP COLUMN amount",
        "ALTER SCHEMA shops RENAME TO sales",
    ],
)
def test_of_what_does_several_things_nothing_is_passed_over(tmp_path, sql):
    with pytest.raises(VedderError, match=r"change\.sql:1"):
        tried(tmp_path, sql, None)


NEW = "DROP TABLE shop.orders CASCADE; CREATE TABLE shop.orders (id int {key}, amount int, at date{keys})"


@pytest.mark.parametrize(
    ("sql", "breaks", "unjudged"),
    [
        ("ALTER TABLE shop.orders ADD paid boolean", set(), set()),
        ("ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey", {"largest"}, set()),
        ("ALTER TABLE shop.orders DROP CONSTRAINT IF EXISTS orders_pkey CASCADE", {"largest"}, set()),
        ("ALTER TABLE shop.orders DROP CONSTRAINT of_its_own", set(), {"largest"}),  # is it the key?
        ("ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey, ADD PRIMARY KEY (id)", set(), set()),
        ("ALTER TABLE shop.orders DROP COLUMN at", {"largest"}, set()),
        ("ALTER TABLE shop.orders RENAME id TO number; ALTER TABLE shop.orders RENAME number TO id", set(), set()),
        ("DROP TABLE shop.orders CASCADE", {"largest"}, set()),
        (NEW.format(key="PRIMARY KEY", keys=""), set(), set()),
        (NEW.format(key="", keys=", CONSTRAINT of_its_own PRIMARY KEY (id)"), set(), set()),
        (NEW.format(key="", keys=""), {"largest"}, set()),
        (
            "CREATE TABLE shop.x AS SELECT * FROM shop.orders; " + "DROP TABLE shop.orders CASCADE; "
            "ALTER TABLE shop.x RENAME TO orders",
            {"largest"},
            set(),
        ),
        (
            (
                "CREATE TABLE shop.x (LIKE shop.orders INCLUDING ALL); DROP TABLE shop.orders CASCADE; "
                "ALTER TABLE shop.x RENAME TO orders"
            ),
            set(),
            {"largest"},
        ),
    ],
)
def test_a_pair_that_groups_by_a_key_stands_with_it(tmp_path, scratch, sql, breaks, unjudged):
    impact = tried(tmp_path, sql, scratch, KEYED)
    assert {one.pair.slug for one in impact.breaks} == breaks
    assert {one.pair.slug for one in impact.unjudged} == unjudged
    assert impact.already == ()


def test_a_key_that_goes_is_told_also_by_names_alone(tmp_path):
    impact = tried(tmp_path, "ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey", None, KEYED)
    assert [one.pair.slug for one in impact.unjudged] == ["largest"]
    kept = tried(tmp_path, "ALTER TABLE shop.orders ADD paid boolean", None, KEYED)
    assert (kept.breaks, kept.unjudged) == ((), ())
