"""A world's pairs as cluster files: the files that a curator would have, in which repairs are proposed."""

import random
import re
from pathlib import Path

import yaml

from bench.breakage.worlds import World, Written, seed_of
from vedder_core.cluster import Cluster
from vedder_core.cluster_files import load_clusters


def write_cluster(world: World, folder: Path, *, dialect: str) -> Cluster:
    """Write the one cluster of a world below `folder`, and read it as everybody does."""
    home = folder / world.name
    (home / "pairs").mkdir(parents=True, exist_ok=True)
    (home / "cluster.yaml").write_text(_card(world))
    for slug, pair in world.pairs.items():
        (home / "pairs" / f"{slug}.sql").write_bytes(_file(world.name, slug, pair))
    loaded = load_clusters(folder, dialect=dialect)
    return next(cluster for cluster in loaded.clusters if cluster.name == world.name)


def _card(world: World) -> str:
    datasets = [{"name": name, "description": f"The dataset {name}."} for name in world.listed()]
    card = {
        "title": world.name,
        "summary": f"The world {world.name}.",
        "owner": {"team": "bench", "contact": "#bench"},
        "datasets": datasets,
    }
    return yaml.safe_dump(card, sort_keys=False, allow_unicode=True, width=1000)


def _file(world: str, slug: str, pair: Written) -> bytes:
    """The file of a pair; some end without a line break, and some have the line breaks of another system."""
    rng = random.Random(seed_of(world, slug, "file"))
    question = re.sub(r"[{}]", "", pair.question)
    header: dict[str, object] = {"question": question + "".join(f" ({{{name}}})" for name in pair.parameters)}
    if pair.parameters:
        header["parameters"] = {
            name: {"values": column, "default": value} for name, (column, value) in pair.parameters.items()
        }
    header |= {"teaches": "A question of the data set.", "vetted_by": "bench", "vetted_on": "2024-01-01"}
    text = yaml.safe_dump(header, sort_keys=False, allow_unicode=True, width=1000).replace("*/", "* /")
    whole = f"/*\n{text}*/\n{pair.sql}" + ("" if rng.random() < 0.1 else "\n")
    return (whole.replace("\n", "\r\n") if rng.random() < 0.1 else whole).encode()
