"""What notices may be made of: nothing that any cluster hides or withholds, whichever cluster's card is at hand."""

from datetime import UTC, datetime

from vedder_api.agent.notices.about import About
from vedder_api.agent.taught import cards_of
from vedder_core.sql.resolved import BaseColumn


def test_what_another_cluster_hides_or_withholds_is_known_to_no_notice(hostile_desk):
    desk = hostile_desk()
    sales = cards_of(desk.snapshot.entries(kinds=("dataset",), clusters=("sales",)))
    about = About(sales, "duckdb", datetime.now(UTC), veil=desk.veil)
    known = {name for name in ("id", "status", "risk_score", "shadow", "margin", "contact")
             if about.told(BaseColumn("shop.orders", name)) is not None}  # fmt: skip
    assert known == {"id", "status"}
