"""Publishing and reading the context, on a real LanceDB in a temporary folder."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from vedder_core.cluster import Owner, Thresholds
from vedder_core.context.entry import PAYLOADS, ClusterCard, Entry, Status
from vedder_core.context.index import ContextReader, ContextWriter, Published
from vedder_core.embedder.hashed import HashedWords
from vedder_core.embedder.vectors import Vectors
from vedder_core.errors import ContextError


class Counting(HashedWords):
    """Counts the texts that it embeds."""

    def __init__(self, dimension: int = 512) -> None:
        self.name = f"counting-{dimension}"
        self.dimension = dimension
        self.texts = list[str]()

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return super().embed(texts)


def card(cluster: str) -> Entry:
    owner = Owner(team="ops", contact="#ops")
    shown = ClusterCard(cluster, cluster.title(), "About it.", "domain", owner, Thresholds(), (), 0, 0)
    payload = PAYLOADS["cluster"].dump_json(shown).decode()
    return Entry(
        f"{cluster}/cluster", cluster, "cluster", cluster.title(), f"{cluster}. About it.", payload, "valid", ()
    )


def pair(cluster: str, slug: str, text: str, *, status: Status = "valid") -> Entry:
    return Entry(f"{cluster}/pair/{slug}", cluster, "pair", text, text, "{}", status, (f"nyc.{cluster}",))


FLIGHTS = (
    card("flights"),
    pair("flights", "departures", "How many flights left JFK?"),
    pair("flights", "delay", "Average delay by carrier"),
)
WEATHER = (card("weather"), pair("weather", "wind", "Strongest wind gust by month"))


def test_what_is_published_is_found_by_meaning_by_words_and_by_id(tmp_path: Path) -> None:
    embedder = HashedWords()
    ContextWriter(f"{tmp_path}", embedder).publish("flights", FLIGHTS)
    snapshot = ContextReader(f"{tmp_path}", embedder).snapshot()
    [near] = snapshot.vector(embedder.embed(["flights that left JFK"])[0], kinds=["pair"], limit=1)
    [matching] = snapshot.text("delays", kinds=["pair"], limit=1)
    assert near.entry == FLIGHTS[1]
    assert 0.5 < near.score <= 1
    assert matching.entry == FLIGHTS[2]
    assert matching.score > 0
    assert snapshot.get([FLIGHTS[2].id, "flights/pair/gone", FLIGHTS[1].id]) == (FLIGHTS[2], FLIGHTS[1])
    assert set(snapshot.entries(clusters=["flights"])) == set(FLIGHTS)
    assert [shown.name for shown in snapshot.cluster_cards()] == ["flights"]


def test_publishing_the_same_again_commits_nothing_and_embeds_nothing(tmp_path: Path) -> None:
    embedder = Counting()
    writer = ContextWriter(f"{tmp_path}", embedder)
    first = writer.publish("flights", FLIGHTS)
    embedder.texts.clear()
    again = writer.publish("flights", FLIGHTS[::-1])
    assert first.changed
    assert (first.inserted, first.embedded) == (3, 3)
    assert again == Published(first.version, unchanged=3)
    assert not again.changed
    assert embedder.texts == []


def test_a_publish_is_one_commit_with_what_was_added_changed_and_taken_out(tmp_path: Path) -> None:
    embedder = Counting()
    writer = ContextWriter(f"{tmp_path}", embedder)
    before = writer.publish("flights", FLIGHTS)
    writer.publish("weather", WEATHER)
    embedder.texts.clear()
    changed = replace(FLIGHTS[1], payload='{"new": true}')
    added = pair("flights", "routes", "Busiest route")
    done = writer.publish("flights", (FLIGHTS[0], changed, added))
    reader = ContextReader(f"{tmp_path}", embedder)
    assert done == Published(before.version + 2, inserted=1, updated=1, deleted=1, unchanged=1, embedded=1)
    assert embedder.texts == ["Busiest route"]
    assert set(reader.snapshot().entries(clusters=["flights"])) == {FLIGHTS[0], changed, added}
    assert set(reader.snapshot().entries(clusters=["weather"])) == set(WEATHER)
    assert set(reader.at(before.version).entries()) == set(FLIGHTS)


def test_a_text_that_another_cluster_has_is_not_embedded_again(tmp_path: Path) -> None:
    embedder = Counting()
    writer = ContextWriter(f"{tmp_path}", embedder)
    writer.publish("flights", FLIGHTS)
    shared = pair("weather", "same", FLIGHTS[1].text)
    assert writer.publish("weather", (*WEATHER, shared)).embedded == 2


def test_a_pair_that_breaks_leaves_retrieval_and_stays_in_the_listing(tmp_path: Path) -> None:
    embedder = HashedWords()
    writer = ContextWriter(f"{tmp_path}", embedder)
    writer.publish("flights", FLIGHTS)
    broken = replace(FLIGHTS[1], status="broken")
    done = writer.publish("flights", (FLIGHTS[0], broken, FLIGHTS[2]))
    snapshot = ContextReader(f"{tmp_path}", embedder).snapshot()
    vector = embedder.embed([broken.text])[0]
    assert (done.updated, done.embedded) == (1, 0)
    assert broken.id not in {match.entry.id for match in snapshot.vector(vector, limit=100)}
    assert broken.id not in {match.entry.id for match in snapshot.text(broken.text, limit=100)}
    assert snapshot.get([broken.id]) == ()
    assert broken in snapshot.listing(kinds=["pair"])


def test_a_withdrawn_cluster_is_gone_and_its_neighbours_stay(tmp_path: Path) -> None:
    writer = ContextWriter(f"{tmp_path}", HashedWords())
    writer.publish("flights", FLIGHTS)
    writer.publish("weather", WEATHER)
    assert writer.withdraw("flights").deleted == 3
    assert not writer.withdraw("flights").changed
    assert set(ContextReader(f"{tmp_path}").snapshot().listing()) == set(WEATHER)


def test_a_snapshot_stays_at_its_version_while_others_publish(tmp_path: Path) -> None:
    writer = ContextWriter(f"{tmp_path}", HashedWords())
    writer.publish("flights", FLIGHTS)
    reader = ContextReader(f"{tmp_path}")
    before = reader.snapshot()
    assert reader.snapshot() is before
    writer.publish("weather", WEATHER)
    assert len(before.cluster_cards()) == 1
    assert len(reader.snapshot().cluster_cards()) == 2
    assert reader.version > before.version


def test_no_context_yet_says_what_to_run(tmp_path: Path) -> None:
    reader = ContextReader(f"{tmp_path / 'none'}")
    with pytest.raises(ContextError, match="make demo"):
        reader.snapshot()
    assert not (tmp_path / "none").exists()
    ContextWriter(f"{tmp_path / 'none'}", HashedWords()).publish("flights", FLIGHTS)
    assert reader.snapshot().cluster_cards()


def test_another_embedder_is_an_error_for_readers_that_names_both(tmp_path: Path) -> None:
    ContextWriter(f"{tmp_path}", HashedWords()).publish("flights", FLIGHTS)
    with pytest.raises(ContextError, match=r"hashed-words-1 \(512 numbers\).*counting-64 \(64\)"):
        ContextReader(f"{tmp_path}", Counting(64)).snapshot()


def test_a_writer_with_another_embedder_embeds_everything_anew_and_readers_step_over(tmp_path: Path) -> None:
    old, new = HashedWords(), Counting(64)
    ContextWriter(f"{tmp_path}", old).publish("flights", FLIGHTS)
    reader = ContextReader(f"{tmp_path}", old)
    before = reader.snapshot()
    ContextWriter(f"{tmp_path}", new).publish("weather", WEATHER)
    after = ContextReader(f"{tmp_path}", new).snapshot()
    assert (after.embedder, after.dimension) == ("counting-64", 64)
    assert after.vector(new.embed([FLIGHTS[1].text])[0], limit=1)[0].entry == FLIGHTS[1]
    assert after.text("delays", limit=1)[0].entry == FLIGHTS[2]
    assert before.vector(old.embed([FLIGHTS[1].text])[0], limit=1)[0].entry == FLIGHTS[1]
    with pytest.raises(ContextError, match="counting-64"):
        reader.snapshot()


class Overtaken(Counting):
    """While it embeds for the first time, another writer publishes."""

    def __init__(self, url: str) -> None:
        super().__init__(64)
        self.url = url

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not self.texts:
            ContextWriter(self.url, HashedWords()).publish("weather", WEATHER)
        return super().embed(texts)


def test_a_publish_during_a_change_of_embedder_is_not_lost(tmp_path: Path) -> None:
    ContextWriter(f"{tmp_path}", HashedWords()).publish("flights", FLIGHTS)
    ContextWriter(f"{tmp_path}", Overtaken(f"{tmp_path}")).publish("flights", FLIGHTS)
    assert set(ContextReader(f"{tmp_path}").snapshot().entries()) == {*FLIGHTS, *WEATHER}


@pytest.mark.parametrize(
    "question",
    [
        'who said "delay" (by carrier): a + b - c',
        "it's 50% AND delay OR NOT (",
        "delay*~^{}[]\\/!?:;",
        "  ",
        "the of and",
        "'; DROP TABLE entries; --",
        "délai 延误 \U0001f6eb",
        "delay " * 500,
    ],
)
def test_no_question_is_read_as_a_query_language(tmp_path: Path, question: str) -> None:
    ContextWriter(f"{tmp_path}", HashedWords()).publish("flights", FLIGHTS)
    found = ContextReader(f"{tmp_path}").snapshot().text(question)
    assert [match.entry for match in found] == ([FLIGHTS[2]] if "delay" in question else [])


def test_ids_with_quotes_are_found_as_they_are(tmp_path: Path) -> None:
    odd = pair("flights", "o'hare", "O'Hare")
    ContextWriter(f"{tmp_path}", HashedWords()).publish("flights", (card("flights"), odd))
    assert ContextReader(f"{tmp_path}").snapshot().get([odd.id]) == (odd,)


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(FLIGHTS[1:], id="no card"),
        pytest.param((*FLIGHTS, FLIGHTS[1]), id="twice"),
        pytest.param((*FLIGHTS, WEATHER[1]), id="a stranger"),
    ],
)
def test_entries_that_do_not_make_a_cluster_are_refused(tmp_path: Path, entries: tuple[Entry, ...]) -> None:
    with pytest.raises(ContextError, match="do not make a cluster"):
        ContextWriter(f"{tmp_path}", HashedWords()).publish("flights", entries)


def test_a_cluster_name_never_reaches_the_store_unchecked(tmp_path: Path) -> None:
    with pytest.raises(ContextError, match="no name for a cluster"):
        ContextWriter(f"{tmp_path}", HashedWords()).publish("x' OR 'a'='a", FLIGHTS)


@pytest.mark.filterwarnings("ignore:optimize.cleanup_older_than=0")
def test_maintenance_drops_old_versions_and_keeps_what_is_found(tmp_path: Path) -> None:
    embedder = HashedWords()
    writer = ContextWriter(f"{tmp_path}", embedder)
    first = writer.publish("flights", FLIGHTS)
    writer.publish("weather", WEATHER)
    writer.maintain(timedelta(0))
    reader = ContextReader(f"{tmp_path}", embedder)
    assert reader.snapshot().text("wind")[0].entry == WEATHER[1]
    with pytest.raises(ContextError, match="not kept any more"):
        reader.at(first.version)


def test_a_large_context_gets_a_vector_index_that_finds_the_same(tmp_path: Path) -> None:
    embedder = HashedWords()
    writer = ContextWriter(f"{tmp_path}", embedder)
    many = [pair("flights", f"p{n}", f"question {n} about flight {n * 7}") for n in range(600)]
    writer.publish("flights", (card("flights"), *many))
    vector = embedder.embed(["question 77 about flight 539"])[0]
    exact = ContextReader(f"{tmp_path}", embedder).snapshot().vector(vector, kinds=["pair"], limit=3)
    writer.maintain(timedelta(days=1), vector_index_from=500)
    indexed = ContextReader(f"{tmp_path}", embedder).snapshot().vector(vector, kinds=["pair"], limit=3)
    assert exact[0].entry == indexed[0].entry == many[77]
    assert np.isclose(exact[0].score, indexed[0].score, atol=1e-5)
