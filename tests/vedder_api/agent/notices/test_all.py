"""Promises of the simpler notices, and of all of them together."""

import time
from dataclasses import replace
from datetime import timedelta

from tests.vedder_api.agent.harbour import NOW, Harbour
from vedder_api.agent.notices.about import About
from vedder_api.agent.notices.all import notices
from vedder_core.answer import Notice
from vedder_core.cluster import Dataset, Freshness
from vedder_core.context.entry import DatasetCard
from vedder_core.warehouse.warehouse import Limits

COUNT = "SELECT count(*) FROM port.calls"


def changed(card: DatasetCard, **values: object) -> DatasetCard:
    return replace(card, dataset=Dataset.model_validate({**card.dataset.model_dump(), **values}))


def test_a_sound_query_has_no_notices(harbour: Harbour) -> None:
    assert harbour.notices(COUNT) == []


def test_a_dataset_that_is_older_than_its_rule_allows_is_late(harbour: Harbour) -> None:
    def within(days: int) -> Harbour:
        rule = Freshness(column="day", within=timedelta(days=days))
        return harbour.curated("port.calls", lambda card: changed(card, freshness=rule))

    assert within(3).notices(COUNT) == []  # a day counts to its end: 17 September is two and a half days ago
    (said,) = within(1).notices(COUNT)
    assert said.startswith(
        "`port.calls` is late: its newest `day` is of 2013-09-18 00:00 UTC, 60 hours ago, and 24 hours"
    )


def test_a_late_dataset_whose_profile_is_old_says_so(harbour: Harbour) -> None:
    def old(card: DatasetCard) -> DatasetCard:
        late = changed(card, freshness=Freshness(column="day", within=timedelta(days=1)))
        assert late.profile is not None
        return replace(late, profile=replace(late.profile, profiled_at=NOW - timedelta(days=30)))

    (said,) = harbour.curated("port.calls", old).notices(COUNT)
    assert said.endswith("It was last profiled 30 days ago.")


def test_a_context_that_nothing_renews_is_said_to_be_old(harbour: Harbour) -> None:
    assert harbour.notices(COUNT, looked_at=NOW - timedelta(hours=30)) == []
    (said,) = harbour.notices(COUNT, looked_at=NOW - timedelta(days=9))
    assert said == "What Vedder knows of these data is 9 days old: its pipeline has not run since."


def test_failed_checks_and_deprecated_datasets_are_told(harbour: Harbour) -> None:
    failing = harbour.curated("port.calls", lambda card: replace(card, failed_checks=("a", "b", "c", "d")))
    assert failing.notices(COUNT) == ["`port.calls` is not as its experts expect: a; b; c; and 1 more."]
    given_up = harbour.curated("port.calls", lambda card: changed(card, deprecated_by="port.visits"))
    assert given_up.notices(COUNT) == ["`port.calls` is deprecated: use `port.visits` instead."]
    assert given_up.notices("SELECT count(*) FROM port.ships") == []


def test_a_column_that_experts_avoid_is_told_with_their_note(harbour: Harbour) -> None:
    said = harbour.notices("WITH x AS (SELECT old_tonnes AS t FROM port.calls) SELECT sum(t) FROM x")
    assert said == ["`port.calls.old_tonnes` is better avoided, its experts say: Rounded; use `tonnes`."]


def test_rows_that_were_cut_are_said_to_be_no_total(harbour: Harbour) -> None:
    cut = replace(harbour, limits=Limits(rows=10))
    (said,) = cut.notices("SELECT id FROM port.calls")
    assert said.startswith("Only the first 10 rows are given, in no certain order")
    (said,) = cut.notices("SELECT id FROM port.calls ORDER BY id")
    assert said.startswith("Only the first 10 rows are given, by the order that the SQL gives")


def test_sql_that_the_parser_cannot_resolve_has_only_the_notices_that_need_no_tree(harbour: Harbour) -> None:
    query = replace(harbour.run(COUNT), asked="SELECT (", truncated=True)
    found = notices(query, About(harbour.cards, "duckdb", NOW))
    assert [notice.kind for notice in found] == ["truncated"]
    assert isinstance(found[0], Notice)


def test_notices_of_a_query_cost_less_than_two_milliseconds_once_it_is_resolved(harbour: Harbour) -> None:
    query = harbour.run(
        """WITH busy AS (SELECT c.ship, date_trunc('month', c.day) AS m, sum(c.tonnes) AS t FROM port.calls AS c
           JOIN port.weather AS w ON w.harbour = c.harbour AND w.day = c.day WHERE w.wind > 3 GROUP BY ALL)
           SELECT s.length, b.m, b.t FROM busy AS b JOIN port.ships AS s USING (ship) ORDER BY t DESC"""
    )
    about = About(harbour.cards, "duckdb", NOW)
    notices(query, about)
    began = time.process_time()
    for _ in range(20):
        notices(query, about)
    assert (time.process_time() - began) / 20 < 0.002
