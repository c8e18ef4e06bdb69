"""Promises of the assets, on a real warehouse and store: what they show, and that only what changed is done again."""

import dagster as dg

from vedder_core.context.health_history import HealthHistory
from vedder_core.context.index import ContextReader
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.automation import BUILD, keys_of
from vedder_pipelines.refresh import look
from vedder_pipelines.remembered import BUILT, VERDICTS


def build(shop, *clusters, instance=None):
    """A run of some clusters, or of all; the graph is made anew, as every run's process does."""
    job = shop.graph().resolve_job_def(BUILD)
    selection = keys_of(clusters) if clusters else None
    return job.execute_in_process(asset_selection=selection, instance=instance, raise_on_error=False)


def said(result, cluster, place):
    """The metadata that an asset showed: numbers and texts as they are, tables as lists of rows."""
    (event,) = [e for e in result.get_asset_materialization_events() if list(e.asset_key.path) == [cluster, place]]
    return plain(event.materialization.metadata)


def plain(metadata):
    return {
        name: [dict(record.data) for record in value.records]
        if isinstance(value, dg.TableMetadataValue)
        else value.value
        for name, value in metadata.items()
    }


def check(result, cluster, name):
    (found,) = [
        e for e in result.get_asset_check_evaluations() if e.asset_key.path[0] == cluster and e.check_name == name
    ]
    return found


def test_a_run_profiles_judges_publishes_and_measures_every_cluster(shop):
    result = build(shop)
    assert result.success
    assert said(result, "sales", "profiles")["profiled"] == 2
    assert said(result, "sales", "verdicts")["judged_again"] == 3
    assert said(result, "sales", "context")["inserted"] == 1 + 2 + 3 + 1  # card, datasets, pairs, doc
    assert said(result, "sales", "health")["band"] == "healthy"


def test_the_profile_table_shows_rows_keys_and_what_was_scanned(shop):
    rows = said(build(shop, "shipping"), "shipping", "profiles")["profiles"]
    assert rows[0]["dataset"] == "shop.parcels"
    assert (rows[0]["rows"], rows[0]["columns"], rows[0]["state"]) == (400, 3, "profiled")
    assert "id" in rows[0]["distinct_keys"]


def test_a_second_run_does_nothing_again(shop):
    build(shop)
    again = build(shop)
    for cluster in ("sales", "shipping"):
        assert said(again, cluster, "profiles")["profiled"] == 0
        assert said(again, cluster, "profiles")["expectations_checked"] == 0
        assert said(again, cluster, "verdicts")["judged_again"] == 0
        published = said(again, cluster, "context")
        assert (published["inserted"], published["updated"], published["deleted"], published["embedded"]) == (
            0,
            0,
            0,
            0,
        )


def test_a_renamed_column_profiles_one_table_and_judges_exactly_its_pairs(shop):
    build(shop)
    shop.alter("ALTER TABLE shop.parcels RENAME COLUMN weight TO weight_kg")
    result = build(shop)
    assert said(result, "shipping", "profiles")["profiled"] == 1
    assert said(result, "shipping", "verdicts")["judged_again"] == 2  # both of its pairs read the parcels
    assert said(result, "sales", "profiles")["profiled"] == 0
    assert said(result, "sales", "verdicts")["judged_again"] == 0
    bind = check(result, "shipping", "pairs_bind")
    (row,) = plain(bind.metadata)["broken_pairs"]
    assert (row["pair"], row["column"], row["probably"]) == ("heaviest", "shop.parcels.weight", "weight_kg")
    assert "line 1" in row["place"]


def test_broken_pairs_warn_and_too_many_of_them_are_an_error_but_never_stop_the_publish(shop):
    shop.alter("ALTER TABLE shop.customers RENAME COLUMN country TO land")
    some = build(shop, "sales")
    assert some.success
    assert check(some, "sales", "pairs_bind").passed is False
    assert check(some, "sales", "pairs_bind").severity == dg.AssetCheckSeverity.WARN
    shop.alter("DROP TABLE shop.orders")
    most = build(shop, "sales")
    assert most.success
    assert check(most, "sales", "pairs_bind").severity == dg.AssetCheckSeverity.ERROR
    assert said(most, "sales", "context")["updated"] > 0


