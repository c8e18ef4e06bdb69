"""Routing and finding, on a small context with the weightless embedder; how well it ranks is measured in bench/."""

from pathlib import Path

import pytest

from vedder_core.cluster import Owner, Thresholds
from vedder_core.context.entry import PAYLOADS, ClusterCard, Entry, EntryKind, Status
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.context.search import Search
from vedder_core.embedder.hashed import HashedWords


def card(cluster: str, summary: str) -> Entry:
    owner = Owner(team="ops", contact="#ops")
    shown = ClusterCard(cluster, cluster.title(), summary, "domain", owner, Thresholds(), (), 0, 0)
    payload = PAYLOADS["cluster"].dump_json(shown).decode()
    return Entry(f"{cluster}/cluster", cluster, "cluster", cluster.title(), summary, payload, "valid", ())


def entry(cluster: str, kind: EntryKind, slug: str, text: str, status: Status = "valid") -> Entry:
    return Entry(f"{cluster}/{kind}/{slug}", cluster, kind, slug, text, "{}", status, ())


FLIGHTS = (
    card("flights", "Departures and delays of all flights."),
    entry("flights", "pair", "departures", "How many flights left JFK in July?"),
    entry("flights", "pair", "delay", "What is the average departure delay of a carrier?"),
    entry("flights", "dataset", "flights", "flights: origin, destination, dep delay, tailnum, cancelled"),
    entry("flights", "doc", "cancelled", "A cancelled flight has no departure time."),
)
WEATHER = (
    card("weather", "Hourly weather at the airports."),
    entry("weather", "pair", "gusts", "What was the strongest wind gust in a month?"),
    entry("weather", "dataset", "weather", "weather: humidity, wind gust, precip, visib"),
    entry("weather", "pair", "snow", "How much snow fell?", "broken"),
)


@pytest.fixture
def search(tmp_path: Path) -> Search:
    embedder = HashedWords()
    writer = ContextWriter(f"{tmp_path}", embedder)
    writer.publish("flights", FLIGHTS)
    writer.publish("weather", WEATHER)
    return Search(ContextReader(f"{tmp_path}", embedder).snapshot(), embedder)


def test_a_question_goes_to_the_cluster_whose_questions_and_words_it_is_like(search: Search) -> None:
    first, *_ = search.route("How many flights left LGA in March?")
    assert first.card.name == "flights"
    assert search.route("precip and humidity?")[0].card.name == "weather"
    assert search.route("strongest gust of wind")[0].card.name == "weather"


def test_likelihoods_add_up_to_one(search: Search) -> None:
    routed = search.route("wind delay")
    assert sum(one.score for one in routed) == pytest.approx(1)
    assert [one.score for one in routed] == sorted((one.score for one in routed), reverse=True)


def test_the_nearest_comes_first_with_both_of_its_scores(search: Search) -> None:
    best, *others = search.find("average delay by carrier", kinds=["pair"])
    assert best.entry == FLIGHTS[2]
    assert 0.4 < best.similarity < 1
    assert best.bm25 > 0
    assert all(best.score > other.score for other in others)


def test_clusters_kinds_and_limit_are_kept(search: Search) -> None:
    found = search.find("wind", kinds=["pair", "dataset"], clusters=["weather"], limit=1)
    assert len(found) == 1
    assert found[0].entry in WEATHER
    assert {hit.entry.kind for hit in search.find("flight", kinds=["doc", "dataset"])} <= {"doc", "dataset"}


def test_a_broken_pair_is_not_found_even_by_its_own_words(search: Search) -> None:
    assert WEATHER[3] not in {hit.entry for hit in search.find("How much snow fell?", kinds=["pair"])}


def test_a_question_without_a_single_known_word_finds_nothing(search: Search) -> None:
    assert search.find("zyzzyva", kinds=["doc", "dataset"]) == ()


def test_the_only_cluster_is_found_without_pairs_or_datasets(tmp_path: Path) -> None:
    embedder = HashedWords()
    ContextWriter(f"{tmp_path}", embedder).publish("weather", WEATHER[:1])
    search = Search(ContextReader(f"{tmp_path}", embedder).snapshot(), embedder)
    assert [(one.card.name, one.score) for one in search.route("wind?")] == [("weather", 1.0)]
