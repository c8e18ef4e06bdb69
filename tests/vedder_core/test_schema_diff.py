"""Promises of the schema diff: what became of what, how sure that is, and no guesses."""

from dataclasses import replace

import duckdb
import pytest

from vedder_core.cluster import ColumnNote, Dataset
from vedder_core.schema import Catalog, Column, FingerprintedTables, Table
from vedder_core.schema_change import (
    ColumnAdded,
    ColumnGone,
    ColumnMoved,
    ColumnRenamed,
    ColumnRetyped,
    KeyChanged,
    NullabilityChanged,
    TableAdded,
    TableGone,
    TableRenamed,
    ViewRedefined,
)
from vedder_core.schema_diff import schema_diff
from vedder_core.warehouse.warehouse import open_warehouse

WEATHER = "origin:VARCHAR time_hour:TIMESTAMP temp:DOUBLE wind_speed:DOUBLE wind_gust:DOUBLE precip:DOUBLE"
ROWS = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders AS SELECT i AS id, i % 7 AS customer, (i * 37) % 100 AS amount,
    ['new', 'paid', 'sent'][i % 3 + 1] AS status, 'c' || (i % 50) AS city, 'm' || i || '@x.org' AS email
FROM range(500) t(i);
"""


def table(name, columns):
    return Table(name, tuple(Column(*column.split(":")) for column in columns.split()))


def catalog(*tables):
    return Catalog("duckdb", "duckdb", {one.name: one for one in tables})


def changes(before, after):
    return schema_diff(catalog(*before), catalog(*after)).changes


def test_another_primary_key_is_a_change_and_a_renamed_column_of_it_is_none():
    before = replace(table("shop.orders", "order_id:BIGINT line:INTEGER amount:DOUBLE"), key=("order_id", "line"))
    less = replace(before, key=("order_id",))
    assert changes([before], [less]) == (KeyChanged("shop.orders", ("order_id", "line"), ("order_id",)),)
    renamed = replace(
        table("shop.orders", "id_of_order:BIGINT line:INTEGER amount:DOUBLE"), key=("id_of_order", "line")
    )
    (change,) = changes([before], [renamed])
    assert (change.kind, change.now) == ("column_renamed", "id_of_order")


def test_equal_catalogs_have_no_changes():
    assert changes([table("nyc.weather", WEATHER)], [table("nyc.weather", WEATHER)]) == ()


def test_tables_with_equal_fingerprints_are_never_looked_into():
    class Unread(FingerprintedTables):
        @property
        def fingerprints(self):
            return {"a.b": "same", "c.d": "same"}

        def __getitem__(self, name):
            raise AssertionError(f"{name} was read")

        def __iter__(self):
            return iter(self.fingerprints)

        def __len__(self):
            return len(self.fingerprints)

    assert schema_diff(Catalog("x", "x", Unread()), Catalog("x", "x", Unread())).changes == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("wind_speed", "wind_speed_mph"),
        ("wind_speed", "windspeed"),
        ("cust_id", "customer_identifier"),
        ("start_dt", "start_date"),
        ("isp_name", "isp"),
        ("order", "the order"),
    ],
)
def test_a_rename_is_found_by_the_name_alone_where_nothing_else_is_known(old, new):
    before = Table("s.t", (Column("id", "INTEGER"), Column(old, "DOUBLE"), Column("total", "DOUBLE")))
    after = Table("s.t", (Column("id", "INTEGER"), Column(new, "DOUBLE"), Column("total", "DOUBLE")))
    (change,) = changes([before], [after])
    assert change == ColumnRenamed("s.t", old, new, change.confidence)
    assert change.confidence > 0.9


def test_a_rename_and_another_type_at_once_are_two_changes_of_one_column():
    found = changes([table("s.o", "id:INTEGER amount:INTEGER")], [table("s.o", "id:INTEGER amount_eur:DECIMAL(9,2)")])
    assert [type(one) for one in found] == [ColumnRenamed, ColumnRetyped]
    assert found[1] == ColumnRetyped("s.o", "amount", "INTEGER", "DECIMAL(9,2)")


def test_case_alone_is_a_rename_that_is_certain():
    assert changes([table("s.o", "id:INTEGER")], [table("s.o", "ID:INTEGER")]) == (
        ColumnRenamed("s.o", "id", "ID", 1.0),
    )
    assert changes([table("s.o", "id:INTEGER")], [table("s.O", "id:INTEGER")]) == (TableRenamed("s.o", "s.O", 1.0),)


def test_a_renamed_table_is_found_with_the_column_that_was_renamed_in_the_same_blow():
    after = table("nyc.weather_hourly", WEATHER.replace("wind_speed", "wind_speed_mph"))
    renamed, column = changes([table("nyc.weather", WEATHER)], [after])
    assert renamed == TableRenamed("nyc.weather", "nyc.weather_hourly", renamed.confidence)
    assert column == ColumnRenamed("nyc.weather", "wind_speed", "wind_speed_mph", column.confidence)


def test_many_tables_renamed_in_one_blow_are_each_found():
    names = ("orders", "parcels", "customers", "invoices")
    before = [table(f"s.{name}", f"id:INTEGER {name}_nr:INTEGER {name}_day:DATE note:VARCHAR") for name in names]
    after = [Table(f"dwh.fact_{name}", one.columns) for name, one in zip(names, before, strict=True)]
    found = {one.table: one.now for one in changes(before, after)}
    assert found == {f"s.{name}": f"dwh.fact_{name}" for name in names}


def test_a_moved_column_is_told_with_the_columns_that_lead_there():
    stations = "origin:VARCHAR city:VARCHAR"
    before = [table("nyc.weather", WEATHER), table("nyc.stations", stations)]
    after = [
        table("nyc.weather", WEATHER.replace(" precip:DOUBLE", "")),
        table("nyc.stations", f"{stations} precip:DOUBLE"),
    ]
    (moved,) = changes(before, after)
    assert moved == ColumnMoved("nyc.weather", "precip", "nyc.stations", "precip", moved.confidence, ("origin",))


def test_a_split_table_tells_where_each_column_went():
    before = table("s.people", "person_id:INTEGER full_name:VARCHAR street_address:VARCHAR tax_number:VARCHAR")
    parts = [
        table("s.addresses", "person_id:INTEGER street_address:VARCHAR"),
        table("s.taxes", "person_id:INTEGER tax_number:VARCHAR"),
    ]
    kept = table("s.people", "person_id:INTEGER full_name:VARCHAR")
    moved = {c.column: c.to_table for c in changes([before], [kept, *parts]) if isinstance(c, ColumnMoved)}
    assert moved == {"street_address": "s.addresses", "tax_number": "s.taxes"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("id:INTEGER a:INTEGER", "id:INTEGER b:INTEGER"),
        ("id:INTEGER start_date:DATE total:DOUBLE", "id:INTEGER total:DOUBLE shipped_by:VARCHAR"),
        ("id:INTEGER customer_id:INTEGER", "id:INTEGER order_total:DOUBLE"),
    ],
)
def test_what_would_be_a_guess_is_no_rename(before, after):
    found = changes([table("s.t", before)], [table("s.t", after)])
    assert {type(change) for change in found} == {ColumnGone, ColumnAdded}


def test_two_new_columns_that_are_as_good_share_the_confidence_and_neither_is_proposed():
    before = table("s.t", "id:INTEGER amount:INTEGER")
    after = table("s.t", "id:INTEGER amount_eur:INTEGER amount_usd:INTEGER")
    assert not [one for one in changes([before], [after]) if isinstance(one, ColumnRenamed) and one.confidence > 0.95]


def test_a_table_that_is_gone_and_an_unlike_one_that_is_new_are_no_rename():
    found = changes([table("s.a", "id:INTEGER name:VARCHAR")], [table("s.b", "id:INTEGER price:DOUBLE")])
    assert found == (TableGone("s.a"), TableAdded("s.b"))


def test_nullability_and_a_views_sql_are_told():
    before = Table(
        "s.t", (Column("id", "INTEGER", nullable=False),), kind="view", definition="CREATE VIEW s.t AS FROM a"
    )
    after = Table("s.t", (Column("id", "INTEGER"),), kind="view", definition="CREATE VIEW s.t AS FROM b")
    assert changes([before], [after]) == (NullabilityChanged("s.t", "id", True), ViewRedefined("s.t"))


def diffed(tmp_path, statement, dataset=None, *, profiled=True):
    """The diff of a real warehouse before and after, with its profiles."""
    sides = []
    for number, sql in enumerate((ROWS, f"{ROWS} {statement}")):
        file = tmp_path / f"{number}" / "w.duckdb"
        file.parent.mkdir()
        with duckdb.connect(str(file)) as connection:
            connection.execute(sql)
        with open_warehouse(f"duckdb:///{file}") as warehouse:
            listed = warehouse.catalog()
            tables = listed.tables.values() if profiled else ()
            about = dataset or Dataset(name="x", description="x")
            sides.append((listed, {one.name: warehouse.profile(one, about, "v") for one in tables}))
    (before, profiles), (after, profiles_now) = sides
    return schema_diff(before, after, profiles_before=profiles, profiles_after=profiles_now).changes


def test_a_rename_to_a_name_that_says_nothing_is_found_by_what_the_column_holds(tmp_path):
    (change,) = diffed(tmp_path, "ALTER TABLE shop.orders RENAME status TO f_417")
    assert (change.column, change.now) == ("status", "f_417")
    assert change.confidence > 0.9


def test_an_unlike_column_in_the_place_of_one_that_is_gone_is_no_rename(tmp_path):
    replaced = """CREATE TABLE shop.o AS SELECT id, customer, amount, 'x' || (id % 100) AS state, city, email
        FROM shop.orders; DROP TABLE shop.orders; ALTER TABLE shop.o RENAME TO orders"""
    assert {type(change) for change in diffed(tmp_path, replaced)} == {ColumnGone, ColumnAdded}


def test_columns_that_took_each_others_names_are_found_by_what_they_hold(tmp_path):
    swap = "".join(
        f"ALTER TABLE shop.orders RENAME {old} TO {new};"
        for old, new in (("amount", "x"), ("customer", "amount"), ("x", "customer"))
    )
    assert {(c.column, c.now) for c in diffed(tmp_path, swap)} == {("amount", "customer"), ("customer", "amount")}


def test_another_order_of_columns_is_no_swap(tmp_path):
    reorder = """CREATE TABLE shop.o AS SELECT id, amount, customer, status, city, email FROM shop.orders;
        DROP TABLE shop.orders; ALTER TABLE shop.o RENAME TO orders"""
    assert diffed(tmp_path, reorder) == ()


def test_all_columns_of_a_rebuilt_table_get_their_new_names_at_once(tmp_path):
    rebuilt = """CREATE TABLE shop.o AS
        SELECT email AS e_mail, city AS town, amount AS amount_eur, status, customer AS client_nr, id FROM shop.orders;
        DROP TABLE shop.orders; ALTER TABLE shop.o RENAME TO orders"""
    found = {change.column: change.now for change in diffed(tmp_path, rebuilt) if isinstance(change, ColumnRenamed)}
    assert found == {"email": "e_mail", "city": "town", "amount": "amount_eur", "customer": "client_nr"}


def test_values_that_are_withheld_speak_for_nothing(tmp_path):
    sensitive = {name: ColumnNote(sensitive=True) for name in ("status", "f_417")}
    dataset = Dataset(name="x", description="x", columns=sensitive)
    found = diffed(tmp_path, "ALTER TABLE shop.orders RENAME status TO f_417", dataset)
    assert {type(change) for change in found} == {ColumnGone, ColumnAdded}
