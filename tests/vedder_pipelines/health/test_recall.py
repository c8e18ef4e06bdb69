"""Promises of the retrieval self-test, over a real context: what is left out teaches nothing."""

import numpy as np
import pytest

from vedder_core.cluster import Cluster, Dataset, Doc, Owner, Pair
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.context.search import Search
from vedder_core.context.slice import BLOCK
from vedder_core.embedder.hashed import HashedWords
from vedder_core.errors import ContextError
from vedder_core.schema import Catalog, Column, Table
from vedder_core.verdict import Valid
from vedder_pipelines.health.recall import FIRST, recall_cluster
from vedder_pipelines.health.routing_without import RoutingWithout
from vedder_pipelines.publishing import entries_of
from vedder_pipelines.validation import Judged

TABLES = {
    "shop.orders": ("id", "customer", "amount"),
    "shop.parcels": ("id", "order_id", "weight"),
    "zoo.animals": ("id", "species", "age"),
    "zoo.xq": ("k", "v"),
}


def pair(slug, question, sql="", *more):
    sql = sql or f"SELECT '{slug}'"
    return Pair(
        slug=slug,
        question=question,
        phrasings=more,
        teaches="x",
        vetted_by="Ada",
        vetted_on="2026-11-01",
        sql=sql,
    )


def cluster(name, datasets, pairs, docs=()):
    return Cluster(
        name=name,
        title=name.title(),
        summary=f"About the {name}.",
        owner=Owner(team=name, contact=f"#{name}"),
        datasets=tuple(Dataset(name=n, description=d) for n, d in datasets.items()),
        pairs=tuple(pairs),
        docs=tuple(docs),
    )


SHOP = cluster(
    "shop",
    {"shop.orders": "One row an order of a customer.", "shop.parcels": "One row a parcel with its weight."},
    [
        pair("orders", "How many orders are there?"),
        pair("turnover", "What is the amount of all orders?"),
        pair("heaviest", "What is the weight of the heaviest parcel?"),
    ],
)
NEEDS = {
    "orders": (("shop.orders",), ()),
    "turnover": (("shop.orders",), ("shop.orders.amount",)),
    "heaviest": (("shop.parcels",), ("shop.parcels.weight",)),
    "oldest": (("zoo.animals",), ("zoo.animals.age",)),
    "odd": (("zoo.xq",), ("zoo.xq.v",)),
}
ZOO = cluster(
    "zoo",
    {"zoo.animals": "One row an animal, its species and age.", "zoo.xq": "Misc."},
    [pair("oldest", "Which animal is the oldest?"), pair("odd", "What is the amount of all orders of food?")],
)


@pytest.fixture
def published(tmp_path):
    def publish(*clusters):
        columns = {n: tuple(Column(c, "INTEGER", nullable=True) for c in cs) for n, cs in TABLES.items()}
        catalog = Catalog("duckdb", "duckdb", {name: Table(name, cs) for name, cs in columns.items()})
        embedder = HashedWords()
        writer = ContextWriter(str(tmp_path), embedder)
        for one in clusters:
            judged = {
                p.slug: Judged("p", "s", Valid(()), *NEEDS.get(p.slug, (("shop.orders",), ()))) for p in one.pairs
            }
            writer.publish(one.name, entries_of(one, catalog, {}, judged))
        return ContextReader(str(tmp_path), embedder).snapshot()

    return publish


def test_a_pair_whose_dataset_says_what_it_is_about_is_recalled_without_itself(published):
    found = recall_cluster(published(SHOP, ZOO), "shop", dialect="duckdb")
    assert set(found) == {"orders", "turnover", "heaviest"}
    assert all(one.passed for one in found.values()), found


def test_a_question_that_only_its_own_pair_leads_to_fails_and_says_so(published):
    found = recall_cluster(published(SHOP, ZOO), "zoo", dialect="duckdb")
    assert found["oldest"].passed
    assert not found["odd"].passed


