"""The claim: a pair that runs and now misleads teaches nobody, says why and whose it is, and heals with its data."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pytest

from vedder_api.ask import Asker
from vedder_api.overview import cluster_page
from vedder_core.answer import Answer, NotCovered, Outcome
from vedder_core.cluster import Cluster, ColumnNote, Dataset, Owner, Pair
from vedder_core.context.health_history import HealthHistory
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.embedder.hashed import HashedWords
from vedder_core.warehouse.warehouse import Limits, open_warehouse
from vedder_pipelines.drift.watching import DriftReport, Watched, watch_cluster
from vedder_pipelines.profiling import profile_cluster
from vedder_pipelines.publishing import entries_of
from vedder_pipelines.validation import judge_cluster

DDL = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders AS
    SELECT i AS id, 10.5 + (i * 37) % 400 AS amount, ['paid', 'open', 'cancelled'][i % 3 + 1] AS state
    FROM range(900) t(i);
"""
QUESTIONS = {
    "What is the turnover of all orders?": "SELECT sum(amount) AS turnover FROM shop.orders",
    "How many orders are open?": "SELECT count(*) AS orders FROM shop.orders WHERE state = 'open'",
    "How many orders are there?": "SELECT count(*) AS orders FROM shop.orders",
}
TURNOVER, OPEN, ALL = QUESTIONS


@dataclass
class Shop:
    """A warehouse, a cluster over it, and a context; `run` does what the pipelines' assets do."""

    folder: Path
    vetted_on: date = date(2026, 7, 1)
    remembered: dict[str, Watched] = field(default_factory=dict)

    @property
    def warehouse(self) -> str:
        return f"duckdb:///{self.folder / 'warehouse.duckdb'}?workers=0"

    def change(self, sql: str) -> None:
        with duckdb.connect(str(self.folder / "warehouse.duckdb")) as connection:
            connection.execute(sql)

    def cluster(self) -> Cluster:
        pairs = tuple(
            Pair(slug=f"p{n}", question=q, teaches="a", vetted_by="Ada", vetted_on=self.vetted_on, sql=sql)
            for n, (q, sql) in enumerate(QUESTIONS.items())
        )
        owner = Owner(team="sales", contact="#sales")
        datasets = (Dataset(name="shop.orders", description="One row an order."),)
        return Cluster(name="shop", title="Shop", summary="Orders.", owner=owner, datasets=datasets, pairs=pairs)

    def run(self) -> DriftReport:
        cluster = self.cluster()
        with open_warehouse(self.warehouse) as warehouse:
            catalog = warehouse.catalog()
            profiles = profile_cluster(cluster, catalog, warehouse, {}, lambda _: None).profiles
            judged = judge_cluster(cluster, catalog, warehouse, {})
            report = watch_cluster(cluster, catalog, warehouse, judged, profiles, self.remembered)
            entries = entries_of(cluster, catalog, profiles, judged.judged, drifted=report.drifted)
        self.remembered = dict(report.watched)
        ContextWriter(str(self.folder / "context"), HashedWords()).publish("shop", entries)
        return report

    def ask(self, question: str) -> Outcome:
        reader = ContextReader(str(self.folder / "context"), HashedWords())
        with open_warehouse(self.warehouse) as warehouse:
            return Asker(reader, HashedWords(), warehouse, Limits()).answer(question)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.change(DDL)
    made.run()
    return made


def test_it_is_declined_with_the_finding_and_the_owner_and_the_others_go_on(shop: Shop) -> None:
    assert all(isinstance(shop.ask(question), Answer) for question in QUESTIONS)

    shop.change("UPDATE shop.orders SET amount = amount * 100, state = replace(state, 'open', 'OPEN')")
    report = shop.run()

    assert {one.drifts[0].detector for one in report.drifted.values()} == {"unit_shift", "vanished_literal"}
    turnover, still_open = shop.ask(TURNOVER), shop.ask(OPEN)
    assert isinstance(turnover, NotCovered)
    assert "`shop/p0`" in turnover.reason
    assert "100 times as large (cents for a whole unit" in turnover.reason
    assert "sales (#sales)" in turnover.reason
    assert isinstance(still_open, NotCovered)
    assert "probably `OPEN` now" in still_open.reason
    assert isinstance(shop.ask(ALL), Answer)
    taught = ContextReader(str(shop.folder / "context"), HashedWords()).snapshot().entries(kinds=("pair",))
    assert [entry.title for entry in taught] == [ALL]


def test_what_another_cluster_withholds_is_not_told_with_the_finding(shop: Shop) -> None:
    notes = {"state": ColumnNote(sensitive=True), "amount": ColumnNote(sensitive=True)}
    orders = Dataset(name="shop.orders", description="The same.", columns=notes)
    other = shop.cluster().model_copy(update={"name": "audit", "datasets": (orders,), "pairs": ()})
    with open_warehouse(shop.warehouse) as warehouse:
        entries = entries_of(other, warehouse.catalog(), {}, {})
    ContextWriter(str(shop.folder / "context"), HashedWords()).publish("audit", entries)

    shop.change("UPDATE shop.orders SET amount = amount * 100, state = replace(state, 'open', 'OPEN')")
    shop.run()

    turnover, still_open = shop.ask(TURNOVER), shop.ask(OPEN)
    assert isinstance(turnover, NotCovered)
    assert isinstance(still_open, NotCovered)
    assert "not for telling" in turnover.reason
    assert "not for telling" in still_open.reason
    assert "OPEN" not in still_open.reason
    assert "`shop/p1`" in still_open.reason
    snapshot = ContextReader(str(shop.folder / "context"), HashedWords()).snapshot()
    page = cluster_page(snapshot, HealthHistory(str(shop.folder / "context")), "shop")
    assert "OPEN" not in str(page.pairs)
    assert "times as large" not in str(page.pairs)


def test_it_answers_again_once_the_data_heal(shop: Shop) -> None:
    shop.change("UPDATE shop.orders SET amount = amount * 100")
    shop.run()
    assert isinstance(shop.ask(TURNOVER), NotCovered)
    shop.change("UPDATE shop.orders SET amount = amount / 100")
    assert shop.run().drifted == {}
    assert isinstance(shop.ask(TURNOVER), Answer)


def test_who_vets_it_again_accepts_what_is(shop: Shop) -> None:
    shop.change("UPDATE shop.orders SET amount = amount * 100")
    assert set(shop.run().drifted) == {"p0"}
    shop.vetted_on = date(2026, 8, 1)
    assert shop.run().drifted == {}
    assert isinstance(shop.ask(TURNOVER), Answer)
