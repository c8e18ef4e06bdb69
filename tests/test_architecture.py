"""The rules of the house that no single file can keep: who may import whom, and where the one door is."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("vedder_core", "vedder_pipelines", "vedder_api")


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


def test_the_import_contracts_hold():
    run = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("vedder_api.app", ("dagster", "great_expectations", "pandas")),
        ("vedder_pipelines.definitions", ("great_expectations", "lancedb", "openai", "onnxruntime")),
        ("vedder_core.cluster_files", ("duckdb", "lancedb", "openai", "onnxruntime", "fastapi")),
    ],
)
def test_importing_a_program_loads_no_heavy_part_that_it_may_not_need(module, unwanted):
    code = f"import sys, {module}; print(*(name for name in {unwanted!r} if name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_only_the_guard_makes_a_guarded_query():
    makers = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "GuardedQuery"
    }
    assert makers == {"vedder_core/sql/guard.py"}


def test_packages_hold_no_code_of_their_own():
    assert [path for path in sources() if path.name == "__init__.py" and path.read_text()] == []


def test_every_module_says_what_it_is_for():
    silent = [
        path for path in sources() if path.name != "__init__.py" and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_file_is_named_for_nothing():
    empty_names = {"utils", "helpers", "common", "manager", "service", "handler", "base", "misc"}
    assert [path for path in sources() if path.stem in empty_names] == []
