"""Promises of sensors, schedules and tidying: exactly what is touched is built, and nothing is asked for twice."""

from datetime import UTC, datetime

import dagster as dg
import pytest

from vedder_core.context.index import ContextReader
from vedder_pipelines.assets.warehouse_catalog import WAREHOUSE_CATALOG
from vedder_pipelines.automation import BUILD, EVENTS_A_TICK
from vedder_pipelines.remembered import BUILT, PROFILES
from vedder_pipelines.resources import resources_of


def tick(shop, name, cursor=None, graph=None):
    """One tick of a sensor of the graph as it is now, or as it was."""
    graph = graph or shop.graph()
    with dg.build_sensor_context(cursor=cursor, resources=resources_of(shop.settings)) as context:
        return graph.resolve_sensor_def(name)(context)


def build(shop):
    assert shop.graph().resolve_job_def(BUILD).execute_in_process().success


def clusters_of(request):
    return sorted({key.path[0] for key in request.asset_selection if len(key.path) == 2})


def tables_of(result):
    """The tables that a tick reports."""
    return [event.asset_key.path[-1] for event in result.asset_events if len(event.asset_key.path) > 1]


def catalog_event(result):
    """What a tick tells of the whole catalog; None where it tells nothing."""
    return next((event for event in result.asset_events if event.asset_key == WAREHOUSE_CATALOG), None)


def test_the_first_tick_reports_every_table_and_builds_every_cluster(shop):
    result = tick(shop, "warehouse_changes")
    assert sorted(tables_of(result)) == ["customers", "orders", "parcels"]
    assert [clusters_of(request) for request in result.run_requests] == [["sales", "shipping"]]


def test_an_event_has_the_tables_columns_its_rows_and_a_data_version(shop):
    events = {event.asset_key.path[-1]: event for event in tick(shop, "warehouse_changes").asset_events}
    schema = events["customers"].metadata["dagster/column_schema"].schema
    assert [column.name for column in schema.columns] == ["id", "country"]
    assert events["customers"].metadata["dagster/row_count"].value == 7
    assert events["customers"].tags["dagster/data_version"]


def test_an_idle_tick_skips_and_says_how_much_it_looked_at(shop):
    seen = tick(shop, "warehouse_changes")
    idle = tick(shop, "warehouse_changes", seen.cursor)
    assert not idle.run_requests
    assert idle.skip_reason.skip_message == "None of 3 tables changed."


def test_the_catalog_is_told_at_first_and_then_only_when_a_schema_changed(shop):
    first = tick(shop, "warehouse_changes")
    assert catalog_event(first).metadata["tables"].value == 3
    assert catalog_event(tick(shop, "warehouse_changes", first.cursor)) is None
    shop.alter("INSERT INTO shop.orders SELECT 1000, 1, 5, now()::TIMESTAMP")
    assert catalog_event(tick(shop, "warehouse_changes", first.cursor)) is None


def test_a_change_of_a_table_that_no_cluster_lists_is_told_and_builds_nothing(shop):
    build(shop)
    seen = tick(shop, "warehouse_changes")
    shop.alter("CREATE TABLE shop.staff (id INTEGER, name VARCHAR)")
    changed = tick(shop, "warehouse_changes", seen.cursor)
    assert rows_of(catalog_event(changed)) == [("shop.staff", "table added", "", "shop.staff", "", "")]
    assert not changed.run_requests


def test_a_rename_is_told_with_its_new_name_and_with_who_stands_on_it(shop):
    build(shop)
    tick(shop, "warehouse_changes")
    shop.alter("ALTER TABLE shop.customers RENAME COLUMN country TO country_code")
    event = catalog_event(tick(shop, "warehouse_changes"))
    assert rows_of(event) == [
        ("shop.customers", "column renamed", "country", "country_code", "sales", "sales/countries")
    ]
    assert event.metadata["pairs_touched"].value == 1


def rows_of(event):
    names = ("table", "what", "before", "now", "clusters", "pairs")
    return [tuple(record.data[name] for name in names) for record in event.metadata["changed"].records]


def test_what_was_built_without_the_sensor_is_not_built_again(shop):
    build(shop)
    assert tick(shop, "warehouse_changes").run_requests == []
    assert tick(shop, "cluster_file_changes").run_requests == []


def test_a_changed_table_is_one_event_and_a_run_of_the_clusters_that_list_it(shop):
    build(shop)
    seen = tick(shop, "warehouse_changes")
    shop.alter("ALTER TABLE shop.customers RENAME COLUMN country TO land")
    changed = tick(shop, "warehouse_changes", seen.cursor)
    assert tables_of(changed) == ["customers"]
    assert [clusters_of(request) for request in changed.run_requests] == [["sales"]]


def test_changed_data_count_as_much_as_a_changed_schema(shop):
    build(shop)
    seen = tick(shop, "warehouse_changes")
    shop.alter("INSERT INTO shop.orders SELECT 1000, 1, 5, now()::TIMESTAMP")
    changed = tick(shop, "warehouse_changes", seen.cursor)
    assert [clusters_of(request) for request in changed.run_requests] == [["sales", "shipping"]]


def test_a_table_that_is_gone_touches_its_clusters(shop):
    build(shop)
    seen = tick(shop, "warehouse_changes")
    shop.alter("DROP TABLE shop.parcels")
    changed = tick(shop, "warehouse_changes", seen.cursor)
    assert tables_of(changed) == []
    assert [clusters_of(request) for request in changed.run_requests] == [["shipping"]]


