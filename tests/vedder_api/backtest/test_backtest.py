"""A whole backtest of a small shop: copies, real pipelines in their own process, questions over the real door."""

import shutil
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from vedder_api.backtest.backtest import backtest
from vedder_api.backtest.copies import Workshop
from vedder_api.backtest.damages.all import DAMAGES
from vedder_api.backtest.damages.harmless import OthersChanged
from vedder_api.backtest.damages.held_out_harmless import TablesGrew
from vedder_api.backtest.damages.of_data import TablesDropped
from vedder_api.backtest.damages.of_files import PairsRemoved, QuestionsSwapped
from vedder_api.backtest.findings import findings
from vedder_api.backtest.subject import Subject, subjects
from vedder_api.parts import Parts
from vedder_core.cluster_files import load_clusters
from vedder_core.errors import SettingsError
from vedder_core.settings import Settings
from vedder_core.warehouse.duckdb_copy import changed_copy

DDL = """
CREATE SCHEMA shop;
CREATE TABLE shop.customers AS
    SELECT i AS id, 'Customer ' || i AS name, ['FR', 'DE', 'IT'][i % 3 + 1] AS country,
        i % 4 AS agent_id FROM range(60) t(i);
CREATE TABLE shop.orders AS
    SELECT i AS id, (i * 7) % 60 AS customer_id, 5 + (i * 37) % 95 AS amount, ['web', 'shop'][i % 2 + 1] AS channel,
        DATE '2026-01-01' + (i // 30)::INTEGER AS day
    FROM range(900) t(i);
"""
CARD = """
title: Sales
summary: What was ordered, and by whom.
owner: {team: sales, contact: "#sales"}
datasets:
  - {name: shop.customers, description: One row a customer.}
  - {name: shop.orders, description: One row an order.}
"""
PAIRS = {
    "orders": ("How many orders are there?", "SELECT count(*) AS orders FROM shop.orders"),
    "turnover": ("What is the turnover?", "SELECT sum(amount) AS turnover FROM shop.orders"),
    "web_orders": ("How many orders came by web?", "SELECT count(*) AS n FROM shop.orders WHERE channel = 'web'"),
    "french": ("How many customers are from France?", "SELECT count(*) AS n FROM shop.customers WHERE country = 'FR'"),
    "by_country": (
        "What is the turnover of each country?",
        """SELECT country, sum(amount) AS turnover FROM shop.orders JOIN shop.customers ON customer_id = customers.id
        GROUP BY country ORDER BY country""",
    ),
    "by_day": (
        "How many orders came each day?",
        "SELECT day, count(*) AS n FROM shop.orders GROUP BY day ORDER BY day",
    ),
    "best": ("What is the largest order?", "SELECT max(amount) AS largest FROM shop.orders"),
}


WITH_A_BLANK = """/*
question: What is the largest order by {channel}?
phrasings:
  - What is the largest order of a channel?
parameters: {channel: {values: shop.orders.channel, default: web}}
teaches: a test
vetted_by: Ada
vetted_on: 2026-11-01
*/
SELECT max(amount) AS largest FROM shop.orders WHERE channel = :channel
"""


def shop_in(tmp_path: Path) -> Settings:
    with duckdb.connect(str(tmp_path / "data.duckdb")) as connection:
        connection.execute(DDL)
    pairs = tmp_path / "clusters" / "sales" / "pairs"
    pairs.mkdir(parents=True)
    (pairs.parent / "cluster.yaml").write_text(CARD)
    for slug, (question, sql) in PAIRS.items():
        header = f"question: {question}\nteaches: a test\nvetted_by: Ada\nvetted_on: 2026-11-01"
        (pairs / f"{slug}.sql").write_text(f"/*\n{header}\n*/\n{sql}\n")
    (pairs / "best_by_channel.sql").write_text(WITH_A_BLANK)
    return Settings(
        clusters=tmp_path / "clusters",
        warehouse=f"duckdb:///{tmp_path}/data.duckdb",
        context=str(tmp_path / "context"),
        state=f"sqlite:///{tmp_path}/state.db",
        embedder="hashed-words",
    )


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    return shop_in(tmp_path)