def test_a_failing_check_still_has_a_table_when_nothing_failed(shop):
    bind = check(build(shop, "sales"), "sales", "pairs_bind")
    assert bind.passed
    assert plain(bind.metadata)["broken_pairs"] == []
    assert bind.metadata["broken_pairs"].schema.columns[0].name == "pair"


def test_damage_lowers_the_health_and_says_what_to_do(shop):
    before = said(build(shop, "shipping"), "shipping", "health")
    shop.alter("ALTER TABLE shop.parcels RENAME COLUMN weight TO weight_kg")
    after = said(build(shop, "shipping"), "shipping", "health")
    assert after["score"] < before["score"]
    assert "Mend shipping/pairs/heaviest.sql" in after["actions"]
    assert "no column `weight`; it is probably called `weight_kg` now" in after["actions"]


def test_a_dataset_that_is_gone_from_the_warehouse_is_shown_and_stops_nothing(shop):
    build(shop)
    shop.alter("DROP TABLE shop.customers")
    result = build(shop, "sales")
    assert result.success
    assert said(result, "sales", "profiles")["missing"] == 1
    assert said(result, "sales", "profiles")["profiles"][-1]["state"] == "not there, or not readable"
    assert "Load `shop.customers`" in said(result, "sales", "health")["actions"]


def test_failed_expectations_fail_the_check_and_not_the_run(shop):
    shop.alter("UPDATE shop.orders SET amount = 1000 WHERE id < 5")
    result = build(shop, "sales")
    assert result.success
    expectations = check(result, "sales", "expectations")
    assert expectations.passed is False
    (row,) = plain(expectations.metadata)["results"]
    assert row["found"] == "5 of 500 values unexpected, e.g. 1000"


def test_what_fails_a_check_is_published_in_the_same_run_and_taken_back_once_it_passes(shop):
    build(shop, "sales")
    shop.alter("UPDATE shop.orders SET amount = 1000 WHERE id < 5")
    build(shop, "sales")
    (failed,) = failed_checks(shop, "sales/dataset/shop.orders")
    assert failed == "expect_column_values_to_be_between (`amount`): 5 of 500 values unexpected"
    assert said(build(shop, "sales"), "sales", "context")["updated"] == 0
    shop.alter("UPDATE shop.orders SET amount = 10 WHERE id < 5")
    build(shop, "sales")
    assert failed_checks(shop, "sales/dataset/shop.orders") == ()


def failed_checks(shop, entry):
    (found,) = ContextReader(shop.settings.context).snapshot().get([entry])
    return found.carried().failed_checks


def test_a_file_with_a_problem_is_shown_and_the_sound_files_are_published(shop):
    shop.write("sales/pairs/turnover.sql", "What is the turnover?|SELECT sum(amount FROM shop.orders")
    result = build(shop, "sales")
    sound = check(result, "sales", "files_are_sound")
    assert sound.passed is False
    assert plain(sound.metadata)["found"][0]["file"] == "sales/pairs/turnover.sql"
    assert said(result, "sales", "verdicts")["pairs"] == 2


def test_a_cluster_that_cannot_be_read_at_all_shows_on_the_page_over_all_clusters(shop):
    shop.write("sales/cluster.yaml", "title: [")
    sound = check(build(shop), "all_clusters_health", "files_are_sound")
    assert sound.passed is False
    assert plain(sound.metadata)["found"][0]["file"] == "sales/cluster.yaml"


def test_the_page_over_all_clusters_begins_with_the_weakest(shop):
    result = build(shop)
    (event,) = [e for e in result.get_asset_materialization_events() if e.asset_key.path == ["all_clusters_health"]]
    shown = plain(event.materialization.metadata)
    assert [row["cluster"] for row in shown["health"]] == ["shipping", "sales"]
    weakest = shown["health"][0]
    assert f"| shipping | {weakest['score']:.2f} | degraded | logistics |" in shown["page"]
    assert shown["healthy"] == 1


