"""What one cluster forbids to tell of a dataset is told by no other that lists it: hidden, sensitive, or renamed since.

Two clusters list one table: the archive hides or guards a column, and the desk says nothing of it.
"""

import dagster as dg
import lancedb
import pytest

from vedder_api.overview import health_page
from vedder_core.context.entry import DatasetCard
from vedder_core.context.health_history import HealthHistory
from vedder_core.context.index import ContextReader
from vedder_pipelines.automation import BUILD
from vedder_pipelines.refresh import look
from vedder_pipelines.remembered import FORMER, PROFILES
from vedder_pipelines.resources import resources_of

MEMBERS = """
CREATE TABLE shop.members AS SELECT i AS id, 'zebra-' || (i % 5) AS badge, ['north', 'south'][i % 2 + 1] AS ward
FROM range(100) t(i)
"""
CARD = """
title: {title}
summary: Who is a member.
owner: {{team: {title}, contact: "#it"}}
datasets:
  - name: {table}
    description: One row a member.
    columns: {{{columns}}}
    min_rows_per_value: {least}
"""
WARDS = "Members by ward?|SELECT ward, count(*) AS n FROM shop.members GROUP BY ward ORDER BY ward"


def curate(shop, name, columns="", *, table="shop.members", least=1):
    shop.write(f"{name}/cluster.yaml", CARD.format(title=name, columns=columns, table=table, least=least))


def build(shop, *clusters):
    graph = shop.graph()
    job = graph.resolve_job_def(BUILD)
    keys = [key for key in graph.resolve_all_asset_keys() if not clusters or key.path[0] in clusters]
    return job.execute_in_process(asset_selection=keys if clusters else None)


def stored(shop):
    """All bytes of all files of the context, and all rows of all versions of all tables in them."""
    folder = shop.root / "context"
    raw = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()).decode("latin-1")
    database = lancedb.connect(str(folder))
    for name in database.list_tables().tables:
        table = database.open_table(name)
        for version in table.list_versions():
            table.checkout(version["version"])
            raw += str(table.to_arrow().drop_columns(["vector"] if name == "entries" else []).to_pylist())
    return raw


def now(shop):
    """What is remembered and published now; older versions may still hold what was no secret then."""
    published = ContextReader(shop.settings.context).snapshot().listing()
    remembered = " ".join(str(shop.memory.recall(shelf.kind)) for shelf in (PROFILES, FORMER))
    return remembered + " ".join(entry.text + entry.payload for entry in published)


def columns(shop, cluster):
    listing = ContextReader(shop.settings.context).snapshot().listing(kinds=("dataset",), clusters=(cluster,))
    cards = [entry.carried() for entry in listing]
    return {column.name for card in cards if isinstance(card, DatasetCard) for column in card.table.columns}


def touched(shop):
    return look(shop.settings).touched


@pytest.fixture
def members(shop):
    for name in ("sales", "shipping"):
        shop.remove(name)
    shop.alter(MEMBERS)
    curate(shop, "desk")
    shop.write("desk/pairs/wards.sql", WARDS)
    return shop


@pytest.mark.parametrize("archive", ["archive", "zoo"])
def test_values_of_a_hidden_column_that_is_renamed_are_in_no_file_of_any_cluster(members, archive):
    curate(members, archive, "badge: {hidden: true}")
    first = build(members)
    assert columns(members, "desk") == {"id", "ward"}
    members.alter("ALTER TABLE shop.members RENAME badge TO tagno")
    second = build(members)
    assert columns(members, "desk") == columns(members, archive) == {"id", "ward"}
    told = stored(members) + "".join(str(event) for run in (first, second) for event in run.all_events)
    assert "north" in told, "values that may be told are seen by this test"
    assert "zebra" not in told


def test_a_cluster_that_is_built_alone_withholds_what_another_will_find_renamed(members):
    curate(members, "archive", "badge: {hidden: true}")
    build(members)
    members.alter("ALTER TABLE shop.members RENAME badge TO tagno")
    build(members, "desk")
    assert columns(members, "desk") == {"id", "ward"}
    build(members)
    build(members, "desk")
    assert columns(members, "desk") == {"id", "ward"}
    assert "zebra" not in stored(members)


