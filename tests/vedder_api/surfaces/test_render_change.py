"""A comment for a pull request stays within what GitHub takes, and nothing in it is markup of others."""

from vedder_api.change_check import ChangeReport
from vedder_api.surfaces.render_change import change_parts
from vedder_api.surfaces.render_change_markdown import change_markdown
from vedder_core.against.told import Breaks, PairOf, Unjudged


def report(count, *, question="How many?", reason="`a.t` has no column `b`."):
    pairs = [
        PairOf(
            f"cluster_{n % 300}", f"pair_{n}", question, f"team_{n % 70}", "#x", f"cluster_{n % 300}/pairs/pair_{n}.sql"
        )
        for n in range(count)
    ]
    return ChangeReport(
        outcome="breaks",
        summary=f"This change breaks {count:,} pairs.",
        source="change.sql",
        kind="ddl",
        compared_with="warehouse",
        judge="duckdb",
        clusters=300,
        pairs=count,
        touched=count,
        owners=(),
        breaks=tuple(Breaks(pair, reason, 3, "a.t.b", "c", None) for pair in pairs),
        unjudged=tuple(Unjudged(pair, reason) for pair in pairs),
        already=(),
        problems=(),
        changes=(),
        notes=(),
    )


def test_ten_thousand_broken_pairs_make_a_comment_that_is_taken():
    comment = change_markdown(report(10_000, question="x" * 5000, reason="y " * 5000))
    assert len(comment) < 65_536
    assert comment.startswith("<!-- vedder-context-ci -->\n❌ **This change breaks 10,000 pairs.**\n")
    assert "9,940 more pairs" in comment
    assert "and 2060 clusters more" in comment
    assert comment.count("<details>") == comment.count("</details>")


def test_what_stands_in_a_file_is_no_markup_of_the_comment():
    comment = change_markdown(report(1, question="<img src=x> @ada | [a](b) *c*\n# d"))
    assert "<img" not in comment
    assert "@ada" not in comment
    assert "[a](b)" not in comment
    assert "\n# d" not in comment


def test_the_text_for_people_is_capped_too():
    assert len(change_parts(report(10_000))) < 30_000
