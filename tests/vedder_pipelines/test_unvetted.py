"""What somebody changed of a pair and nobody vetted since teaches nothing, through the whole graph."""

from vedder_core.context.index import ContextReader
from vedder_core.verdict import Drifted, Valid
from vedder_pipelines.automation import BUILD
from vedder_pipelines.drift.unvetted import SAID, UNVETTED

PAIR = """/*
question: {question}
teaches: a test
vetted_by: Ada
vetted_on: {day}
*/
{sql}
"""


TURNOVER = "SELECT sum(amount) AS turnover FROM shop.orders"


def built(shop, sql, day, question="What is the turnover?"):
    """Status and verdict of the pair as it is published."""
    (shop.root / "clusters/sales/pairs/turnover.sql").write_text(PAIR.format(day=day, sql=sql, question=question))
    assert shop.graph().resolve_job_def(BUILD).execute_in_process().success
    entries = ContextReader(shop.settings.context).snapshot().listing(kinds=("pair",), clusters=("sales",))
    (entry,) = (one for one in entries if one.id.endswith("/turnover"))
    return entry.status, entry.carried().verdict


def test_changed_sql_leaves_retrieval_until_it_is_vetted_again(shop) -> None:
    assert built(shop, "SELECT sum(amount) AS turnover FROM shop.orders", "2026-11-01")[0] == "valid"
    status, verdict = built(shop, "SELECT sum(amount) * 2 AS turnover FROM shop.orders", "2026-11-01")
    assert status == "drifted"
    assert isinstance(verdict, Drifted)
    assert [drift.detector for drift in verdict.drifts] == [UNVETTED]
    status, verdict = built(shop, "SELECT sum(amount) * 2 AS turnover FROM shop.orders", "2026-11-02")
    assert status == "valid"
    assert isinstance(verdict, Valid)


def test_sql_that_is_only_written_otherwise_goes_on_teaching_and_so_does_what_is_put_back(shop) -> None:
    built(shop, "SELECT sum(amount) AS turnover FROM shop.orders", "2026-11-01")
    assert built(shop, "select SUM(amount) as turnover -- euros\nfrom shop.orders", "2026-11-01")[0] == "valid"
    assert built(shop, "SELECT sum(amount) * 2 AS turnover FROM shop.orders", "2026-11-01")[0] == "drifted"
    assert built(shop, "SELECT sum(amount) AS turnover FROM shop.orders", "2026-11-01")[0] == "valid"


def test_what_was_vetted_once_and_is_put_back_needs_no_new_vetting(shop) -> None:
    built(shop, "SELECT sum(amount) AS turnover FROM shop.orders", "2026-11-01")
    assert built(shop, "SELECT sum(amount) * 2 AS turnover FROM shop.orders", "2026-11-02")[0] == "valid"
    assert built(shop, "SELECT sum(amount) AS turnover FROM shop.orders", "2026-11-01")[0] == "valid"
    assert built(shop, "SELECT sum(amount) * 3 AS turnover FROM shop.orders", "2026-11-01")[0] == "drifted"


def test_another_question_over_the_same_sql_leaves_retrieval_until_it_is_vetted(shop) -> None:
    assert built(shop, TURNOVER, "2026-11-01")[0] == "valid"
    status, verdict = built(shop, TURNOVER, "2026-11-01", "How much came back?")
    assert status == "drifted"
    assert [(one.detector, one.said) for one in verdict.drifts] == [
        (UNVETTED, SAID.format(what="its question “How much came back?”"))
    ]
    assert built(shop, TURNOVER, "2026-11-01", "what is the TURNOVER")[0] == "valid"
    assert built(shop, TURNOVER, "2026-11-02", "How much came back?")[0] == "valid"