def test_a_dataset_that_nothing_tells_of_is_missed(published):
    alone = cluster("zoo", {"zoo.xq": "Misc."}, [pair("odd", "How much food is eaten?")])
    found = recall_cluster(published(alone), "zoo", dialect="duckdb")
    assert found["odd"].opened
    assert found["odd"].missed == ("zoo.xq",)


def test_a_doc_that_names_dataset_and_column_makes_it_found(published):
    told = Doc(slug="food", title="Food", body="How much food is eaten stands in `zoo.xq`, as `v`.")
    alone = cluster("zoo", {"zoo.xq": "Misc."}, [pair("odd", "How much food is eaten?")], [told])
    assert recall_cluster(published(alone), "zoo", dialect="duckdb")["odd"].passed


def test_a_pair_of_the_same_sql_or_wording_is_left_out_with_it(published):
    twins = [
        pair("odd", "How much food is eaten?", "SELECT sum(v) FROM zoo.xq"),
        pair("odd2", "How much do they eat?", "select SUM(v) from zoo.xq"),
    ]
    found = recall_cluster(published(cluster("zoo", {"zoo.xq": "Misc."}, twins)), "zoo", dialect="duckdb")
    assert found["odd"].missed == ("zoo.xq",)


def test_a_cluster_without_pairs_has_nothing_to_recall(published):
    assert recall_cluster(published(cluster("zoo", {"zoo.animals": "Animals."}, [])), "zoo", dialect="duckdb") == {}


THINGS = [
    (thing, month)
    for month in ("May", "June", "July")
    for thing in ("orders", "visitors", "boxes", "lions", "bills", "zebras", "returns", "snakes")
]


@pytest.mark.parametrize("slug", ["orders", "turnover", "heaviest"])
def test_routing_without_a_pair_is_as_that_of_a_context_that_never_had_it(published, slug):
    more = [pair(f"m{n}", f"How many {thing} came in {month}?") for n, (thing, month) in enumerate(THINGS)]
    shop = SHOP.model_copy(update={"pairs": (*SHOP.pairs, *more[::2])})
    snapshot = published(shop, ZOO.model_copy(update={"pairs": (*ZOO.pairs, *more[1::2])}))
    entry = next(entry for entry in snapshot.slice.entries if entry.id == f"shop/pair/{slug}")
    place = snapshot.slice.entries.index(entry)
    cosines = snapshot.slice.cosines(snapshot.slice.vectors[place])
    ranked = RoutingWithout(snapshot, "shop").ranked(entry.text, cosines, frozenset({entry.id}))
    never = snapshot.changed(lambda one: None if one.id == entry.id else one)
    truly = Search(never, HashedWords()).route(entry.text)
    assert dict(ranked) == pytest.approx({one.card.name: one.score for one in truly}, abs=0.02)


def test_pairs_that_are_tried_together_are_heard_as_each_would_be_alone(published):
    """To the last bit, over more entries than are looked at in one block."""
    asked = [
        f"How many {thing} of kind {number} came in {month}?"
        for number in range(BLOCK // 20)
        for thing, month in THINGS
    ]
    many = SHOP.model_copy(update={"pairs": tuple(pair(f"m{n}", question) for n, question in enumerate(asked))})
    snapshot = published(many, ZOO)
    held, embedder = snapshot.slice, HashedWords()
    assert len(held.entries) > BLOCK
    together = held.cosines_to_each(held.vectors)
    assert np.array_equal(together, [held.cosines(vector) for vector in held.vectors])
    for place in range(0, len(held.entries), 10):
        question, told = held.entries[place].text, Search(snapshot)
        told.hear(question, held.cosines_to_each(embedder.embed([question]))[0])
        alone = Search(snapshot, embedder)
        assert [told.find(question, kinds=(kind,)) for kind in FIRST] == [
            alone.find(question, kinds=(kind,)) for kind in FIRST
        ]
        assert told.route(question) == alone.route(question)


def test_a_search_that_embeds_nothing_says_so_of_a_question_that_it_was_not_told(published):
    with pytest.raises(ContextError, match="without an embedder"):
        Search(published(SHOP)).route("How many orders are there?")
