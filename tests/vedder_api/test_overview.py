"""What people may see of clusters: only those that the context holds, and of hidden columns not even partitions."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.vedder_api.agent.hostile_world import HIDDEN, SECRETS, build_hostile
from tests.vedder_api.world import build
from vedder_api.cells import as_json
from vedder_api.overview import cluster_list, cluster_page, health_list
from vedder_api.parts import Parts
from vedder_core.cluster_files import load_clusters
from vedder_core.context.index import ContextWriter
from vedder_core.embedder.embedder import open_embedder
from vedder_core.profile import Partitions
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.publishing import entries_of

HIVE = Partitions(("month",), "hive", 12, "month=1", "month=12")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return build(tmp_path)


def publish(settings: Settings, partitions: Partitions, *, withheld: str | None = None) -> None:
    """Publish the flights again with a profile as an engine, or an older release, may have left it."""
    flights = next(c for c in load_clusters(settings.clusters).clusters if c.name == "flights")
    with open_warehouse(settings.warehouse) as warehouse:
        catalog = warehouse.catalog()
        table = catalog.tables["nyc.flights"]
        found = warehouse.profile(table, flights.datasets[0], "v2")
    columns = tuple(replace(c, withheld=withheld) if c.name == "month" else c for c in found.columns)
    profiles = {"nyc.flights": replace(found, partitions=partitions, columns=columns)}
    writer = ContextWriter(settings.context, open_embedder(settings))
    writer.publish("flights", entries_of(flights, catalog, profiles, {}))


@pytest.mark.parametrize(
    ("partitions", "withheld", "told"),
    [
        (HIVE, None, HIVE),
        (HIVE, "its values look like e-mail addresses", Partitions(("month",), "hive", 12)),
        (Partitions(("month", "TAILNUM"), "hive", 12, "month=1/TAILNUM=CANARY"), None, None),
    ],
    ids=["open", "withheld", "hidden"],
)
def test_partitions_tell_no_hidden_column_and_no_withheld_value(
    settings: Settings, partitions: Partitions, withheld: str | None, told: Partitions | None
) -> None:
    publish(settings, partitions, withheld=withheld)
    with Parts(settings) as parts:
        (flights,) = cluster_page(parts.shelf().snapshot(), parts.healths, "flights").datasets
    assert flights.partitions == told


def test_what_one_cluster_hides_or_withholds_is_not_on_the_page_of_another_that_lists_the_dataset(
    tmp_path: Path,
) -> None:
    with Parts(build_hostile(tmp_path)) as parts:
        page = cluster_page(parts.shelf().snapshot(), parts.healths, "sales")
    (orders,) = page.datasets
    assert [column.name for column in orders.columns] == ["id", "status", "contact", "margin", "evil`col\n## now"]
    assert next(column.withheld for column in orders.columns if column.name == "margin")
    told = as_json(orders).decode()
    assert [word for word in (*HIDDEN, *SECRETS) if word in told] == []


def test_a_withdrawn_cluster_is_not_listed_though_its_history_stays(settings: Settings) -> None:
    ContextWriter(settings.context, open_embedder(settings)).withdraw("flights")
    with Parts(settings) as parts:
        snapshot = parts.shelf().snapshot()
        assert [health.cluster for health in health_list(snapshot, parts.healths)] == ["fleet"]
        assert [line.name for line in cluster_list(snapshot, parts.healths).clusters] == ["fleet"]
        assert len(parts.healths.history("flights")) == 1
