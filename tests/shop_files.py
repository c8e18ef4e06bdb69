"""What the small shops of several tests have in common: the card of their cluster of sales, and how pairs are made."""

from collections.abc import Mapping
from pathlib import Path

SALES = """
title: Sales
summary: What was ordered, and by whom.
owner: {team: sales, contact: "#sales"}
datasets:
  - name: shop.customers
    description: One row a customer.
  - name: shop.orders
    description: One row an order.
    expectations:
      - {expect: expect_column_values_to_be_between, arguments: {column: amount, min_value: 0, max_value: 99}}
"""
"""Its last key is `expectations` of its last dataset, so that a test may add more of both."""

PAIRS = {
    "sales/pairs/orders.sql": "How many orders are there?|SELECT count(*) AS orders FROM shop.orders",
    "sales/pairs/turnover.sql": "What is the turnover?|SELECT sum(amount) AS turnover FROM shop.orders",
}

PAIR = """/*
question: {question}
teaches: a test
vetted_by: Ada
vetted_on: 2026-11-01
*/
{sql}
"""


def write_file(clusters: Path, name: str, text: str) -> None:
    """Write a cluster file; that of a pair is given as `question|SQL`."""
    path = clusters / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if name.endswith(".sql"):
        question, sql = text.split("|")
        text = PAIR.format(question=question, sql=sql)
    path.write_text(text)


def write_files(clusters: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        write_file(clusters, name, text)
