"""Spider's databases as clusters and as strangers, and which of their questions are asked where.

Two thirds of the databases were there to design with, in two halves that are each other's strangers. The last third was
kept out of sight: each half of it joins one of the others as clusters, and only its own questions are asked, against
those of its other half.
"""

import csv
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np

from bench.answerable import Answerable
from bench.publishing import publish
from bench.spider import Asked
from vedder_core.context.entry import TaughtPair
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.context.lance import words_of
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.embedder import Embedder, open_embedder
from vedder_core.embedder.vectors import Vectors
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.calibration import question_of

FOLDER, BIRD = Path("build/bench/spider"), Path("build/bench/bird")
SEED, SAMPLE = 2026, 200


@dataclass(frozen=True)
class Part:
    """Clusters of a context, those of them whose questions are asked, and databases left out whose questions are."""

    title: str
    covered: Sequence[str]
    asked: Sequence[str]
    strangers: Sequence[str]
    held_out: bool = False


def parts(names: Sequence[str]) -> tuple[Part, ...]:
    """The two parts to design with, and the two that are held out."""
    drawn = sorted(names)
    random.Random(SEED).shuffle(drawn)
    aside, rest = sorted(drawn[: len(drawn) // 3]), sorted(drawn[len(drawn) // 3 :])
    (one, other), (first, second) = (rest[::2], rest[1::2]), (aside[::2], aside[1::2])
    return (
        Part("designed with, one half", one, one, other),
        Part("designed with, other half", other, other, one),
        Part("held out, one half", sorted([*one, *first]), first, second, held_out=True),
        Part("held out, other half", sorted([*other, *second]), second, first, held_out=True),
    )


class Remembered:
    """An embedder that keeps in a file what it embedded once."""

    def __init__(self, embedder: Embedder, file: Path) -> None:
        self.name, self.dimension = embedder.name, embedder.dimension
        self._embedder, self._file = embedder, file
        self._vectors: dict[str, Vectors] = {}
        if file.is_file():
            with np.load(file) as kept:
                if str(kept["name"]) == self.name:
                    self._vectors = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    def embed(self, texts: Sequence[str]) -> Vectors:
        missing = sorted({text for text in texts if text not in self._vectors})
        if missing:
            self._vectors.update(zip(missing, self._embedder.embed(missing), strict=True))
        return np.array([self._vectors[text] for text in texts])

    def keep(self) -> None:
        texts, vectors = np.array(list(self._vectors)), np.array(list(self._vectors.values()))
        np.savez(self._file, name=self.name, texts=texts, vectors=vectors)


@dataclass(frozen=True)
class World:
    """One model's context of all databases, the questions that no pair has, and questions from elsewhere."""

    whole: Snapshot
    embedder: Remembered
    asked: Sequence[Asked]
    elsewhere: Mapping[str, Sequence[str]]
    answerable: Answerable

    def names(self) -> list[str]:
        return sorted(card.name for card in self.whole.cluster_cards())

    def part(self, clusters: Sequence[str]) -> Snapshot:
        return self.whole.changed(lambda entry: entry if entry.cluster in clusters else None)

    def of(self, clusters: Sequence[str]) -> list[str]:
        return [one["question"] for one in self.asked if one["cluster"] in clusters]

    def reworded(self, clusters: Sequence[str]) -> list[str]:
        return [said for one in self.asked if one["cluster"] in clusters and (said := one["reworded"])]

    def strangers(self, databases: Sequence[str], covered: Sequence[str]) -> tuple[list[str], list[str]]:
        """All questions of databases that are left out: those that no covered database can answer, and the others."""
        none: list[str] = []
        some: list[str] = []
        for cluster, question, homes in self._every:
            if cluster in databases:
                (none if homes.isdisjoint(covered) else some).append(question)
        return none, some

    @cached_property
    def _every(self) -> list[tuple[str, str, frozenset[str]]]:
        """Every question with its cluster and all that can answer it."""
        every = [(one["cluster"], one["question"], self.answerable.by(one["sql"])) for one in self.asked]
        for entry in self.whole.entries(kinds=("pair",)):
            content = entry.carried()
            if isinstance(content, TaughtPair):
                every.append((entry.cluster, question_of(entry), self.answerable.by(content.pair.sql)))
        return every

    def with_twin(self, strangers: Sequence[str], covered: Sequence[str]) -> set[str]:
        """The strangers one of whose tables has the name of a covered table, or shares all words of it."""
        tables: dict[str, set[frozenset[str]]] = {}
        for entry in self.whole.entries(kinds=("dataset",)):
            name = entry.text.partition(":")[0]  # the table's name, in words
            tables.setdefault(entry.cluster, set()).add(frozenset(words_of(name)))
        known = {name for cluster in covered for name in tables[cluster]}
        return {one for one in strangers if any(own <= name or name <= own for own in tables[one] for name in known)}

    def of_two(self, clusters: Sequence[str]) -> list[str]:
        """Questions that are about two clusters at once, made of two: each is a half of them."""
        draw, own = random.Random(5), [one for one in self.asked if one["cluster"] in clusters]
        pairs = (draw.sample(own, 2) for _ in range(SAMPLE))
        return [
            f"{one['question'].rstrip('?. ')} and {other['question'][0].lower()}{other['question'][1:]}"
            for one, other in pairs
            if one["cluster"] != other["cluster"]
        ]


def parts_of_bird(names: Sequence[str]) -> tuple[Part, ...]:
    """BIRD's databases by halves; nobody designed with them."""
    one, other = sorted(names)[::2], sorted(names)[1::2]
    return Part("BIRD, one half", one, one, other), Part("BIRD, other half", other, other, one)


def world_of(model: str, asked: Sequence[Asked], folder: Path, others: Mapping[str, Sequence[str]]) -> World:
    """The context by one model; published again only where the databases were built anew."""
    plain = open_embedder(Settings(embedder=model))
    url = folder / f"context-not-covered-{model}"
    built, published = (folder / "built").read_text() + plain.name, url / "published"
    if not published.is_file() or published.read_text() != built:
        with open_warehouse(f"duckdb:///{folder / 'warehouse.duckdb'}") as warehouse:
            publish(folder, warehouse, ContextWriter(str(url), plain))
        published.write_text(built)
    embedder = Remembered(plain, folder.with_name(f"vectors-{folder.name}-{model}.npz"))
    whole = ContextReader(str(url), embedder).snapshot()
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as catalog:
        world = World(whole, embedder, asked, others, Answerable(catalog))
    names = world.names()
    texts = [*world.of(names), *world.reworded(names)]
    texts += [question_of(entry) for entry in whole.entries(kinds=("pair",))]
    embedder.embed([*texts, *(text for others in world.elsewhere.values() for text in others)])
    embedder.keep()
    return world


def elsewhere(data: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """Questions of other sources, as many of each; none of their databases is a cluster."""
    lines = {"BIRD": "bird/pairs.jsonl", "ehrsql, not answerable": "ehrsql/mimic_iii_test.jsonl"}
    for name, file in lines.items():
        if (data / file).is_file():
            rows = [json.loads(line) for line in (data / file).read_text().splitlines()]
            said = {row["question"] for row in rows if row.get("is_impossible", True)}
            yield name, random.Random(1).sample(sorted(said), min(SAMPLE, len(said)))
    if (data / "defog/idk.csv").is_file():
        with (data / "defog/idk.csv").open() as opened:
            yield "defog, not answerable", sorted({row["question"] for row in csv.DictReader(opened)})
