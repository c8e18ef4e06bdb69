"""Routing and finding, on a small context with the weightless embedder; how well it ranks is measured in bench/."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from vedder_core.cluster import Owner, Thresholds
from vedder_core.context.entry import PAYLOADS, ClusterCard, Entry, EntryKind, Status
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.context.search import HALF_BM25, MINIMUM, VECTOR_SHARE, Search
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.hashed import HashedWords
from vedder_core.embedder.vectors import Vectors
from vedder_core.errors import ContextError


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


ASKED = ("average", "most common", "longest", "number of", "first", "cheapest", "total", "latest")
ABOUT = (
    "departure delay",
    "carrier",
    "wind gust",
    "plane and its maker",
    "ticket price",
    "airport",
    "cancelled flights",
)
BY = (
    "by month",
    "of each carrier",
    "in July",
    "at JFK",
    "since 2010",
    "of all planes that have a known maker and seats",
)


def many(cluster: str, place: int) -> list[Entry]:
    """A cluster with a share of all combinations of words as pairs (every seventh is broken), datasets and docs."""
    texts = [f"What is the {asked} {about} {by}?" for asked, about, by in product(ASKED, ABOUT, BY)][place::3]
    pairs = [
        entry(cluster, "pair", f"p{number}", text, "valid" if number % 7 else "broken")
        for number, text in enumerate(texts)
    ]
    datasets = [entry(cluster, "dataset", f"d{n}", f"{cluster}_{n}: {', '.join(ABOUT[n:])}, {BY[n]}") for n in range(5)]
    docs = [
        entry(cluster, "doc", f"o{n}", f"On {about}: {text}")
        for n, (about, text) in enumerate(zip(ABOUT, texts[:7], strict=True))
    ]
    return [card(cluster, f"All about {', '.join(ABOUT[place::3])}."), *pairs, *datasets, *docs]


@pytest.fixture
def large(tmp_path: Path) -> Snapshot:
    embedder = HashedWords()
    for place, cluster in enumerate(("flights", "fleet", "weather")):
        ContextWriter(f"{tmp_path}", embedder).publish(cluster, many(cluster, place))
    return ContextReader(f"{tmp_path}", embedder).snapshot()


QUESTIONS = (
    "Which carrier has the longest delay in July?",
    "average wind gust gust by month",
    "makers of planes",
    "JFK",
)


@pytest.mark.parametrize(("question", "kind"), list(product(QUESTIONS, ("pair", "dataset", "doc"))))
def test_the_ten_best_are_those_that_the_tables_own_search_gives(
    large: Snapshot, question: str, kind: EntryKind
) -> None:
    embedder = HashedWords()
    vector = embedder.embed([question])[0]
    usual = float(np.mean([match.score for match in large.vector(vector, kinds=["pair"], limit=1000)]))
    words = {match.entry.id: match.score for match in large.text(question, kinds=[kind], limit=1000)}
    expected: dict[str, float] = {}
    for near in large.vector(vector, kinds=[kind], limit=1000):
        bm25 = words.get(near.entry.id, 0.0)
        nearness = max((near.score - usual) / (1 - usual), 0.0)
        expected[near.entry.id] = VECTOR_SHARE[kind] * nearness + (1 - VECTOR_SHARE[kind]) * bm25 / (bm25 + HALF_BM25)
    ranked = sorted(expected.values(), reverse=True)
    wanted = [score for score in ranked if kind == "pair" or score >= MINIMUM][:10]
    hits = Search(large, embedder).find(question, kinds=[kind])
    assert [hit.score for hit in hits] == pytest.approx(wanted, abs=1e-4)
    for hit in hits:
        assert hit.score == pytest.approx(expected[hit.entry.id], abs=1e-4)
        assert hit.bm25 == pytest.approx(words.get(hit.entry.id, 0.0), abs=1e-4)


def test_inside_clusters_the_order_is_that_of_all_clusters(large: Snapshot) -> None:
    search = Search(large, HashedWords())
    everywhere = search.find(QUESTIONS[0], kinds=["pair", "doc"], limit=1000)
    inside = search.find(QUESTIONS[0], kinds=["pair", "doc"], clusters=iter(["weather", "fleet"]), limit=1000)
    assert inside == tuple(hit for hit in everywhere if hit.entry.cluster != "flights")
    assert search.find(QUESTIONS[0], kinds=["pair", "doc"], limit=7) == everywhere[:7]


def test_no_broken_pair_is_ever_held(large: Snapshot) -> None:
    assert {found.status for found in large.slice.entries} == {"valid"}
    assert "broken" in {found.status for found in large.listing()}
    assert large.get([found.id for found in large.listing() if found.status == "broken"]) == ()


def test_equal_texts_are_a_tie_that_the_id_decides(tmp_path: Path) -> None:
    embedder = HashedWords()
    same = [entry("flights", "pair", f"p{n:02}", "Longest delay of a carrier") for n in range(40)]
    ContextWriter(f"{tmp_path}", embedder).publish("flights", [FLIGHTS[0], *same[::-1]])
    hits = Search(ContextReader(f"{tmp_path}", embedder).snapshot(), embedder).find("delay?", kinds=["pair"], limit=30)
    assert [hit.entry for hit in hits] == same[:30]


def test_memory_and_table_tell_the_same_of_a_version(large: Snapshot, tmp_path: Path) -> None:
    listed = ContextReader(f"{tmp_path}").snapshot()
    assert large.entries() == listed.entries()
    assert large.entries(kinds=["doc", "pair"], clusters=["fleet", "none"]) == listed.entries(
        kinds=["doc", "pair"], clusters=["fleet", "none"]
    )
    ids = ["weather/doc/o1", "nothing", "fleet/cluster"]
    assert large.get(ids) == listed.get(ids)


def test_all_threads_share_what_is_held_and_it_is_read_once(large: Snapshot) -> None:
    held: list[object] = []
    threads = [threading.Thread(target=lambda: held.append(large.slice)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {id(one) for one in held} == {id(large.slice)}


def test_a_version_is_held_as_it_was_and_old_ones_are_let_go(tmp_path: Path) -> None:
    embedder = HashedWords()
    writer = ContextWriter(f"{tmp_path}", embedder)
    reader = ContextReader(f"{tmp_path}", embedder)
    versions = []
    for number in range(4):
        changed = replace(FLIGHTS[1], title=f"{number}")
        versions.append(writer.publish("flights", (FLIGHTS[0], changed)).version)
    first = reader.at(versions[0])
    assert [found.title for found in first.get([FLIGHTS[1].id])] == ["0"]
    assert reader.at(versions[0]) is first
    assert reader.at(reader.snapshot().version) is reader.snapshot()
    for version in versions[1:3]:
        reader.at(version)
    assert reader.at(versions[0]) is not first
    assert reader.at(versions[0]).get([FLIGHTS[1].id]) == first.get([FLIGHTS[1].id])


def test_what_another_embedder_made_is_not_searched_but_can_be_read(tmp_path: Path) -> None:
    ContextWriter(f"{tmp_path}", HashedWords()).publish("flights", FLIGHTS)
    version = ContextReader(f"{tmp_path}").version
    other = Smaller()
    snapshot = ContextReader(f"{tmp_path}", other).at(version)
    with pytest.raises(ContextError, match="hashed-words"):
        Search(snapshot, other).find("delay", kinds=["pair"])
    assert snapshot.get([FLIGHTS[1].id]) == (FLIGHTS[1],)


class Smaller:
    """Another embedder."""

    name = "smaller"
    dimension = 8

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.ones((len(texts), 8), np.float32)
