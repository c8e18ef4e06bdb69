"""A shop's cluster and facts about it, by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from vedder_core.cluster import Cluster, Dataset, Doc, Expectation, Freshness, Owner, Pair
from vedder_core.overlap import Overlap
from vedder_core.profile import ColumnProfile, Figure, Profile
from vedder_core.state.usage import AskedTurn
from vedder_core.verdict import Broken, Valid
from vedder_pipelines.checking import Checked
from vedder_pipelines.health.asked import Usage, each_once
from vedder_pipelines.health.recall import Recalled
from vedder_pipelines.health.signal import Facts
from vedder_pipelines.health.taught import Taught
from vedder_pipelines.validation import Judged

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OWNER = Owner(team="sales", contact="#sales")
SINCE = NOW - timedelta(days=90)


def dataset(name="shop.orders", *, expectations=0, within=None):
    freshness = Freshness(column="loaded_at", within=within) if within else None
    expected = tuple(
        Expectation(expect="expect_column_to_exist", arguments={"column": str(n)}) for n in range(expectations)
    )
    return Dataset(name=name, description="x", freshness=freshness, expectations=expected)


def pair(slug, vetted_on=date(2026, 11, 1), question=None, sql=None):
    question = question or f"What about {slug}?"
    return Pair(
        slug=slug,
        question=question,
        teaches="x",
        vetted_by="Ada",
        vetted_on=vetted_on,
        sql=sql or f"SELECT count(*) FROM {slug}",
    )


def doc(slug):
    return Doc(slug=slug, title=f"About {slug}", kind="term", body="x")


def cluster(*datasets, pairs=(), docs=()):
    return Cluster(
        name="shop",
        title="Shop",
        summary="Orders.",
        owner=OWNER,
        datasets=datasets,
        pairs=tuple(pairs),
        docs=tuple(docs),
    )


def valid():
    return Judged("p", "s", Valid(("n",)), (), ())


def broken(**evidence):
    return Judged("p", "s", Broken(**{"reason": "No column `sum`.", **evidence}), (), ())


def checked(*passed):
    return tuple(Checked("expect_x", "amount", p, "3 of 9 values unexpected", rows=9, whole=True) for p in passed)


def profile(name="shop.orders", newest=None):
    column = ColumnProfile("loaded_at", "TIMESTAMP", maximum=newest)
    return Profile(name, "duckdb", "f", "v", Figure(9, "exact"), (column,))


def turn(id_, question="how many?", *, kind="answer", trust="grounded", sql="SELECT 1", opinions=(), caller="ada"):
    answered = kind == "answer"
    return AskedTurn(
        str(id_), caller, NOW, question, kind, trust if answered else None, sql if answered else "", tuple(opinions)
    )


def usage(*turns, vectors=None):
    return Usage(each_once(turns), SINCE, vectors or {})


def sound(pairs=("a",), docs=(), **found):
    """Facts of a cluster in which everything is in order."""
    own = tuple(one if isinstance(one, Pair) else pair(one) for one in pairs)
    whole = cluster(dataset(expectations=1), pairs=own, docs=tuple(map(doc, docs)))
    facts = Facts(
        whole,
        NOW,
        checked={"shop.orders": checked(True)},
        judged={one.slug: valid() for one in own},
        recalled={one.slug: Recalled(1, opened=True) for one in own},
        overlap=Overlap((), 1 + len(own) + len(docs)),
    )
    return replace(facts, taught=Taught().and_now(whole, own, NOW, dialect="duckdb"), **found)


def without_pair(facts, slug):
    """The pair's file is deleted, and so what was published of it."""
    kept = tuple(one for one in facts.cluster.pairs if one.slug != slug)
    recalled = {name: one for name, one in facts.recalled.items() if name != slug}
    shared = tuple(one for one in facts.overlap.shared if not (one.kind == "question" and one.own == slug))
    return replace(
        facts,
        cluster=facts.cluster.model_copy(update={"pairs": kept}),
        recalled=recalled,
        overlap=Overlap(shared, facts.overlap.of - 1),
    )


def without_doc(facts, slug):
    kept = tuple(one for one in facts.cluster.docs if one.slug != slug)
    shared = tuple(one for one in facts.overlap.shared if not (one.kind == "term" and one.own == slug))
    return replace(
        facts,
        cluster=facts.cluster.model_copy(update={"docs": kept}),
        overlap=Overlap(shared, facts.overlap.of - 1),
    )
