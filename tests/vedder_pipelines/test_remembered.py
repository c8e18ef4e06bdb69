"""Promises of `remembered`: a cluster recalls its own, and what a former version wrote is read or judged again."""

import json
from datetime import date

import duckdb
import pytest

from vedder_core.cluster import Cluster, Dataset, Owner, Pair
from vedder_core.context.memory import Memory
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.remembered import VERDICTS
from vedder_pipelines.validation import judge_cluster


@pytest.fixture
def memory(tmp_path):
    return Memory(f"{tmp_path / 'context'}")


def cluster(name="shop"):
    queries = {"all": "SELECT count(*) AS n FROM shop.orders", "one": "SELECT id FROM shop.orders WHERE id = 1"}
    said = {"question": "How many?", "teaches": "x", "vetted_by": "Ada", "vetted_on": date(2026, 11, 1)}
    return Cluster(
        name=name,
        title="Shop",
        summary="Orders.",
        owner=Owner(team="sales", contact="#sales"),
        datasets=(Dataset(name="shop.orders", description="x"),),
        pairs=tuple(Pair(slug=slug, sql=sql, **said) for slug, sql in queries.items()),
    )


@pytest.fixture
def judge(tmp_path):
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE SCHEMA shop; CREATE TABLE shop.orders (id INTEGER)")

    def judged(remembered):
        with open_warehouse(f"duckdb:///{file}") as warehouse:
            return judge_cluster(cluster(), warehouse.catalog(), warehouse, remembered)

    return judged


def test_a_cluster_recalls_its_own_verdicts_and_none_of_a_cluster_with_a_name_like_its_own(memory, judge):
    judged = judge({}).judged
    for name in ("shop", "shop2", "sho"):
        VERDICTS.remember_in(memory, name, {f"of-{name}": judged["all"]})
    assert VERDICTS.recall_in(memory, "shop", ["of-shop", "of-shop2", "of-sho"]) == {"of-shop": judged["all"]}
    assert VERDICTS.recall_in(memory, "shop", []) == {}


def test_verdicts_in_the_form_of_a_former_version_still_stand(memory, judge):
    VERDICTS.remember_in(memory, "shop", judge({}).judged)
    for key, written in memory.recall("verdict").items():
        former = json.loads(written)
        del former["found_in"], former["found_at"]  # they came later
        memory.remember("verdict", {key: json.dumps(former)})
    report = judge(VERDICTS.recall_in(memory, "shop", ["all", "one"]))
    assert (set(report.reused), report.rejudged) == ({"all", "one"}, ())


@pytest.mark.parametrize("written", ["", "null", '{"pair_hash": "of another form"}', '"valid"'])
def test_a_verdict_that_nobody_can_read_any_more_is_judged_again_and_no_other(memory, judge, written):
    first = judge({})
    VERDICTS.remember_in(memory, "shop", first.judged)
    memory.remember("verdict", {"shop/all": written})
    report = judge(VERDICTS.recall_in(memory, "shop", ["all", "one"]))
    assert (report.reused, report.rejudged) == (("one",), ("all",))
    assert report.judged == first.judged