def test_once_the_curator_has_said_what_became_of_it_the_others_show_what_is_none_of_it(members):
    curate(members, "archive", "badge: {hidden: true}")
    build(members)
    members.alter("ALTER TABLE shop.members RENAME badge TO tagno; ALTER TABLE shop.members ADD COLUMN grade INT")
    build(members)
    assert columns(members, "desk") == {"id", "ward"}
    curate(members, "archive", "tagno: {hidden: true}")
    assert set(touched(members)) == {"archive", "desk"}
    build(members)
    assert columns(members, "desk") == {"id", "ward", "grade"}
    assert "zebra" not in stored(members)
    assert touched(members) == ()


def test_a_column_that_one_cluster_makes_sensitive_loses_its_values_in_the_others(members):
    build(members)
    assert "zebra-1" in now(members)
    curate(members, "archive", "BADGE: {sensitive: true}")
    assert set(touched(members)) == {"archive", "desk"}
    build(members)
    assert "zebra" not in now(members)
    assert columns(members, "desk") == {"id", "ward", "badge"}, "its name may be known"


def test_a_value_that_too_few_rows_hold_for_one_cluster_is_kept_by_no_other(members):
    build(members)
    assert "zebra-1" in now(members)
    curate(members, "archive", least=30)
    build(members)
    assert "zebra" not in now(members)
    assert "north" in now(members), "fifty rows hold it"


def test_what_others_forbid_is_asked_for_by_the_sensor_of_files(members):
    build(members)
    curate(members, "archive")
    build(members)
    curate(members, "archive", "badge: {hidden: true}")
    with dg.build_sensor_context(resources=resources_of(members.settings)) as context:
        result = members.graph().resolve_sensor_def("cluster_file_changes")(context)
    (request,) = result.run_requests
    assert {key.path[0] for key in request.asset_selection} >= {"archive", "desk"}


def test_a_cluster_whose_files_cannot_be_read_goes_on_forbidding(members):
    curate(members, "archive", "badge: {hidden: true}")
    build(members)
    members.write("archive/cluster.yaml", "title: [")
    members.alter("INSERT INTO shop.members SELECT i, 'zebra-' || i, 'east' FROM range(9) t(i)")
    build(members)
    assert "zebra" not in stored(members)
    members.remove("archive")
    look(members.settings)
    assert columns(members, "desk") == {"id", "ward"}


def test_a_pair_that_uses_what_another_cluster_withholds_does_not_teach_and_names_nothing(members):
    curate(members, "archive", "badge: {hidden: true}")
    build(members)
    members.alter("ALTER TABLE shop.members RENAME badge TO tagno")
    members.write("desk/pairs/tags.sql", "Members by tag?|SELECT tagno, count(*) AS n FROM shop.members GROUP BY 1")
    build(members)
    (entry,) = (
        one
        for one in ContextReader(members.settings.context).snapshot().listing(kinds=("pair",), clusters=("desk",))
        if one.id.endswith("tags")
    )
    assert entry.status == "broken"
    assert "zebra" not in stored(members)


NO_BADGE = """
    expectations:
      - {expect: expect_column_values_to_be_in_set, arguments: {column: badge, value_set: [zebra-0, zebra-1]}}
"""
ONES = "How many have the first?|SELECT count(*) AS n FROM shop.members WHERE badge = 'zebra-1'"


@pytest.mark.parametrize("guard", ["badge: {sensitive: true}", "badge: {hidden: true}"])
def test_health_that_was_measured_before_another_cluster_guarded_a_column_is_shown_without_its_values(members, guard):
    members.write("desk/cluster.yaml", CARD.format(title="desk", columns="", table="shop.members", least=1) + NO_BADGE)
    members.write("desk/pairs/ones.sql", ONES)
    build(members)
    members.alter("UPDATE shop.members SET badge = 'okapi' WHERE badge <> 'zebra-0'")
    build(members)
    measured = HealthHistory(members.settings.context)
    texts = [action.text for action in measured.latest()["desk"].actions()]
    assert sum("okapi" in text or "zebra" in text for text in texts) == 2, "the drift, and what the expectation found"
    curate(members, "archive", guard)
    build(members, "archive")
    shown = health_page(ContextReader(members.settings.context).snapshot(), measured, "desk")
    assert "okapi" not in str(shown)
    assert "zebra" not in str(shown)
