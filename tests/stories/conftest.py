"""The demo as a stranger has it after `make demo`, in a folder of a test's own, through the programs' own commands."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from typer.testing import CliRunner

from demo.load_nycflights import PACKAGE, load
from vedder_api.parts import Parts
from vedder_core.answer import Outcome
from vedder_core.context.health_history import HealthHistory
from vedder_core.health import Health
from vedder_core.settings import Settings, settings
from vedder_pipelines.cli import app as pipelines

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Demo:
    """The demo's folder, and what people do with it."""

    folder: Path

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse" / "demo.duckdb"

    @property
    def settings(self) -> Settings:
        return Settings(
            clusters=self.folder / "clusters",
            warehouse=f"duckdb:///{self.warehouse}?files={self.folder / 'warehouse' / 'flights'}",
            context=str(self.folder / "context"),
            embedder="hashed-words",
        )

    def run_pipelines(self, *, exit_code: int = 0) -> list[str]:
        """What `vedder-pipelines run` prints, line by line."""
        chosen = self.settings
        environment = {
            "VEDDER_CLUSTERS": str(chosen.clusters),
            "VEDDER_WAREHOUSE": chosen.warehouse,
            "VEDDER_CONTEXT": chosen.context,
            "VEDDER_EMBEDDER": chosen.embedder,
            "DAGSTER_HOME": "",
        }
        settings.cache_clear()
        try:
            result = CliRunner().invoke(pipelines, ["run"], env=environment)
        finally:
            settings.cache_clear()
        assert result.exit_code == exit_code, result.output
        return result.stdout.splitlines()

    def ask(self, question: str) -> Outcome:
        with Parts(self.settings) as parts:
            return parts.asker().ask(question)

    def health(self, cluster: str) -> Health:
        return HealthHistory(self.settings.context).latest()[cluster]


@pytest.fixture(scope="session")
def built_demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    try:
        distribution(PACKAGE)
    except PackageNotFoundError:
        pytest.skip(f"{PACKAGE}, which holds the demo's data, is not installed")
    demo = Demo(tmp_path_factory.mktemp("story"))
    load(demo.folder / "warehouse")
    shutil.copytree(ROOT / "clusters", demo.folder / "clusters")
    demo.run_pipelines()
    return demo


@pytest.fixture
def demo(built_demo: Demo) -> Iterator[Demo]:
    """The built demo; what a story changes is put back by the story's end."""
    kept = built_demo.warehouse.read_bytes()
    yield built_demo
    if built_demo.warehouse.read_bytes() != kept:
        fresh = built_demo.warehouse.with_suffix(".fresh")
        fresh.write_bytes(kept)
        fresh.replace(built_demo.warehouse)
        built_demo.run_pipelines()
