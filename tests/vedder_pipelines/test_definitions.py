"""Promises of the graph: its shape, pinned as a snapshot, so that every change of it is a diff that one can review."""

import dagster as dg
import yaml

from vedder_pipelines.definitions import graph


def shape_of(definitions):
    """Keys, deps, groups, owners, kinds and checks of the graph, and what starts runs, as text that can be compared."""
    assets = definitions.resolve_asset_graph()
    checks = {}
    for check in assets.asset_check_keys:
        checks.setdefault(check.asset_key, []).append(check.name)
    described = {}
    for spec in sorted(definitions.resolve_all_asset_specs(), key=lambda spec: spec.key):
        lines = {
            "deps": sorted(dep.asset_key.to_user_string() for dep in spec.deps),
            "group": spec.group_name,
            "owners": list(spec.owners),
            "kinds": sorted(spec.kinds),
            "checks": sorted(checks.get(spec.key, [])),
            "fresh": str(spec.freshness_policy.fail_window.to_timedelta()) if spec.freshness_policy else None,
        }
        described[spec.key.to_user_string()] = {name: value for name, value in lines.items() if value}
    repository = definitions.get_repository_def()
    return {
        "assets": described,
        "jobs": sorted(job.name for job in repository.get_all_jobs() if not job.name.startswith("__")),
        "sensors": {
            s.name: f"{s.minimum_interval_seconds} s, {s.default_status.value}" for s in repository.sensor_defs
        },
        "schedules": {s.name: f"{s.cron_schedule}, {s.default_status.value}" for s in repository.schedule_defs},
    }


def test_the_graphs_shape(shop, snapshot):
    assert yaml.safe_dump(shape_of(shop.graph()), sort_keys=False, width=120) == snapshot


def test_a_table_that_two_clusters_list_is_one_asset_and_feeds_both(shop):
    assets = shop.graph().resolve_asset_graph()
    fed = assets.get(dg.AssetKey(["warehouse", "shop", "orders"])).child_keys
    assert fed == {dg.AssetKey(["sales", "profiles"]), dg.AssetKey(["shipping", "profiles"])}


def test_every_asset_has_a_description_and_every_clusters_asset_leads_to_its_files(shop):
    for spec in shop.graph().resolve_all_asset_specs():
        assert spec.description
        if spec.tags.get("vedder/cluster"):
            files = [one.file_path for one in spec.metadata["dagster/code_references"].code_references]
            assert files[0] == str(shop.root / "clusters" / spec.key.path[0] / "cluster.yaml")


def test_building_the_graph_asks_no_warehouse(shop):
    (shop.root / "shop.duckdb").unlink()
    assert shop.graph().resolve_all_asset_keys()


def test_no_name_of_a_cluster_collides_with_the_graphs_own_names(shop):
    for name in ("all_clusters", "warehouse", "fleet", "health"):
        shop.write(f"{name}/cluster.yaml", (shop.root / "clusters/sales/cluster.yaml").read_text())
    keys = shop.graph().resolve_all_asset_keys()
    assert len(keys) == 6 * 4 + 3 + 3


def test_a_cluster_that_cannot_be_read_does_not_hide_the_others(shop):
    shop.write("sales/cluster.yaml", "title: [")
    keys = {key.to_user_string() for key in shop.graph().resolve_all_asset_keys()}
    assert "shipping/context" in keys
    assert "sales/context" not in keys


def test_no_clusters_at_all_is_a_graph_with_one_page(shop):
    shop.remove("sales")
    shop.remove("shipping")
    over_all = {"all_clusters_calibration", "all_clusters_health", "warehouse_catalog"}
    assert {key.to_user_string() for key in graph(shop.settings).resolve_all_asset_keys()} == over_all
