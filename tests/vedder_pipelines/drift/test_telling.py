"""Promises of `telling`: what is kept and said of columns that may not be told."""

from pathlib import Path

from pydantic import TypeAdapter

from tests.vedder_pipelines.drift.shops import Shop
from vedder_pipelines.drift.watching import Watched

OPEN = "SELECT sum(amount) AS due FROM shop.orders WHERE state = 'open'"
AMOUNTS = "SELECT amount, state FROM shop.orders WHERE day > DATE '2026-02-01'"
RESPELL = "UPDATE shop.orders SET state = 'OPEN' WHERE state = 'open'"


def stored(shop):
    return TypeAdapter(dict[str, Watched]).dump_json(shop.remembered).decode()


def test_a_constant_of_a_sensitive_column_does_not_stand_beside_its_count(shop):
    shop.sensitive = ("state",)
    shop.vet(OPEN).look()
    assert "'open'" not in stored(shop)
    assert 300 in shop.remembered["pair"].baseline.facts.held.values()


def test_what_was_kept_of_a_column_goes_when_its_curator_marks_it_as_sensitive(shop):
    shop.vet(OPEN).vet(AMOUNTS, "amounts").look()
    shop.change(RESPELL).look()
    assert "OPEN" in stored(shop)
    shop.sensitive = ("state", "amount", "day")
    shop.look()
    kept = shop.remembered["amounts"].baseline.facts
    assert "open" not in stored(shop).casefold()
    assert [one.quantity for one in kept.columns.values()] == [None] * 3
    assert [one.periods for one in kept.columns.values()] == [{}] * 3
    assert kept.result.digest is None


def test_a_pair_that_drifted_is_still_found_when_its_column_becomes_sensitive(shop):
    shop.vet(OPEN).look()
    shop.change(RESPELL).look()
    shop.sensitive = ("state",)
    assert ("vanished_literal", "state") in shop.found()


def test_a_broken_pair_keeps_nothing_of_a_column_that_is_hidden_now(shop):
    shop.vet(OPEN).vet(AMOUNTS, "amounts").look()
    shop.change(RESPELL).look()
    shop.hidden = ("state", "amount")
    assert shop.look().watched == {}
    shop.remembered |= shop.kept_of_broken()
    assert "open" not in stored(shop).casefold()
    assert all(one.baseline.result is None for one in shop.remembered.values())


def test_a_broken_pair_keeps_what_may_be_told(shop):
    shop.vet(OPEN).look()
    shop.change("ALTER TABLE shop.orders RENAME amount TO total").look()
    assert shop.kept_of_broken() == {}


def test_values_in_fewer_rows_than_the_cluster_tells_are_not_counted_aloud(shop):
    shop.least = 400
    shop.vet(OPEN).vet(AMOUNTS, "amounts").look()
    said = shop.change(RESPELL).said()
    assert "fewer than 400 rows" in said
    assert "300" not in said
    assert all(not one.periods for one in shop.remembered["amounts"].baseline.facts.columns.values())


def test_a_comment_that_names_a_hidden_column_is_not_told(shop):
    shop.hidden = ("customer",)
    shop.vet("SELECT sum(amount) AS due FROM shop.orders").look()
    said = shop.change("COMMENT ON TABLE shop.orders IS 'DEPRECATED: customer is wrong'").said()
    assert "DEPRECATED" in said
    assert "customer" not in said


def test_parts_that_are_cut_by_a_hidden_or_sensitive_column_are_not_kept(shop, tmp_path: Path):
    shop.change(f"COPY shop.orders TO '{tmp_path}/parts' (FORMAT parquet, PARTITION_BY (state))")
    shop.change(
        f"DROP TABLE shop.orders; CREATE VIEW shop.orders AS SELECT * FROM "
        f"read_parquet('{tmp_path}/parts/**/*.parquet', hive_partitioning = true)"
    )
    for withheld in ({"hidden": ("state",)}, {"sensitive": ("state",)}):
        own = Shop(shop.file, files=f"{tmp_path}/parts", **withheld)
        own.vet("SELECT sum(amount) AS due FROM shop.orders").look()
        parts = own.remembered["pair"].baseline.facts.datasets["shop.orders"].partitions
        assert parts is None or (parts.first, parts.last) == (None, None)
        assert "cancelled" not in stored(own)
