"""The demonstration of a changed schema: a column is renamed in a copy that takes the original's place."""

import shutil
from pathlib import Path

import duckdb
import pytest

from demo.load_nycflights import DemoError
from demo.rename_column import rename


@pytest.fixture
def database(demo_folder: Path, tmp_path: Path) -> Path:
    """A copy of its own; its view reads the session's Parquet files."""
    return Path(shutil.copy(demo_folder / "demo.duckdb", tmp_path))


def described(database: Path, table: str) -> list[tuple[object, ...]]:
    query = "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index"
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(query, [table]).fetchall()


def views(database: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute("SELECT view_name, sql, comment FROM duckdb_views() WHERE NOT internal").fetchall()


@pytest.mark.parametrize(("table", "old"), [("weather", "wind_speed"), ("flights", "dep_time")])
def test_a_column_is_renamed_with_its_comment_and_nothing_else_changes(database: Path, table: str, old: str) -> None:
    before = described(database, table)
    rename(database, f"nyc.{table}", old=old, new="renamed")
    expected = [("renamed", *row[1:]) if row[0] == old else row for row in before]
    assert described(database, table) == expected
    assert [path.name for path in database.parent.iterdir()] == ["demo.duckdb"]


@pytest.mark.parametrize(("table", "old"), [("weather", "wind_speed"), ("flights", "dep_time")])
def test_renaming_back_gives_exactly_the_schema_of_before(database: Path, table: str, old: str) -> None:
    before = described(database, table), views(database)
    rename(database, f"nyc.{table}", old=old, new="renamed")
    rename(database, f"nyc.{table}", old="renamed", new=old)
    assert (described(database, table), views(database)) == before


def test_a_renamed_column_of_the_view_still_reads_the_same_data(database: Path) -> None:
    rename(database, "nyc.flights", old="dep_time", new="departure_time")
    with duckdb.connect(database, read_only=True) as connection:
        left = connection.execute("SELECT count(departure_time) FROM nyc.flights WHERE month = 7").fetchone()
    assert left == (28_485,)


def test_a_reader_that_has_the_file_open_does_not_stop_the_renaming(database: Path) -> None:
    with duckdb.connect(database, read_only=True) as reader:
        rename(database, "nyc.weather", old="wind_speed", new="wind_speed_mph")
        assert reader.execute("SELECT count(wind_speed) FROM nyc.weather").fetchone() == (26_111,)


@pytest.mark.parametrize(
    ("table", "old", "new", "message", "hint"),
    [
        ("nyc.wether", "temp", "t", "no table or view `nyc.wether`", "`nyc.weather`"),
        ("nyc.weather", "wind_sped", "t", "no column `wind_sped`", "`wind_speed`"),
        ("nyc.weather", "wind_speed", "Temp", "already has a column `Temp`", "another"),
    ],
)
def test_what_cannot_be_renamed_is_said_and_nothing_changes(
    database: Path, table: str, old: str, new: str, message: str, hint: str
) -> None:
    before = database.read_bytes()
    with pytest.raises(DemoError) as error:
        rename(database, table, old=old, new=new)
    assert message in error.value.message
    assert hint in error.value.hint
    assert database.read_bytes() == before
