"""What clusters share, and where they contradict each other, over a real context."""

import pytest

from vedder_core.cluster import Cluster, ColumnNote, Dataset, Doc, Owner, Pair
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.embedder.hashed import HashedWords
from vedder_core.overlap import overlap_of
from vedder_core.schema import Catalog, Table
from vedder_core.verdict import Valid
from vedder_pipelines.publishing import entries_of
from vedder_pipelines.validation import Judged


def pair(slug, question, sql="SELECT 1 AS n"):
    return Pair(slug=slug, question=question, teaches="x", vetted_by="Ada", vetted_on="2026-11-01", sql=sql)


def cluster(name, *, datasets=(), pairs=(), docs=()):
    owner = Owner(team=f"{name}_team", contact=f"#{name}")
    return Cluster(
        name=name, title=name, summary=name, owner=owner, datasets=tuple(datasets), pairs=tuple(pairs), docs=tuple(docs)
    )


def dataset(name, **columns):
    return Dataset(name=name, description="x", columns={column: ColumnNote(**note) for column, note in columns.items()})


def term(slug, title, body, kind="term"):
    return Doc(slug=slug, title=title, body=body, kind=kind)


def publish(folder, *clusters):
    """A reader of a context with these clusters, which has read nothing yet."""
    writer = ContextWriter(str(folder), HashedWords())
    catalog = Catalog("duckdb", "duckdb", {d.name: Table(d.name, ()) for one in clusters for d in one.datasets})
    for one in clusters:
        judged = {p.slug: Judged("p", "s", Valid(()), (), ()) for p in one.pairs}
        writer.publish(one.name, entries_of(one, catalog, {}, judged))
    return ContextReader(str(folder), HashedWords())


def compared(own, snapshot):
    vectors = {p.slug: HashedWords().embed([p.question])[0] for p in own.pairs}
    return overlap_of(own, vectors, snapshot, dialect="duckdb")


@pytest.fixture
def shared(tmp_path):
    """What the first cluster shares with the published others."""
    return lambda own, *others: compared(own, publish(tmp_path, own, *others).snapshot())


def found(overlap):
    return [(one.kind, one.own, one.other, one.cluster, one.conflicts) for one in overlap.shared]


def test_a_term_that_is_defined_twice_in_other_words_is_a_conflict_with_its_owner(shared):
    own = cluster("a", docs=[term("late", "The late flights", "Over 15 minutes.")])
    other = cluster("b", docs=[term("lateness", "Late Flight", "Over 30 minutes.", "definition")])
    overlap = shared(own, other)
    assert found(overlap) == [("term", "late", "lateness", "b", True)]
    assert overlap.shared[0].owner.contact == "#b"


def test_the_same_definition_twice_and_a_guide_of_the_same_name_are_none(shared):
    own = cluster("a", docs=[term("late", "Late flight", "Over 15 minutes."), term("use", "Use", "So.", "guide")])
    other = cluster("b", docs=[term("late", "Late flight", "Over 15  minutes."), term("use", "Use", "Other.", "guide")])
    assert found(shared(own, other)) == [("term", "late", "late", "b", False)]


def test_the_same_question_with_other_sql_is_a_conflict_however_its_blanks_are_called(shared):
    own = cluster("a", pairs=[pair("x", "How many flights left {origin}?", "SELECT count(*) FROM f")])
    other = cluster("b", pairs=[pair("y", "how many flights left {airport}", "SELECT sum(1) FROM f")])
    assert found(shared(own, other)) == [("question", "x", "y", "b", True)]


def test_the_same_question_with_the_same_sql_written_otherwise_is_shared_and_no_conflict(shared):
    own = cluster("a", pairs=[pair("x", "How many flights left in all?", "SELECT count(*) AS n FROM f")])
    other = cluster("b", pairs=[pair("y", "How many flights left, in all?", "select COUNT(*)\nfrom F")])
    assert found(shared(own, other)) == [("question", "x", "y", "b", False)]


def test_near_questions_with_other_telling_words_are_no_conflict(shared):
    own = cluster("a", pairs=[pair("x", "How many flights left Newark late in July?", "SELECT 1")])
    other = cluster("b", pairs=[pair("y", "How many flights reached Newark late in July?", "SELECT 2")])
    assert not shared(own, other).conflicts


def test_a_column_that_one_prefers_and_the_other_avoids_is_a_conflict(shared):
    own = cluster("a", datasets=[dataset("s.t", x={"use": "prefer"}, y={"use": "avoid"})])
    other = cluster("b", datasets=[dataset("S.T", X={"use": "avoid"}, y={"use": "avoid"})])
    assert found(shared(own, other)) == [("dataset", "S.T", "S.T", "b", False), ("note", "prefer", "avoid", "b", True)]


def test_a_column_that_any_cluster_hides_is_not_named(shared):
    own = cluster("a", datasets=[dataset("s.t", canary={"use": "prefer"})])
    other = cluster("b", datasets=[dataset("s.t", canary={"use": "avoid"})])
    hiding = cluster("c", datasets=[dataset("s.t", canary={"hidden": True})])
    assert "canary" not in str(shared(own, other, hiding))


def test_what_nobody_else_has_is_no_overlap(shared):
    own = cluster("a", datasets=[dataset("s.t")], pairs=[pair("x", "How many lions are there?")])
    overlap = shared(own, cluster("b", datasets=[dataset("s.u")], pairs=[pair("y", "Which bill is unpaid?")]))
    assert (overlap.shared, overlap.of) == ((), 2)


def test_clusters_that_are_compared_at_one_version_find_what_each_finds_alone(tmp_path):
    asked = ("How many flights left {origin}?", "How many flights landed late?", "Which flights landed late?")
    clusters = [
        cluster(name, pairs=[pair(f"{name}{n}", asked[n], f"SELECT {sql} FROM f") for n in ns])
        for name, sql, ns in (("a", "count(*)", (0, 1)), ("b", "sum(1)", (0, 2)), ("c", "COUNT( * )", (1, 2)))
    ]
    snapshot = publish(tmp_path, *clusters).snapshot()
    together = [compared(own, snapshot) for own in clusters]
    assert together == [compared(own, ContextReader(str(tmp_path), HashedWords()).snapshot()) for own in clusters]
    same = [one for one in found(together[0]) if one[0] == "question"]
    assert same == [("question", "a0", "b0", "b", True), ("question", "a1", "c1", "c", False)]