def test_every_measured_reading_is_kept_for_plots(shop):
    build(shop, "sales")
    build(shop, "sales")
    history = HealthHistory(shop.settings.context).history("sales")
    first, second = (health.score for health in history)
    assert first is not None
    assert first == second
    assert history[0].context_version is not None


def test_what_a_cluster_was_built_from_is_remembered_only_once_everything_is_done(shop):
    job = shop.graph().resolve_job_def(BUILD)
    job.execute_in_process(asset_selection=keys_of(["sales"])[:3])
    assert BUILT.recall(shop.memory) == {}
    build(shop, "sales")
    assert set(BUILT.recall(shop.memory)["sales"].inputs.tables) == {"shop.orders", "shop.customers"}


def test_what_an_older_version_remembered_in_another_form_is_done_again(shop):
    build(shop, "sales")
    shop.memory.remember(VERDICTS.kind, {"sales/orders": '{"verdict": "good"}'})
    assert said(build(shop, "sales"), "sales", "verdicts")["judged_again"] == 1


def test_a_step_that_fails_leaves_the_other_clusters_alone(shop):
    shop.alter("DROP SCHEMA shop CASCADE")
    (shop.root / "shop.duckdb").write_bytes(b"no database")
    result = build(shop)
    assert not result.success
    failed = {event.step_key for event in result.all_events if event.is_step_failure}
    assert failed == {"sales__profiles", "shipping__profiles"}


def test_a_view_over_a_renamed_column_stops_nothing_and_is_touched_once(shop):
    shop.alter("CREATE VIEW shop.heavy AS SELECT id, weight FROM shop.parcels WHERE weight > 20")
    card = (shop.root / "clusters/shipping/cluster.yaml").read_text()
    shop.write("shipping/cluster.yaml", card + "  - {name: shop.heavy, description: Heavy parcels.}\n")
    shop.write("shipping/pairs/heavy.sql", "How many are heavy?|SELECT count(*) AS heavy FROM shop.heavy")
    build(shop)
    shop.alter(
        "ALTER TABLE shop.parcels RENAME COLUMN weight TO weight_kg; INSERT INTO shop.parcels VALUES (900, 1, 2)"
    )
    result = build(shop)
    assert result.success
    assert said(result, "shipping", "profiles")["missing"] == 1
    assert {row["pair"] for row in plain(check(result, "shipping", "pairs_bind").metadata)["broken_pairs"]} == {
        "heavy",
        "heaviest",
    }
    assert look(shop.settings).touched == ()


def test_a_view_whose_changes_the_engine_cannot_see_is_not_built_again_every_minute(shop):
    shop.alter("CREATE VIEW shop.days AS SELECT name AS day FROM duckdb_settings() LIMIT 5")
    card = (shop.root / "clusters/shipping/cluster.yaml").read_text()
    shop.write("shipping/cluster.yaml", card + "  - {name: shop.days, description: Days.}\n")
    first, second = (
        warehouse.data_versions([warehouse.catalog().find("shop.days")])
        for warehouse in 2 * [open_warehouse(shop.settings.warehouse)]
    )
    assert first != second
    build(shop)
    assert look(shop.settings).touched == ()
    assert said(build(shop, "shipping"), "shipping", "profiles")["profiled"] == 1


def test_names_swapped_below_a_view_are_seen_although_the_view_looks_the_same(shop):
    shop.alter("CREATE TABLE shop.books AS SELECT 1 AS gross, 2 AS net")
    shop.alter("CREATE VIEW shop.ledger AS SELECT gross, net FROM shop.books")
    card = (shop.root / "clusters/shipping/cluster.yaml").read_text()
    listed = "\n          - {name: shop.ledger, description: Books.}"
    shop.write("shipping/cluster.yaml", card.rstrip() + listed)
    build(shop)
    assert look(shop.settings).touched == ()
    swap = "ALTER TABLE shop.books RENAME gross TO x; ALTER TABLE shop.books RENAME net TO gross"
    shop.alter(f"{swap}; ALTER TABLE shop.books RENAME x TO net")
    assert look(shop.settings).touched == ("shipping",)


def test_another_embedder_touches_every_cluster(shop):
    build(shop)
    other = shop.settings.model_copy(update={"embedder": "minilm"})
    assert look(other).touched == ("sales", "shipping")