def test_the_same_request_has_the_same_key_and_a_change_made_again_another(shop):
    build(shop)
    keys = []
    for name in ("land", "country", "land"):
        old = "country" if name == "land" else "land"
        shop.alter(f"ALTER TABLE shop.customers RENAME COLUMN {old} TO {name}")
        (once,) = tick(shop, "warehouse_changes").run_requests
        (again,) = tick(shop, "warehouse_changes").run_requests
        assert once.run_key == again.run_key
        keys.append(once.run_key)
        build(shop)
    assert len(set(keys)) == 3


def test_a_very_large_first_tick_is_told_in_parts(shop):
    many = EVENTS_A_TICK + 1
    shop.alter(f"CREATE SCHEMA wide; {''.join(f'CREATE TABLE wide.t{n} (id INTEGER);' for n in range(many))}")
    listed = "".join(f"  - {{name: wide.t{n}, description: x}}\n" for n in range(many))
    shop.write(
        "wide/cluster.yaml",
        f"title: Wide\nsummary: x\nowner: {{team: wide, contact: x}}\ndatasets:\n{listed}",
    )
    first = tick(shop, "warehouse_changes")
    second = tick(shop, "warehouse_changes", first.cursor)
    third = tick(shop, "warehouse_changes", second.cursor)
    assert [len(tables_of(t)) for t in (first, second)] == [EVENTS_A_TICK, 1 + 3]
    assert third.skip_reason is not None


def test_many_clusters_are_built_in_several_runs(shop):
    card = (shop.root / "clusters/sales/cluster.yaml").read_text()
    for number in range(41):
        shop.write(f"sales{number}/cluster.yaml", card)
    requests = tick(shop, "warehouse_changes").run_requests
    assert [len(clusters_of(request)) for request in requests] == [20, 20, 3]


def test_a_changed_file_builds_its_cluster_alone(shop):
    build(shop)
    seen = tick(shop, "cluster_file_changes")
    shop.write("shipping/pairs/parcels.sql", "How many parcels are on their way?|SELECT count(*) FROM shop.parcels")
    changed = tick(shop, "cluster_file_changes", seen.cursor)
    assert [clusters_of(request) for request in changed.run_requests] == [["shipping"]]
    assert changed.run_requests[0].job_name == BUILD


def test_a_folder_that_came_after_the_graph_is_told_with_what_to_do(shop):
    build(shop)
    graph = shop.graph()
    shop.write("returns/cluster.yaml", (shop.root / "clusters/sales/cluster.yaml").read_text())
    result = tick(shop, "cluster_file_changes", graph=graph)
    assert result.run_requests == []
    assert "`returns` is new: reload the code location" in result.skip_reason.skip_message


def test_a_cluster_that_can_no_longer_be_read_is_told_and_keeps_what_was_published(shop):
    build(shop)
    graph = shop.graph()
    shop.write("sales/cluster.yaml", "title: [")
    result = tick(shop, "cluster_file_changes", graph=graph)
    assert "`sales` cannot be read" in result.skip_reason.skip_message
    tidy(shop)
    assert published(shop) == {"sales", "shipping"}


def tidy(shop):
    assert shop.graph().resolve_job_def("tidy_context").execute_in_process().success


def published(shop):
    return {card.name for card in ContextReader(shop.settings.context).snapshot().cluster_cards()}


def test_a_removed_folder_takes_its_cluster_out_of_the_context(shop):
    build(shop)
    shop.remove("sales")
    (request,) = tick(shop, "cluster_file_changes").run_requests
    assert request.job_name == "tidy_context"
    tidy(shop)
    assert published(shop) == {"shipping"}
    assert set(BUILT.recall(shop.memory)) == {"shipping"}
    assert {key.split("/")[0] for key in PROFILES.recall(shop.memory)} == {"shipping"}


def test_a_clusters_folder_that_is_missing_altogether_withdraws_nothing(shop):
    build(shop)
    (shop.root / "clusters").rename(shop.root / "elsewhere")
    tidy(shop)
    assert published(shop) == {"sales", "shipping"}


def test_the_night_builds_every_cluster_with_a_key_of_its_own(shop):
    nightly = shop.graph().resolve_schedule_def("nightly")
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 11, 21, 3, tzinfo=UTC))
    (request,) = nightly(context)
    assert clusters_of(request) == ["sales", "shipping"]
    assert request.run_key.startswith("2026-11-21T03:00:00")


@pytest.mark.parametrize("name", ["warehouse_changes", "cluster_file_changes"])
def test_dagster_accepts_what_a_sensor_asks_for(shop, name):
    graph = shop.graph()
    repository, resources = graph.get_repository_def(), resources_of(shop.settings)
    with (
        dg.DagsterInstance.ephemeral() as instance,
        dg.build_sensor_context(instance=instance, repository_def=repository, resources=resources) as context,
    ):
        evaluated = graph.resolve_sensor_def(name).evaluate_tick(context)
    (request,) = evaluated.run_requests
    assert len(request.asset_selection) == 2 * 4 + 2


def test_a_change_that_others_built_and_that_was_then_undone_is_built_again(shop):
    build(shop)
    seen = tick(shop, "warehouse_changes")
    shop.alter("ALTER TABLE shop.customers RENAME COLUMN country TO land")
    build(shop)
    shop.alter("ALTER TABLE shop.customers RENAME COLUMN land TO country")
    undone = tick(shop, "warehouse_changes", seen.cursor)
    assert [clusters_of(request) for request in undone.run_requests] == [["sales"]]
