"""The docs tell of every setting, command, route, signal, engine and key of a cluster file: no more and no less."""

import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
import typer.main

from vedder_api.agent.tools.all import TOOLS
from vedder_api.app import create_app
from vedder_api.surfaces.cli import app as cli
from vedder_core.answer import Outcome, TrustMark
from vedder_core.cluster import (
    Cluster,
    ColumnNote,
    Dataset,
    Doc,
    Expectation,
    Freshness,
    Owner,
    Pair,
    Parameter,
    Thresholds,
)
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import ENGINES
from vedder_pipelines.cli import app as pipelines_cli
from vedder_pipelines.health.score import SIGNALS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
CLUSTER_FILES = (ROOT / "docs" / "cluster-files.md").read_text()
ASKING = (ROOT / "docs" / "asking.md").read_text()


def rows(pattern: str) -> set[str]:
    return set(re.findall(rf"^\| `{pattern}", README, re.MULTILINE))


def test_every_setting_is_documented_with_its_default():
    for name, field in Settings.model_fields.items():
        variable = f"VEDDER_{name.upper()}"
        row = re.search(rf"^\| `{variable}` \| (.*?) \| (.*?) \|$", README, re.MULTILINE)
        assert row, f"{variable} is not in the README"
        assert row[1].strip("`") == ("" if field.default is None else str(field.default)), variable
        assert row[2] == field.description, variable


def test_no_setting_is_documented_that_does_not_exist():
    known = {f"VEDDER_{name.upper()}" for name in Settings.model_fields}
    assert {f"VEDDER_{name}" for name in rows("VEDDER_([A-Z_]+)`")} == known


def command_names(group, prefix):
    commands = getattr(group, "commands", None)
    if commands is None:
        return {prefix}
    shown = {name: command for name, command in commands.items() if not command.hidden}
    return set().union(*(command_names(command, f"{prefix} {name}") for name, command in shown.items()))


def test_every_command_is_documented():
    commands = command_names(typer.main.get_command(cli), "vedder")
    commands |= command_names(typer.main.get_command(pipelines_cli), "vedder-pipelines")
    assert rows(r"(vedder[a-z-]*(?: [a-z]+)+)") == commands


def test_every_route_is_documented():
    paths = create_app(Settings()).openapi()["paths"]
    for path, operations in paths.items():
        for method in operations:
            assert f"`{method.upper()} {path}`" in README


def test_every_signal_is_documented_and_says_formula_inputs_threshold_and_action():
    assert rows("([a-z_]+)` \\| share") == {signal.name for signal in SIGNALS}
    for signal in SIGNALS:
        doc = type(signal).__doc__ or ""
        for word in ("Formula", "Inputs", "Threshold", "Action"):
            assert f"{word}:" in doc, f"{signal.name} does not tell its {word.lower()}"


def told_in_asking(heading: str) -> list[str]:
    """The first cells of the table below a heading."""
    section = re.split(r"^## ", ASKING.split(f"## {heading}\n")[1], flags=re.MULTILINE)[0]
    return re.findall(r"^\| `([a-z_]+)`", section, re.MULTILINE)


def test_every_tool_outcome_and_trust_mark_is_documented():
    assert told_in_asking("What the chat model can do") == [tool.name for tool in TOOLS]
    outcomes = {get_args(get_type_hints(kind)["kind"])[0] for kind in get_args(Outcome)}
    assert set(told_in_asking("Outcomes")) == outcomes
    assert told_in_asking("How far to trust an answer") == list(get_args(TrustMark))


def test_every_notice_is_documented():
    sources = [*(ROOT / "vedder_api" / "agent" / "notices").glob("*.py"), ROOT / "vedder_api" / "agent" / "figures.py"]
    sources.append(ROOT / "vedder_api" / "agent" / "answering.py")
    kinds = set(re.findall(r'Notice\(\s*"([a-z_]+)"', "".join(source.read_text() for source in sources)))
    assert set(told_in_asking("Notices")) == kinds


def test_every_engine_is_named():
    for scheme in ENGINES:
        assert scheme in README.casefold()


@pytest.mark.parametrize(
    "written", [Cluster, Owner, Dataset, Freshness, ColumnNote, Expectation, Thresholds, Pair, Parameter, Doc]
)
def test_every_key_of_a_cluster_file_is_documented(written):
    from_place = {"name", "slug", "sql", "pairs", "docs", "body"}
    for key in written.model_fields.keys() - from_place:
        assert f"`{key}" in CLUSTER_FILES, f"{written.__name__}.{key} is not in docs/cluster-files.md"


def test_links_lead_somewhere():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert link.startswith("https://") or (page.parent / link).exists(), f"{page.name}: {link}"
