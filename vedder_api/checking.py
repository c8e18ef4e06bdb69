"""`vedder check`: the cluster files of a folder against each other and, where it can be opened, the warehouse, in which
every pair is bound.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vedder_core.cluster import Cluster, Pair
from vedder_core.cluster_check import check_against
from vedder_core.cluster_files import Loaded, load_clusters
from vedder_core.errors import QueryTimeout, VedderError, WarehouseError
from vedder_core.judging import Ground, granted_to, judge_pair, touched_by
from vedder_core.problem import Problem
from vedder_core.settings import Settings
from vedder_core.untold import untold_by, with_untold
from vedder_core.verdict import Broken
from vedder_core.warehouse.warehouse import Warehouse, dialect_of, open_warehouse

Outcome = Literal["clean", "problems", "unchecked"]
EXIT_CODES: Mapping[Outcome, int] = {"clean": 0, "problems": 1, "unchecked": 2}
LEFT_OUT = "the warehouse was left out."


@dataclass(frozen=True, slots=True)
class Report:
    """What was read, and everything wrong with it. `unchecked` says why nothing, or not all, was compared with the
    warehouse; unless that was asked for, a check that could not be made is an outcome of its own, and no pass.
    """

    outcome: Outcome
    folder: str
    clusters: int
    datasets: int
    pairs: int
    docs: int
    problems: tuple[Problem, ...]
    unchecked: str | None


def check_folder(folder: Path, settings: Settings, *, warehouse: bool | None = None) -> Report:
    """Check every file. `warehouse` true insists on it, false leaves it out, None says where it could not be asked.

    Raises WarehouseError or SettingsError where it insists and cannot.
    """
    with ExitStack() as stack:
        opened, unchecked = opened_for_check(settings, wanted=warehouse)
        if opened is not None:
            stack.enter_context(opened)
        catalog = opened.catalog() if opened is not None else None
        loaded = load_clusters(folder, dialect=dialect_of(settings.warehouse))
        problems = {*loaded.problems, *check_against(loaded, catalog)}
        if opened is not None:
            faulty = {problem.file for problem in problems}
            try:
                problems |= {problem for problem in _unbound(loaded, opened) if problem.file not in faulty}
            except WarehouseError as error:
                if warehouse:
                    raise
                unchecked = error.message
    failed = unchecked is not None and warehouse is not False
    return Report(
        outcome="problems" if problems else "unchecked" if failed else "clean",
        folder=str(folder),
        clusters=len(loaded.clusters),
        datasets=sum(len(cluster.datasets) for cluster in loaded.clusters),
        pairs=sum(len(cluster.pairs) for cluster in loaded.clusters),
        docs=sum(len(cluster.docs) for cluster in loaded.clusters),
        problems=tuple(sorted(problems)),
        unchecked=unchecked,
    )


def opened_for_check(settings: Settings, *, wanted: bool | None) -> tuple[Warehouse | None, str | None]:
    """The warehouse, once it has told what it holds; else why it was not asked."""
    if wanted is False:
        return None, LEFT_OUT
    try:
        warehouse = open_warehouse(settings.warehouse)
        try:
            warehouse.catalog()
        except VedderError:
            warehouse.close()
            raise
    except VedderError as error:
        if wanted:
            raise
        return None, error.message
    return warehouse, None


def _unbound(loaded: Loaded, warehouse: Warehouse) -> Iterator[Problem]:
    """The pairs that the warehouse would not run; not those whose dataset is gone, which is told of the dataset."""
    catalog, untold = warehouse.catalog(), untold_by(loaded.clusters)
    for cluster in loaded.clusters:
        ground = Ground(catalog, granted_to(with_untold(cluster, untold), catalog))
        for pair in cluster.pairs:
            touched = touched_by(pair, catalog)
            if all(catalog.find(name) is not None for name in touched.datasets):
                try:
                    verdict = judge_pair(pair, touched, ground, warehouse)
                except QueryTimeout as slow:
                    verdict = Broken(slow.message)
                if isinstance(verdict, Broken):
                    yield _problem(loaded, cluster, pair, verdict)


def _problem(loaded: Loaded, cluster: Cluster, pair: Pair, verdict: Broken) -> Problem:
    file = f"{cluster.name}/pairs/{pair.slug}.sql"
    begins = loaded.lines.get((file, "sql"), 0)
    hint = f"Did you mean `{verdict.probably}`?" if verdict.probably else ""
    return Problem(file, begins + (verdict.line or 1) - 1 if begins else 0, "", verdict.reason, hint)
