"""Promises of `unfenced`: SQL comes out of the Markdown that models put round it, and nothing else changes."""

import pytest

from vedder_core.sql.fences import unfenced


@pytest.mark.parametrize(
    "text",
    [
        "```sql\nSELECT 1\n```",
        "```\nSELECT 1\n```\n",
        "  ```SQL\nSELECT 1",
        "~~~sql\nSELECT 1\n~~~",
        "Here it is:\n```duckdb\nSELECT 1\n```\nIt counts.",
        "`SELECT 1`",
        "\ufeffSELECT 1",
        "````sql\nSELECT 1\n````",
    ],
)
def test_a_fence_is_taken_off(text):
    assert unfenced(text) == "SELECT 1"


@pytest.mark.parametrize("text", ["SELECT 1", "SELECT '```' AS a", "SELECT `a` FROM `b`", "", "SELECT 1 -- ```"])
def test_a_text_without_fence_stays_as_it_is(text):
    assert unfenced(text) == text