@pytest.fixture
def workshop(shop: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.setenv("VEDDER_EMBEDDER", shop.embedder)
    return Workshop(tmp_path / "workshop", shop)


def test_damage_is_found_and_what_is_none_is_not(workshop: Workshop, tmp_path: Path) -> None:
    before = (tmp_path / "data.duckdb").read_bytes()
    files = {file.name: file.read_text() for file in (tmp_path / "clusters").rglob("*.sql")}
    damages = (TablesDropped(), PairsRemoved(), QuestionsSwapped(), TablesGrew(), OthersChanged())
    seen = list(
        backtest(workshop, rows=10_000, questions=3, shares=(0.5, 1.0), damages=damages, progress=lambda _: None)
    )
    dropped = [one for one in seen if one.damage == "tables dropped"]
    assert [one.share for one in dropped] == [0.5, 1.0]
    assert dropped[1].failed == dropped[1].asked > 0
    assert dropped[1].score < dropped[0].score < dropped[0].before
    removed = [one for one in seen if one.damage == "pairs removed" and one.share == 1.0]
    assert all(one.failed == one.asked and one.score < one.before for one in removed)
    swapped = [one for one in seen if one.damage == "questions swapped" and one.share == 1.0]
    assert swapped
    assert all(one.failed > 0 and one.score < one.before for one in swapped)
    grown = [one for one in seen if one.damage == "tables grew"]
    assert grown
    assert all(one.failed == 0 and one.share > 0 for one in grown), "right is what the vetted SQL gives by then"
    untouched = [one for one in seen if one.damage == "nothing"]
    assert untouched
    assert all(one.failed == 0 and one.score == one.before and one.share == 0 for one in untouched)
    assert findings(seen).whole.rises == ()
    assert (tmp_path / "data.duckdb").read_bytes() == before, "only copies are damaged"
    assert {file.name: file.read_text() for file in (tmp_path / "clusters").rglob("*.sql")} == files


def test_a_warehouse_that_cannot_be_copied_is_refused_with_what_to_do(workshop: Workshop, postgres_server: str) -> None:
    there = workshop.configured.model_copy(update={"warehouse": postgres_server.replace("+psycopg", "")})
    with pytest.raises(SettingsError):
        Workshop(workshop.folder, there).lay_out(rows=100)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A shop that no test changes."""
    return shop_in(tmp_path_factory.mktemp("standing"))


@pytest.fixture(scope="module")
def sales(standing: Settings) -> Subject:
    from vedder_core.context.index import ContextWriter
    from vedder_core.embedder.embedder import open_embedder
    from vedder_core.warehouse.warehouse import open_warehouse
    from vedder_pipelines.curated import read_curated
    from vedder_pipelines.publishing import entries_of
    from vedder_pipelines.validation import judge_cluster

    (cluster,) = read_curated(standing.clusters, "duckdb").loaded
    with open_warehouse(standing.warehouse) as warehouse:
        catalog = warehouse.catalog()
        judged = judge_cluster(cluster, catalog, warehouse, {}).judged
        profiles = {d.name: warehouse.profile(catalog.tables[d.name], d, "") for d in cluster.datasets}
    ContextWriter(standing.context, open_embedder(standing)).publish(
        "sales", entries_of(cluster, catalog, profiles, judged)
    )
    with Parts(standing) as parts:
        (found,) = subjects(parts.shelf().snapshot(), dialect="duckdb")
    return found


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_a_larger_share_holds_what_a_smaller_one_does(damage, sales: Subject, standing: Settings) -> None:
    changes = [damage.change(sales, share, standing.clusters) for share in (0.15, 0.4, 0.8)]
    for less, more in pairwise(changes):
        assert set(less.statements) <= set(more.statements)
        assert set(less.files) <= set(more.files)
    assert damage.name == "nothing" or changes[-1]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_every_change_of_the_data_runs(damage, sales: Subject, standing: Settings, tmp_path: Path) -> None:
    change = damage.change(sales, 1.0, standing.clusters)
    changed_copy(Path(standing.warehouse.removeprefix("duckdb:///")), tmp_path / "data.duckdb", change.statements)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_a_cluster_with_changed_files_is_still_a_cluster(
    damage, sales: Subject, standing: Settings, tmp_path: Path
) -> None:
    shutil.copytree(standing.clusters, tmp_path / "clusters")
    for path, text in damage.change(sales, 1.0, standing.clusters).files.items():
        file = tmp_path / "clusters" / path
        file.parent.mkdir(exist_ok=True)
        file.unlink() if text is None else file.write_text(text)
    assert [one.name for one in load_clusters(tmp_path / "clusters").clusters] == ["sales"]


def test_a_subject_knows_what_its_pairs_compare_join_and_add_up(sales: Subject) -> None:
    assert {(one.column.column, one.value) for slug in sales.pairs for one in sales.literals(slug)} == {
        ("channel", "web"),
        ("country", "FR"),
    }
    assert {column.column for slug in sales.pairs for column in sales.summed(slug)} == {"amount"}
    assert sales.joined() == ("shop.customers", "shop.orders")
