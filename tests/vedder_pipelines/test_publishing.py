"""Promises of `publishing`: entries are written for people's questions, and hide what is hidden."""

from datetime import date

from vedder_core.cluster import Cluster, ColumnNote, Dataset, Doc, Owner, Pair, Parameter
from vedder_core.profile import ColumnProfile, CommonValue, Figure, Profile
from vedder_core.schema import Catalog, Column, Table
from vedder_core.verdict import Broken, Valid
from vedder_pipelines.publishing import LONGEST_PASSAGE, entries_of
from vedder_pipelines.validation import Judged

FLIGHTS = Table(
    "nyc.flights", (Column("dep_time", "INTEGER"), Column("origin", "VARCHAR"), Column("tailnum", "VARCHAR"))
)
CATALOG = Catalog("duckdb", "duckdb", {"nyc.flights": FLIGHTS})
ORIGINS = ColumnProfile(
    "origin", "VARCHAR", common_values=(CommonValue("EWR", 3), CommonValue("JFK", 2)), complete=True
)
PROFILES = {"nyc.flights": Profile("nyc.flights", "duckdb", "f", "v", Figure(5, "exact"), (ORIGINS,))}
PAIR = Pair(
    slug="departures",
    question="How many flights left {origin} in {month}?",
    phrasings=("Departures from {origin} in {month}",),
    parameters={"origin": Parameter(values="nyc.flights.origin"), "month": Parameter(type="month")},
    teaches="Counting.",
    vetted_by="Ada",
    vetted_on=date(2026, 11, 1),
    sql="SELECT count(dep_time) AS flights FROM nyc.flights WHERE origin = :origin AND 1 = :month",
)


def cluster(*docs, pairs=(PAIR,)):
    return Cluster(
        name="flights",
        title="Flights",
        summary="What flew.",
        owner=Owner(team="ops", contact="#ops"),
        datasets=(
            Dataset(
                name="nyc.flights",
                description="One row a flight.",
                columns={"dep_time": ColumnNote(note="Clock time."), "tailnum": ColumnNote(hidden=True, note="SECRET")},
            ),
            Dataset(name="nyc.gone", description="Was dropped."),
        ),
        pairs=pairs,
        docs=docs,
    )


def judged(verdict):
    return {"departures": Judged("p", "s", verdict, ("nyc.flights",), ("nyc.flights.dep_time",))}


def entries(*docs, verdict=Valid(("flights",))):  # noqa: B008
    return {e.id: e for e in entries_of(cluster(*docs), CATALOG, PROFILES, judged(verdict))}


def test_every_part_of_a_cluster_is_an_entry_with_a_stable_id():
    found = entries(Doc(slug="clock", title="Clock", body="Times."))
    assert set(found) == {
        "flights/cluster",
        "flights/dataset/nyc.flights",
        "flights/dataset/nyc.gone",
        "flights/pair/departures",
        "flights/doc/clock/0",
    }
    assert found == entries(Doc(slug="clock", title="Clock", body="Times."))


def test_a_pair_is_found_by_its_questions_with_real_values_and_never_by_its_sql():
    entry = entries()["flights/pair/departures"]
    assert entry.text == "How many flights left EWR in July?\nDepartures from EWR in July"
    assert entry.carried().values == {"origin": ("EWR", "JFK")}


def test_a_broken_pair_is_marked_so_that_retrieval_never_sees_it():
    assert entries(verdict=Broken("gone"))["flights/pair/departures"].status == "broken"


def test_a_pair_that_was_not_judged_is_not_published():
    assert "flights/pair/departures" not in {e.id for e in entries_of(cluster(), CATALOG, PROFILES, {})}


def test_a_dataset_is_found_by_its_words_notes_and_values():
    text = entries()["flights/dataset/nyc.flights"].text
    assert "flights: One row a flight." in text
    assert "dep time. Clock time." in text
    assert "EWR, JFK" in text


def test_hidden_columns_leave_no_trace_in_what_is_searched():
    entry = entries()["flights/dataset/nyc.flights"]
    assert "tailnum" not in entry.text
    assert "SECRET" not in entry.text + entry.payload
    assert [c.name for c in entry.carried().table.columns] == ["dep_time", "origin"]


def test_a_dataset_that_the_warehouse_lost_is_not_taught():
    assert entries()["flights/dataset/nyc.gone"].status == "broken"


def test_a_doc_is_linked_to_the_columns_that_it_names_in_backticks():
    body = "`dep_time IS NULL` in `nyc.flights`; origin and `tailnum`."
    passage = entries(Doc(slug="c", title="Clock", body=body))
    carried = passage["flights/doc/c/0"].carried()
    assert carried.columns == ("nyc.flights.dep_time",)
    assert carried.datasets == ("nyc.flights",)


def test_a_long_doc_is_cut_between_paragraphs_and_at_headings():
    body = "\n\n".join(["word " * 100] * 5) + "\n\n# Next\n\nend"
    passages = [e.carried().text for e in entries(Doc(slug="c", title="C", body=body)).values() if e.kind == "doc"]
    assert passages[-1] == "# Next\n\nend"
    assert all(len(text) <= LONGEST_PASSAGE for text in passages)
    assert "".join("".join(passages).split()) == "".join(body.split())


def test_a_value_that_was_cut_off_is_not_offered_as_the_value_of_a_parameter():
    cut, whole = CommonValue("x" * 80, 9), CommonValue("y" * 79, 3)
    origin = ColumnProfile("origin", "VARCHAR", common_values=(cut, whole))
    profiles = {"nyc.flights": Profile("nyc.flights", "duckdb", "f", "v", Figure(12, "exact"), (origin,))}
    found = {e.id: e for e in entries_of(cluster(), CATALOG, profiles, judged(Valid(("flights",))))}
    assert found["flights/pair/departures"].carried().values["origin"] == (whole.value,)
