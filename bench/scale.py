"""What a large company costs: generated clusters through the whole graph, beside the raw work in the same minutes.

    python -m bench.scale [--clusters 177] [--datasets 20] [--pairs 20] [--embedder hashed-words | minilm]

Each step is a process of its own, so that CPU seconds and peak memory are the step's alone. The raw work is done
without Dagster and without a store: every table profiled, every pair bound, every text embedded.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from bench.company import MEASURES, generate, thing
from vedder_core.cluster import Cluster
from vedder_core.cluster_files import load_clusters
from vedder_core.embedder.embedder import open_embedder
from vedder_core.schema import Catalog
from vedder_core.settings import settings
from vedder_core.sql.guard import guard
from vedder_core.warehouse.warehouse import Warehouse, open_warehouse
from vedder_pipelines.publishing import entries_of
from vedder_pipelines.validation import granted_to

FOLDER = Path("build/bench/scale")

LOAD = "from vedder_pipelines.definitions import vedder; print(len(vedder().resolve_all_asset_keys()), 'assets')"
IMPORT = "import dagster"
RUN = "import sys; from vedder_pipelines.cli import app; app(['run', *sys.argv[1:]])"
RAW = "import sys; from bench.scale import raw; raw(sys.argv[1])"
RAW_STEPS = ("scans", "binds", "embeddings")


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    seconds: float
    cpu: float
    megabytes: float
    said: str


def main() -> int:
    """Exit code 1 when the incremental run did more than its share, or the idle one anything at all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("clusters", 177), ("datasets", 20), ("pairs", 20)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--embedder", default="hashed-words")
    asked = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    generate(FOLDER, asked.clusters, asked.datasets, asked.pairs)
    environment = surroundings(asked.embedder)
    costs = {
        "raw: import dagster": measured(IMPORT, environment),
        **{f"raw: {step}": measured(RAW, environment, step) for step in RAW_STEPS},
        "definitions load": measured(LOAD, environment),
        "full materialisation": measured(RUN, environment),
        "nothing changed": measured(RUN, environment),
    }
    rename_one_column()
    costs["one table changed"] = measured(RUN, environment)
    show(costs, f"{asked.clusters} clusters x {asked.datasets} datasets x {asked.pairs} pairs, {asked.embedder}")
    idle = costs["nothing changed"].said.startswith("Nothing changed")
    exact = costs["one table changed"].said.startswith("c000: 1 table profiled, ")
    if not (idle and exact):
        print("MISSED: more was done again than what changed.")
    return 0 if idle and exact else 1


def surroundings(embedder: str) -> dict[str, str]:
    home = (FOLDER / "dagster").absolute()
    home.mkdir()
    shutil.copy("dagster.yaml", home)
    return {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "VEDDER_CLUSTERS": str(FOLDER / "clusters"),
        "VEDDER_WAREHOUSE": f"duckdb:///{FOLDER}/warehouse.duckdb",
        "VEDDER_CONTEXT": str(FOLDER / "context"),
        "VEDDER_EMBEDDER": embedder,
    }


def rename_one_column() -> None:
    """As a loader does it: in a copy that is then swapped in."""
    copy = FOLDER / "copy.duckdb"
    shutil.copy(FOLDER / "warehouse.duckdb", copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(f"ALTER TABLE s000.{thing(0)} RENAME COLUMN {MEASURES[0]} TO {MEASURES[0]}_in_euros")
    copy.replace(FOLDER / "warehouse.duckdb")


def measured(code: str, environment: Mapping[str, str], *arguments: str) -> Cost:
    """Run code in a process of its own, to its end."""
    started = time.perf_counter()
    peak = 0
    with tempfile.TemporaryFile("w+") as written:
        process = subprocess.Popen([sys.executable, "-c", code, *arguments], env=environment, stdout=written)
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            peak = max(peak, resident(process.pid))
            time.sleep(0.1)
        seconds, (_, status, used) = time.perf_counter() - started, ended
        process.returncode = os.waitstatus_to_exitcode(status)
        written.seek(0)
        said = written.read()
    if status:
        raise SystemExit(f"It failed with {process.returncode}: {code}\n{said}")
    return Cost(seconds, used.ru_utime + used.ru_stime, peak / 1e6, said)


def resident(pid: int) -> int:
    """Peak bytes since the process began; the kernel's figure at its end would count the memory of this one too."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def raw(step: str) -> None:
    """One kind of work alone, over all clusters; what it took by itself is printed, without imports and files."""
    chosen = settings()
    clusters = load_clusters(chosen.clusters).clusters
    with open_warehouse(chosen.warehouse) as warehouse:
        catalog = warehouse.catalog()
        if step == "embeddings":
            embedder, texts = open_embedder(chosen), list(texts_of(clusters, catalog))
            started = time.process_time()
            embedder.embed(texts)
        else:
            started = time.process_time()
            {"scans": scan, "binds": bind}[step](clusters, catalog, warehouse)
    print(time.process_time() - started)


def scan(clusters: Sequence[Cluster], catalog: Catalog, warehouse: Warehouse) -> None:
    for cluster in clusters:
        for dataset in cluster.datasets:
            table = catalog.find(dataset.name)
            if table is not None:
                warehouse.profile(table, dataset, "")


def bind(clusters: Sequence[Cluster], catalog: Catalog, warehouse: Warehouse) -> None:
    for cluster in clusters:
        granted = granted_to(cluster, catalog)
        for pair in cluster.pairs:
            warehouse.bind(guard(pair.sql, granted, dialect=catalog.dialect))


def texts_of(clusters: Sequence[Cluster], catalog: Catalog) -> Iterator[str]:
    for cluster in clusters:
        yield from (entry.text for entry in entries_of(cluster, catalog, {}, {}))
        yield from ("\n".join(pair.questions()) for pair in cluster.pairs)


def show(costs: Mapping[str, Cost], title: str) -> None:
    work = sum(float(costs[f"raw: {step}"].said) for step in RAW_STEPS)
    table = Table(title=title)
    for name in ("step", "wall s", "CPU s", "CPU / raw work", "peak MB", "said"):
        table.add_column(name, justify="left" if name in ("step", "said") else "right")
    for name, cost in costs.items():
        cpu = float(cost.said) if name.removeprefix("raw: ") in RAW_STEPS else cost.cpu
        said = "" if name.startswith("raw") else cost.said.strip().splitlines()[0][:60]
        row = (f"{cost.seconds:.1f}", f"{cpu:.1f}", f"{cpu / work:.2f}", f"{cost.megabytes:.0f}")
        table.add_row(name, *row, said)
    console = Console(width=150)
    console.print(table)
    console.print(f"Raw work: {work:.1f} CPU s, of scans, binds and embeddings together.")


if __name__ == "__main__":
    sys.exit(main())
