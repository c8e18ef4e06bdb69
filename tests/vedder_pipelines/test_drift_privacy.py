"""What is hidden, sensitive or personal stands nowhere in what drift and repairs store, publish and report."""

import json

import pytest

from vedder_core.context.index import ContextReader
from vedder_pipelines.automation import BUILD
from vedder_pipelines.remembered import BASELINES, DRIFTS, REPAIRS

PATIENTS = """
CREATE TABLE shop.patients AS SELECT i AS id, ['flu', 'gout', 'scurvy'][i % 3 + 1] AS diagnosis,
    ['north', 'south'][i % 2 + 1] AS ward, 'secret' || i AS code, 100000.25 + i * 37 AS income FROM range(90) t(i)
"""
CARD = """
title: Care
summary: Who is ill, and where.
owner: {{team: care, contact: "#care"}}
datasets:
  - name: shop.patients
    description: One row a patient.
    columns: {{{columns}}}
"""
WITHHELD = "code: {hidden: true}, diagnosis: {sensitive: true}, income: {sensitive: true}"
ILL = "How many have it?|SELECT count(*) AS n FROM shop.patients WHERE diagnosis = 'scurvy'"
EARNED = "What do they earn?|SELECT ward, avg(income) AS mean FROM shop.patients WHERE diagnosis <> 'gout' GROUP BY 1"
CHANGES = (
    "UPDATE shop.patients SET diagnosis = 'Scurvy-C' WHERE diagnosis = 'scurvy'",
    "UPDATE shop.patients SET income = income * 100, ward = upper(ward)",
)


def build(shop):
    return shop.graph().resolve_job_def(BUILD).execute_in_process()


def curate(shop, columns, **pairs):
    shop.write("care/cluster.yaml", CARD.format(columns=columns))
    for slug, text in pairs.items():
        shop.write(f"care/pairs/{slug}.sql", text)


def remembered(shop):
    shelves = (BASELINES, DRIFTS, REPAIRS)
    return " ".join(json.dumps(shop.memory.recall(shelf.kind)) for shelf in shelves)


def published(shop):
    """Everything that is published of pairs, but for the SQL and questions that a curator wrote."""
    entries = ContextReader(shop.settings.context).snapshot().listing(kinds=("pair",), clusters=("care",))
    carried = [entry.carried() for entry in entries]
    return " ".join(f"{one.verdict} {one.repair}" for one in carried)


def reported(result):
    """The metadata and checks of the run, as Dagster stores them."""
    return " ".join(str(event.event_specific_data) for event in result.all_events)


@pytest.fixture
def care(shop):
    for name in ("sales", "shipping"):
        shop.remove(name)
    shop.alter(PATIENTS)
    return shop


def test_values_of_withheld_columns_stand_nowhere_after_drift(care):
    curate(care, WITHHELD, ill=ILL, earned=EARNED)
    build(care)
    care.alter(";".join(CHANGES))
    result = build(care)
    whole = remembered(care) + published(care) + reported(result)
    assert "vanished_literal" in whole
    for value in ("scurvy", "Scurvy-C", "'flu'", "100000", "secret1", "10181"):
        assert value not in whole, value


def test_what_was_stored_before_a_column_was_withheld_is_gone_after_the_next_run(care):
    curate(care, "", ill=ILL, earned=EARNED)
    build(care)
    care.alter(";".join(CHANGES))
    build(care)
    assert "Scurvy-C" in remembered(care)
    curate(care, WITHHELD)
    whole = reported(build(care)) + remembered(care) + published(care)
    assert "vanished_literal" in whole
    assert "scurvy" not in whole.casefold()
    assert "unit_shift" not in whole


def test_a_pair_that_breaks_because_its_column_is_hidden_leaves_no_values(care):
    curate(care, "", ill=ILL, earned=EARNED)
    build(care)
    care.alter(";".join(CHANGES))
    build(care)
    curate(care, "diagnosis: {hidden: true}, income: {hidden: true}")
    whole = reported(build(care)) + remembered(care) + published(care)
    assert "scurvy" not in whole.casefold()
    assert '"quantiles"' not in remembered(care)


def test_no_repair_proposes_a_column_that_another_cluster_hides(care):
    curate(care, "", wards="Which wards?|SELECT ward, count(*) AS n FROM shop.patients GROUP BY 1 ORDER BY 1")
    care.write("ethics/cluster.yaml", CARD.format(columns="unit_xyz: {hidden: true}"))
    build(care)
    care.alter("ALTER TABLE shop.patients RENAME ward TO unit_xyz")
    build(care)
    assert "unit_xyz" not in remembered(care) + published(care)
