"""Databases as clusters of one context, their questions, and what is a stranger's: for `bench.not_covered`."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from bench.answerable import Answerable, by_whole_names
from bench.not_covered_parts import SAMPLE
from bench.publishing import publish
from bench.spider import Asked
from vedder_core.calibration import DEFAULT_THRESHOLD, DEFAULT_WEIGHTS, Calibration
from vedder_core.context.covered import telling_words
from vedder_core.context.entry import TaughtPair
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.context.lance import words_of
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.embedder import Embedder, open_embedder
from vedder_core.embedder.vectors import Vectors
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.calibration import question_of

Scores = NDArray[np.float64]


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
class Strangers:
    """Questions of databases that are left out: those that no covered database can answer, those that one can if
    columns may stand for others, too, and those that one can by whole names."""

    unanswered: list[str] = field(default_factory=list)
    by_columns: list[str] = field(default_factory=list)
    by_names: list[str] = field(default_factory=list)


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

    def strangers(self, databases: Sequence[str], covered: Sequence[str] = ()) -> Strangers:
        """All questions of databases that are left out."""
        found = Strangers()
        for cluster, question, homes in self._every:
            if cluster in databases:
                by = [whole for name, whole in homes.items() if name in covered]
                (found.by_names if any(by) else found.by_columns if by else found.unanswered).append(question)
        return found

    @cached_property
    def _every(self) -> list[tuple[str, str, Mapping[str, bool]]]:
        """Every question with its cluster and all that can answer it, and whether these do so by whole names."""
        every = [(one["cluster"], one["question"], one["sql"]) for one in self.asked]
        for entry in self.whole.entries(kinds=("pair",)):
            content = entry.carried()
            if isinstance(content, TaughtPair):
                every.append((entry.cluster, question_of(entry), content.pair.sql))
        return [
            (cluster, question, {name: by_whole_names(way) for name, way in self.answerable.by(sql).items()})
            for cluster, question, sql in every
        ]

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


def margins(snapshot: Snapshot, embedder: Embedder, questions: Sequence[str], by: Calibration | None) -> Scores:
    """How far above its threshold the best cluster of each question is; from 0 on it passes."""
    covered, held = snapshot.covered, snapshot.slice
    weights = by.weights if by else DEFAULT_WEIGHTS
    at = np.array([by.of(name).threshold if by else DEFAULT_THRESHOLD for name in covered.names])
    vectors = embedder.embed(questions) if questions else ()
    nearest = (
        covered.nearest(telling_words(question), held.cosines(vector), weights=weights, thresholds=at)
        for question, vector in zip(questions, vectors, strict=True)
    )
    return np.array([margin for _, margin in nearest])
