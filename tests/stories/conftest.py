"""The demo as a stranger has it after `make demo`, in a folder of a test's own, through the programs' own commands."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from demo.load_nycflights import PACKAGE, load
from tests.programs import run_command
from vedder_api.caller import CALLER
from vedder_api.parts import Parts
from vedder_api.replay import Replay
from vedder_core.answer import Outcome
from vedder_core.context.health_history import HealthHistory
from vedder_core.conversation import Turn
from vedder_core.health import Health
from vedder_core.settings import Settings
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
            state=f"sqlite:///{self.folder / 'state' / 'vedder.db'}",
        )

    def run_pipelines(self, *, exit_code: int = 0) -> list[str]:
        """What `vedder-pipelines run` prints, line by line."""
        result = run_command(pipelines, self.settings, "run")
        assert result.exit_code == exit_code, result.output
        return result.stdout.splitlines()

    def ask(self, question: str) -> Outcome:
        with Parts(self.settings) as parts:
            return parts.asker().answer(question)

    def talk(self, *questions: str, chat_model: str = "") -> list[Turn]:
        """One conversation, as `vedder ask` and `vedder ask --continue` have it."""
        turns: list[Turn] = []
        with Parts(self.settings.model_copy(update={"chat_model": chat_model})) as parts:
            for question in questions:
                conversation = turns[-1].conversation if turns else None
                asked = parts.turns().ask(question, caller=CALLER, conversation=conversation)
                turns.append(parts.turns().run_here(asked))
        return turns

    def replay(self, turn: Turn) -> Replay:
        with Parts(self.settings) as parts:
            return parts.replay(turn)

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
    clusters, kept = built_demo.folder / "clusters", built_demo.warehouse.read_bytes()
    files = {file: file.read_bytes() for file in clusters.rglob("*") if file.is_file()}
    yield built_demo
    edited = [file for file, content in files.items() if file.read_bytes() != content]
    for file in edited:
        file.write_bytes(files[file])
    changed = built_demo.warehouse.read_bytes() != kept
    if changed:
        fresh = built_demo.warehouse.with_suffix(".fresh")
        fresh.write_bytes(kept)
        fresh.replace(built_demo.warehouse)
    if changed or edited:
        built_demo.run_pipelines()
