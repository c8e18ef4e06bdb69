"""YAML in which every key and value knows its line."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vedder_core.problem import Problem, Problems
from vedder_core.written_file import WrittenFile
from vedder_core.yaml_lines import LOADER, read_yaml
from vedder_core.yaml_tree import Node


def read(text: str, *, first_line: int = 1) -> tuple[Node | None, tuple[Problem, ...]]:
    problems = Problems(Path("/clusters"))
    node = read_yaml(WrittenFile(Path("/clusters/a.yaml"), text, problems), text, first_line=first_line)
    return node, problems.sorted()


def test_keys_items_and_folded_texts_have_the_line_where_they_begin() -> None:
    node, problems = read("a: one\n  text\n\nb:\n  - name: x.y\n    c: >\n      folded\n  - 2\n", first_line=10)

    assert not problems
    assert node is not None
    assert dict(node.lines()) == {"a": 10, "b": 13, "b[x.y]": 14, "b[x.y].name": 14, "b[x.y].c": 15, "b[2]": 17}
    assert node.plain() == {"a": "one text", "b": [{"name": "x.y", "c": "folded\n"}, 2]}


def test_an_alias_has_the_value_of_its_anchor_and_a_line_of_its_own() -> None:
    node, _ = read("a: &note {x: 1}\nb: *note\n")

    assert node is not None
    assert node.plain() == {"a": {"x": 1}, "b": {"x": 1}}
    assert node.at(("b",)).line == 2
    assert node.at(("b", "x")).line == 1


def test_what_yaml_reads_as_no_text_keeps_how_it_is_written() -> None:
    node, _ = read("a: NO\nb: 010\nc: 2013-01-01\nd: '7'\ne: !!str 7\n")

    assert node is not None
    assert [value.written for value in node.entries().values()] == ["NO", "010", "2013-01-01", "7", "7"]
    assert [type(value.content).__name__ for value in node.entries().values()] == ["bool", "int", "date", "str", "str"]


def test_a_date_or_number_that_cannot_be_is_read_as_text() -> None:
    node, problems = read("a: 2013-45-99\nb: 0b_\n")

    assert not problems
    assert node is not None
    assert node.plain() == {"a": "2013-45-99", "b": "0b_"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 1_000_000, "The YAML is nested more than 30 levels deep."),
        ("a0: &a0 [x]\n" + "".join(f"a{i + 1}: &a{i + 1} [*a{i}]\n" for i in range(99)), "The YAML is nested more"),
        ("a: &a [*a]\n", "`*a` refers to `&a`, which stands nowhere above."),
        ("a: [" + "1," * 200_001 + "]", "The YAML holds more than 200,000 values."),
        ("? {a: b}\n: c\n", "A key must be text."),
        ("a: `x`\n", "YAML does not read this as text, because it begins with a backtick."),
        ("a: - b\n", "The line does not fit those above it"),
        ('a: "\\d"\n', "A `\\` in double quotes"),
    ],
)
def test_yaml_that_is_no_curators_is_refused_with_one_problem(text: str, message: str) -> None:
    node, problems = read(text)

    assert node is None
    assert len(problems) == 1
    assert problems[0].message.startswith(message)


@given(st.text(st.sampled_from("ab:- \n\t\"'[]{},&*#|>?!%@`0"), max_size=40))
@settings(max_examples=300, deadline=None)
def test_what_is_read_without_a_problem_is_what_a_safe_loader_reads(text: str) -> None:
    node, problems = read(text)

    if node is not None and not problems:
        assert node.plain() == yaml.load(text, LOADER)
    else:
        assert problems
