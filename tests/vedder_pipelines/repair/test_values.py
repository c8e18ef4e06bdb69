"""Promises of a repair of a renamed value: it is replaced where it is compared, and only there."""

from datetime import UTC, datetime

from sqlglot import exp

from tests.vedder_pipelines.repair.shops import HEADER
from vedder_core.profile import CommonValue
from vedder_core.sql.resolved import BaseColumn
from vedder_core.verdict import Drifted
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.drift.baseline import Baseline, Facts
from vedder_pipelines.drift.detectors.vanished_literal import VanishedLiteral
from vedder_pipelines.drift.running import example_values, run_pair
from vedder_pipelines.drift.uses import Condition
from vedder_pipelines.repair.values import propose_value_repairs
from vedder_pipelines.validation import granted_to

TO_FRANCE = "UPDATE shop.customers SET country = 'France' WHERE country = 'FR'"


def vanished(column, was, now):
    """What the detector says, in its own words."""
    condition = Condition(BaseColumn("shop.customers", column), was, exp.true())
    drift = VanishedLiteral()._drift(condition, 3, CommonValue(now, 3))
    return {"it": Drifted((), (drift,))}


def value_repair(shop, change, drifted):
    cluster = shop.cluster()
    (pair,) = cluster.pairs
    with open_warehouse(f"duckdb:///{shop.file}?workers=0") as warehouse:
        catalog = warehouse.catalog()
        values = example_values(pair, {})
        result = run_pair(pair, granted_to(cluster, catalog), warehouse, parameters=values)
    kept = Baseline("", pair.vetted_on, datetime.now(UTC), Facts(result=result))
    shop.run(change)
    with open_warehouse(f"duckdb:///{shop.file}?workers=0") as warehouse:
        found = propose_value_repairs(cluster, drifted, warehouse.catalog(), warehouse, {"it": kept}, shop.files)
    return found.get("it")


def test_a_renamed_value_is_replaced_where_it_is_compared(shop):
    shop.write("SELECT sum(customer) AS n\nFROM shop.customers -- 'FR' is France\nWHERE country IN ('FR', 'IT')")
    repair = value_repair(shop, TO_FRANCE, vanished("country", "FR", "France"))
    assert repair.sql.endswith("-- 'FR' is France\nWHERE country IN ('France', 'IT')")
    assert repair.proof.proven
    assert shop.apply(repair).endswith("IN ('France', 'IT')\n")


def test_a_renamed_value_is_replaced_in_a_parameter_too(shop):
    header = HEADER.replace("about it?", "in {land}?").replace(
        "teaches", "parameters:\n  land:\n    values: shop.customers.country\n    default: FR\nteaches"
    )
    shop.write("SELECT sum(customer) AS n FROM shop.customers WHERE country = :land", header=header)
    repair = value_repair(shop, TO_FRANCE, vanished("country", "FR", "France"))
    assert "    default: France\n" in shop.apply(repair)
    assert repair.proof.proven


def test_a_value_that_stands_elsewhere_too_is_left_alone(shop):
    shop.write("SELECT 'FR' AS land, count(*) AS n FROM shop.customers WHERE country = 'FR'")
    assert value_repair(shop, TO_FRANCE, vanished("country", "FR", "France")) is None


def test_a_count_that_another_value_gives_too_proves_no_value(shop):
    shop.write("SELECT count(*) AS n FROM shop.customers WHERE country = 'DE'")
    repair = value_repair(
        shop, "UPDATE shop.customers SET country = 'GER' WHERE country = 'DE'", vanished("country", "DE", "GER")
    )
    assert not repair.proof.proven
    assert "another value" in repair.proof.missing[0]
