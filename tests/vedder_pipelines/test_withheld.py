"""A hidden column stays hidden when it is renamed, until its curator says what became of it."""

from vedder_core.context.entry import DatasetCard
from vedder_core.context.index import ContextReader
from vedder_pipelines.automation import BUILD

CARD = """
title: Sales
summary: What was ordered, and by whom.
owner: {{team: sales, contact: "#sales"}}
datasets:
  - name: shop.customers
    description: One row a customer.
    columns:
      {hidden}: {{hidden: true}}
"""


def build(shop, hidden="country"):
    shop.remove("shipping") if (shop.root / "clusters/shipping").exists() else None
    for name in ("orders", "turnover", "countries"):
        if (shop.root / f"clusters/sales/pairs/{name}.sql").exists():
            shop.remove(f"sales/pairs/{name}.sql")
    shop.write("sales/pairs/customers.sql", "How many customers are there?|SELECT count(*) AS n FROM shop.customers")
    (shop.root / "clusters/sales/cluster.yaml").write_text(CARD.format(hidden=hidden))
    return shop.graph().resolve_job_def(BUILD).execute_in_process()


def card(shop) -> DatasetCard:
    (entry,) = ContextReader(shop.settings.context).snapshot().listing(kinds=("dataset",), clusters=("sales",))
    return entry.carried()


def shown(shop):
    """The columns that are published, and the whole of what is published, as text."""
    published = card(shop)
    entries = ContextReader(shop.settings.context).snapshot().listing()
    return {column.name for column in published.table.columns}, " ".join(e.text + e.payload for e in entries)


def test_a_hidden_column_that_is_renamed_is_still_hidden_and_none_of_its_values_are_told(shop) -> None:
    build(shop)
    assert shown(shop)[0] == {"id"}
    shop.alter("ALTER TABLE shop.customers RENAME COLUMN country TO nation")
    result = build(shop)
    columns, text = shown(shop)
    assert columns == {"id"}
    assert '"FR"' not in text
    assert "nation" in card(shop).dataset.hidden_columns(), "the guard takes it out of every query"
    (check,) = (c for c in result.get_asset_check_evaluations() if c.check_name == "files_are_sound" and not c.passed)
    assert check.asset_key.path[0] == "sales"
    build(shop)
    assert shown(shop)[0] == {"id"}, "not only in the first run"


def test_other_new_columns_are_withheld_as_well_until_the_curator_has_looked(shop) -> None:
    build(shop)
    shop.alter(
        "ALTER TABLE shop.customers RENAME COLUMN country TO nation; ALTER TABLE shop.customers ADD COLUMN a INT"
    )
    build(shop)
    assert shown(shop)[0] == {"id"}
    checks = build(shop, hidden="nation").get_asset_check_evaluations()
    assert all(check.passed for check in checks if check.check_name == "files_are_sound")
    assert shown(shop)[0] == {"id", "a"}


def test_new_columns_of_a_sound_dataset_are_shown(shop) -> None:
    build(shop)
    shop.alter("ALTER TABLE shop.customers ADD COLUMN a INT")
    build(shop)
    assert shown(shop)[0] == {"id", "a"}


def test_of_a_table_that_was_away_nothing_is_shown_that_may_be_the_hidden_column(shop) -> None:
    build(shop)
    shop.alter("ALTER TABLE shop.customers RENAME TO aside; DROP TABLE shop.orders; DROP TABLE shop.parcels")
    build(shop)
    shop.alter("CREATE TABLE shop.customers AS SELECT id, country AS nation FROM shop.aside; DROP TABLE shop.aside")
    build(shop)
    columns, text = shown(shop)
    assert "nation" not in columns
    assert '"FR"' not in text
    build(shop, hidden="nation")
    assert shown(shop)[0] == {"id"}
