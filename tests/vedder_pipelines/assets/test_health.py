"""Promises of the health asset, on a real warehouse, context and state database."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.vedder_core.state.samples import answer, end, not_covered
from tests.vedder_pipelines.test_assets import build, check, said
from vedder_core.context.health_history import HealthHistory
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State
from vedder_core.state.feedback import Feedbacks
from vedder_core.state.leases import Leases


@pytest.fixture
def asking(shop):
    """Asks and ends questions in the shop's own state database."""
    with State.open(shop.settings.state) as state:

        def ask(question, outcome, *, caller="ada", verdict=None):
            turn = Conversations(state).ask(question, caller=caller)
            end(Leases(state).claim_turn(turn.id), replace(outcome, question=question, understood=question))
            if verdict is not None:
                Feedbacks(state).give(turn.id, caller=caller, verdict=verdict)
            return turn.id

        yield ask


def readings(result, cluster="sales"):
    return {row["signal"]: row for row in said(result, cluster, "health")["readings"]}


def test_before_anybody_asked_use_is_not_measured_and_says_why(shop):
    result = build(shop)
    assert result.success
    shown = readings(result)
    assert (shown["coverage"]["reading"], shown["feedback"]["reading"]) == ("not measured", "not measured")
    assert shown["coverage"]["evidence"] == "There is no state database."
    assert shown["retrieval_self_test"]["reading"] != "not measured"
    assert not (shop.root / "state").exists()


def test_questions_really_asked_become_coverage_feedback_and_ranked_actions(shop, asking):
    for n in range(6):
        asking(f"What was ordered on day {n}?", answer(cluster="sales"), verdict="good" if n else "bad")
    near = not_covered(near=("sales", "shipping"))
    last = [asking("What do customers order as a gift?", near, caller=who) for who in ("ada", "bob", "eve")][-1]
    result = build(shop)
    shown = readings(result)
    assert "5 of 9 questions" in shown["coverage"]["evidence"]
    assert "5 of 6 opinions" in shown["feedback"]["evidence"]
    gains = said(result, "sales", "health")["gains"]
    assert [row["gain"] for row in gains] == sorted((row["gain"] for row in gains), reverse=True)
    (topic,) = [row for row in gains if "not answered" in row["action"]]
    assert "asked 3 times, by 3 people" in topic["action"]
    assert topic["gain"] > 0
    assert topic["turn"] <= last
    assert "6 questions" not in readings(result, "shipping")["coverage"]["evidence"]


def test_a_state_database_that_cannot_be_read_fails_no_run_and_old_readings_stand(shop, asking):
    for n in range(6):
        asking(f"What was ordered on day {n}?", answer(cluster="sales"), verdict="bad")
    before = said(build(shop), "sales", "health")["score"]
    path = Path(shop.settings.state.removeprefix("sqlite:///"))
    for suffix in ("-wal", "-shm"):
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
    path.write_bytes(b"no database at all" * 1000)
    result = build(shop)
    assert result.success
    assert readings(result)["coverage"]["evidence"].startswith("The state database")
    assert said(result, "sales", "health")["score"] == before


def test_a_pair_that_is_deleted_lowers_the_score_and_is_asked_for_again(shop):
    before = said(build(shop), "sales", "health")["score"]
    shop.remove("sales/pairs/turnover.sql")
    result = build(shop)
    assert said(result, "sales", "health")["score"] < 0.67 < before
    latest = HealthHistory(shop.settings.context).latest()["sales"]
    assert any("“What is the turnover?”" in action.text for action in latest.actions())


def test_a_doc_that_is_deleted_lowers_the_score(shop):
    before = said(build(shop), "sales", "health")["score"]
    shop.remove("sales/docs/amount.md")
    assert said(build(shop), "sales", "health")["score"] < before


def test_sql_that_was_changed_and_not_vetted_again_lowers_the_score(shop):
    build(shop)
    shop.write("sales/pairs/turnover.sql", "What is the turnover?|SELECT avg(amount) AS turnover FROM shop.orders")
    assert readings(build(shop))["kept_teaching"]["reading"] == "0.69"


def test_the_self_test_is_a_check_with_a_table_of_the_pairs_that_fail(shop):
    shop.write("sales/pairs/odd.sql", "Which parcels weigh most?|SELECT count(*) AS n FROM shop.customers")
    found = check(build(shop), "sales", "retrieval_self_test")
    assert not found.passed
    rows = [dict(record.data) for record in found.metadata["found"].records]
    assert "odd" in {row["pair"] for row in rows}


def test_the_overview_lists_the_weakest_cluster_first_with_what_gains_most(shop):
    shop.write("shipping/pairs/broken.sql", "What is broken?|SELECT nothing FROM shop.parcels")
    result = build(shop)
    (event,) = [e for e in result.get_asset_materialization_events() if e.asset_key.path == ["all_clusters_health"]]
    rows = [dict(record.data) for record in event.materialization.metadata["health"].records]
    assert [row["cluster"] for row in rows] == ["shipping", "sales"]
    assert rows[0]["next"].startswith("+0.")
