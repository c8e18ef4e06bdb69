"""Promises of the check before a change as a whole: what could not be read is no pass."""

import duckdb
import pytest

from tests.shop_files import PAIRS, SALES, write_files
from vedder_api.change_check import EXIT_CODES, Against, check_change
from vedder_core.settings import Settings

DDL = "CREATE SCHEMA shop; CREATE TABLE shop.customers (id INT); CREATE TABLE shop.orders (id INT, amount INT)"


@pytest.mark.parametrize(
    ("card", "pairs", "outcome", "code"),
    [
        (SALES, PAIRS, "holds", 0),
        ("title: [", PAIRS, "unjudged", 2),
        (SALES, {**PAIRS, "sales/pairs/odd.sql": "Odd?|SELECT FROM"}, "unjudged", 2),
    ],
)
def test_a_cluster_that_cannot_be_read_is_not_said_to_hold(tmp_path, card, pairs, outcome, code):
    with duckdb.connect(str(tmp_path / "house.duckdb")) as connection:
        connection.execute(DDL)
    write_files(tmp_path / "clusters", {"sales/cluster.yaml": card, **pairs})
    (tmp_path / "change.sql").write_text("ALTER TABLE shop.customers ADD COLUMN name VARCHAR")
    settings = Settings(warehouse=f"duckdb:///{tmp_path}/house.duckdb")
    report = check_change(tmp_path / "clusters", settings, Against(tmp_path / "change.sql"))
    assert (report.outcome, EXIT_CODES[report.outcome]) == (outcome, code)
    assert ("could not be read" in report.summary) == (code == 2)
