"""`vedder check`: the cluster files of a folder against each other and, where it can be opened, the warehouse."""

from dataclasses import dataclass
from pathlib import Path

from vedder_core.cluster_check import check_against
from vedder_core.cluster_files import load_clusters
from vedder_core.errors import VedderError
from vedder_core.problem import Problem
from vedder_core.schema import Catalog
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import open_warehouse


@dataclass(frozen=True, slots=True)
class Report:
    """What was read, and everything wrong with it. `unchecked` says why names were not compared with the warehouse."""

    folder: str
    clusters: int
    datasets: int
    pairs: int
    docs: int
    problems: tuple[Problem, ...]
    unchecked: str | None


def check_folder(folder: Path, settings: Settings, *, warehouse: bool | None = None) -> Report:
    """Check every file. `warehouse` true insists on it, false leaves it out, None takes it where it can be opened.

    Raises WarehouseError or SettingsError where it insists and cannot.
    """
    catalog, unchecked = _catalog(settings, wanted=warehouse)
    loaded = load_clusters(folder, dialect=catalog.dialect if catalog is not None else "duckdb")
    problems = sorted({*loaded.problems, *check_against(loaded, catalog)})
    return Report(
        folder=str(folder),
        clusters=len(loaded.clusters),
        datasets=sum(len(cluster.datasets) for cluster in loaded.clusters),
        pairs=sum(len(cluster.pairs) for cluster in loaded.clusters),
        docs=sum(len(cluster.docs) for cluster in loaded.clusters),
        problems=tuple(problems),
        unchecked=unchecked,
    )


def _catalog(settings: Settings, *, wanted: bool | None) -> tuple[Catalog | None, str | None]:
    if wanted is False:
        return None, "the warehouse was left out."
    try:
        with open_warehouse(settings.warehouse) as warehouse:
            return warehouse.catalog(), None
    except VedderError as error:
        if wanted:
            raise
        return None, error.message
