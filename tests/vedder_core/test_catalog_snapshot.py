"""Promises of catalog snapshots: read back as written, seen unchanged without being read, never half a file."""

from dataclasses import replace

import duckdb
import pyarrow as pa
import pytest

from vedder_core.catalog_snapshot import read_snapshot, snapshot_digest, write_snapshot
from vedder_core.errors import SnapshotError
from vedder_core.schema import Catalog, Column, Routine, Table
from vedder_core.warehouse.warehouse import open_warehouse

DDL = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id INTEGER NOT NULL, "Amount, EUR" DECIMAL(9, 2), tags VARCHAR[]);
COMMENT ON COLUMN shop.orders.id IS 'The number';
CREATE VIEW shop.ids AS SELECT id FROM shop.orders;
CREATE MACRO shop.net(x) AS x / 1.2, (x, y) AS x / y;
CREATE MACRO shop.since(n) AS TABLE SELECT * FROM shop.orders WHERE id > n;
"""


@pytest.fixture
def catalog(tmp_path):
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(DDL)
    with open_warehouse(f"duckdb:///{tmp_path / 'warehouse.duckdb'}") as warehouse:
        return warehouse.catalog()


def test_a_catalog_is_read_back_as_it_was(tmp_path, catalog):
    write_snapshot(catalog, tmp_path / "deep" / "catalog.arrow")
    read = read_snapshot(tmp_path / "deep" / "catalog.arrow")
    assert dict(read.tables) == dict(catalog.tables)
    assert read.routines == catalog.routines
    assert (read.engine, read.dialect, read.digest) == ("duckdb", "duckdb", catalog.digest)
    assert read.tables["shop.orders"].columns[0] == Column("id", "INTEGER", nullable=False, comment="The number")
    assert read.routines["shop.net"].bodies == ("(x / 1.2)", "(x / y)")


def test_fingerprints_of_rows_are_those_of_their_tables(catalog):
    assert dict(catalog.fingerprints) == {name: table.fingerprint for name, table in catalog.tables.items()}
    plain = Catalog("duckdb", "duckdb", dict(catalog.tables), catalog.routines)
    assert plain.digest == catalog.digest


def test_a_key_is_read_back_and_another_key_is_another_schema(tmp_path, catalog):
    orders = catalog.tables["shop.orders"]
    keyed = Catalog("postgresql", "postgres", {**catalog.tables, orders.name: replace(orders, key=("id", "tags"))})
    write_snapshot(keyed, tmp_path / "catalog.arrow")
    read = read_snapshot(tmp_path / "catalog.arrow")
    assert read.tables[orders.name].key == ("id", "tags")
    assert (
        len({orders.fingerprint, read.tables[orders.name].fingerprint, replace(orders, key=("id",)).fingerprint}) == 3
    )


def test_a_snapshot_of_before_keys_were_listed_is_read_as_one_without_keys(tmp_path, catalog):
    write_snapshot(catalog, tmp_path / "new.arrow")
    with pa.ipc.open_file(tmp_path / "new.arrow") as reader:
        rows = reader.read_all().drop_columns("key")
    old = rows.replace_schema_metadata({**rows.schema.metadata, b"vedder_catalog": b"1"})
    with pa.ipc.new_file(tmp_path / "old.arrow", old.schema) as writer:
        writer.write_table(old)
    assert dict(read_snapshot(tmp_path / "old.arrow").tables) == dict(catalog.tables)
    assert snapshot_digest(tmp_path / "old.arrow") == catalog.digest


def test_the_digest_is_known_without_reading_and_says_whether_a_schema_changed(tmp_path, catalog):
    file = tmp_path / "catalog.arrow"
    write_snapshot(catalog, file)
    assert snapshot_digest(file) == catalog.digest
    more_rows = {**catalog.tables, "shop.ids": Table("shop.ids", (Column("id", "BIGINT"),), kind="view")}
    assert Catalog("duckdb", "duckdb", more_rows, catalog.routines).digest != catalog.digest
    redefined = {**catalog.routines, "shop.net": Routine("shop.net", ("x",), ("(x / 1.19)",))}
    assert Catalog("duckdb", "duckdb", catalog.tables, redefined).digest != catalog.digest


def test_a_comment_or_a_row_count_is_no_change(catalog):
    table = catalog.tables["shop.orders"]
    said = Table(table.name, table.columns, comment="Orders", rows=7)
    assert Catalog("duckdb", "duckdb", {**catalog.tables, table.name: said}, catalog.routines).digest == catalog.digest


def test_an_empty_warehouse_has_a_snapshot(tmp_path):
    write_snapshot(Catalog("duckdb", "duckdb"), tmp_path / "catalog.arrow")
    assert dict(read_snapshot(tmp_path / "catalog.arrow").tables) == {}


@pytest.mark.parametrize("damage", ["cut", "foreign", "empty"])
def test_a_file_that_is_no_whole_snapshot_is_refused_with_what_to_do(tmp_path, catalog, damage):
    file = tmp_path / "catalog.arrow"
    write_snapshot(catalog, file)
    whole = file.read_bytes()
    file.write_bytes({"cut": whole[: len(whole) // 2], "foreign": b"PK\x03\x04 a zip", "empty": b""}[damage])
    assert snapshot_digest(file) is None
    with pytest.raises(SnapshotError, match="is no snapshot of a catalog") as refused:
        read_snapshot(file)
    assert "vedder-pipelines snapshot" in refused.value.hint


def test_a_missing_file_and_a_folder_that_cannot_be_written_are_told(tmp_path, catalog):
    with pytest.raises(SnapshotError, match="There is no snapshot"):
        read_snapshot(tmp_path / "none.arrow")
    assert snapshot_digest(tmp_path / "none.arrow") is None
    (tmp_path / "file").write_text("")
    with pytest.raises(SnapshotError, match="cannot be written"):
        write_snapshot(catalog, tmp_path / "file" / "catalog.arrow")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "warehouse.duckdb"]
