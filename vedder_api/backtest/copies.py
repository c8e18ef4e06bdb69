"""Copies of cluster files, data and context in a folder of their own, and the pipelines that build them.

The pipelines run in a process of their own, which is asked line by line: this package and theirs meet only in data.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vedder_api.backtest.damages.damage import Change
from vedder_core.closing import Closing
from vedder_core.cluster import Cluster
from vedder_core.cluster_files import load_clusters
from vedder_core.errors import SettingsError, VedderError, WarehouseError
from vedder_core.settings import Settings
from vedder_core.sql.guard import Granted
from vedder_core.warehouse.duckdb_copy import changed_copy, copy_tables
from vedder_core.warehouse.warehouse import Limits, open_warehouse

DATA = "copied-by-vedder.duckdb"
"""A plain connection gives the file's name to its catalog, and a schema of that name would be ambiguous."""

MOST_BYTES = 2_000_000_000
COPY_SECONDS = 600.0


class RehearsalError(VedderError):
    """A copy could not be built."""


@dataclass(frozen=True)
class Workshop:
    """A folder with the undamaged copy (`whole`) and one damaged copy after the other."""

    folder: Path
    configured: Settings

    @property
    def whole(self) -> Settings:
        """The settings of the undamaged copy."""
        return self._settings(self.folder / "whole")

    def lay_out(self, *, rows: int) -> tuple[str, ...]:
        """Copy cluster files, and at most so many rows of each dataset; the names of the datasets that were cut.

        Raises SettingsError where the warehouse is no DuckDB: the pairs' SQL would not run on a copy.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        whole = self.folder / "whole"
        shutil.copytree(self.configured.clusters, whole / "clusters")
        loaded = load_clusters(self.configured.clusters)
        with open_warehouse(self.configured.warehouse) as warehouse:
            if warehouse.engine != "duckdb":
                raise SettingsError(
                    f"A backtest damages a copy of the data, and can copy only DuckDB, not {warehouse.engine}.",
                    hint="Set VEDDER_WAREHOUSE to a DuckDB file with the same tables, say a sample of them.",
                )
            granted = _granted(loaded.clusters, warehouse.catalog().only(_listed(loaded.clusters)).tables)
            limits = Limits(COPY_SECONDS, rows, MOST_BYTES)
            return copy_tables(warehouse, granted, whole / DATA, limits)

    def damage(self, name: str, changes: Sequence[Change]) -> Settings:
        """A copy with all these changes; its context is the undamaged one, until it is built."""
        whole, folder = self.folder / "whole", self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(whole / "clusters", folder / "clusters")
        shutil.copytree(whole / "context", folder / "context")
        changed_copy(whole / DATA, folder / DATA, [one for change in changes for one in change.statements])
        for change in changes:
            for path, text in change.files.items():
                file = folder / "clusters" / path
                file.parent.mkdir(exist_ok=True)
                file.unlink() if text is None else file.write_text(text, encoding="utf-8")
        return self._settings(folder)

    def remove(self, name: str) -> None:
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def _settings(self, folder: Path) -> Settings:
        given = {
            "clusters": folder / "clusters",
            "warehouse": f"duckdb:///{folder / DATA}",
            "context": str(folder / "context"),
            "state": f"sqlite:///{self.folder / 'whole' / 'state.db'}",
            "chat_model": "",
        }
        return self.configured.model_copy(update=given)


def _listed(clusters: Sequence[Cluster]) -> list[str]:
    return [dataset.name for cluster in clusters for dataset in cluster.datasets]


def _granted(clusters: Sequence[Cluster], tables: Mapping[str, object]) -> Granted:
    hidden = {
        name: frozenset().union(*(d.hidden_columns() for c in clusters if (d := c.dataset(name)) is not None))
        for name in tables
    }
    return Granted(tables, hidden)  # type: ignore[arg-type]


class Pipelines(Closing):
    """The pipelines' own process; it builds one copy at a time."""

    def __init__(self) -> None:
        command = Path(sys.executable).with_name("vedder-pipelines")
        if not command.exists():
            raise SettingsError(
                "A backtest builds copies of the context, and the pipelines are not installed.",
                hint="Install them: pip install 'vedder[pipelines]'.",
            )
        self._process = subprocess.Popen(  # noqa: S603 (our own command)
            [command, "rehearse"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def build(self, copy: Settings) -> None:
        """Build a copy's context and health. Raises RehearsalError."""
        asked = {"clusters": str(copy.clusters), "warehouse": copy.warehouse}
        asked |= {"context": copy.context, "state": copy.state}
        written, read = self._process.stdin, self._process.stdout
        if written is None or read is None:
            raise RehearsalError("The pipelines cannot be asked.", hint="Run `vedder-pipelines run` to see why.")
        written.write(f"{json.dumps(asked)}\n")
        written.flush()
        answer = read.readline()
        if not answer.strip():
            raise RehearsalError("The pipelines ended.", hint="Run `vedder-pipelines run` on your context to see why.")
        failures: Mapping[str, str] = json.loads(answer)["failures"]
        if failures:
            step, why = next(iter(failures.items()))
            raise WarehouseError(f"The pipelines could not build a copy: {step.replace('__', '/')}: {why}", hint="")

    def close(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()
        self._process.wait()
