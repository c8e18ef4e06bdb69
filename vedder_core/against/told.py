"""The nouns of what a change does to pairs: which break, which could not be judged, and whose they are.

How that is found is in `impact`.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from vedder_core.cluster import Cluster, Pair
from vedder_core.cluster_files import Loaded
from vedder_core.problem import Problem
from vedder_core.schema_change import SchemaChange
from vedder_core.shadow import Judge
from vedder_core.verdict import Broken


@dataclass(frozen=True, slots=True)
class PairOf:
    """A pair, where its file is below the clusters folder, and whose it is."""

    cluster: str
    slug: str
    question: str
    team: str
    contact: str
    file: str


@dataclass(frozen=True, slots=True)
class Breaks:
    """The pair would not run after the change. `line` is of the file; `missing` is what it names and will not be there,
    `probably` what that is called then, with `confidence` (0 to 1, None where only names were compared).
    """

    pair: PairOf
    reason: str
    line: int | None
    missing: str | None
    probably: str | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Whether the pair would run is not known, and why."""

    pair: PairOf
    reason: str


@dataclass(frozen=True)
class Impact:
    """`touched` pairs were judged, of `pairs` in all; `already` do not run today either. `problems` are in the files of
    clusters, and would not be there without the change.
    """

    judge: Judge
    changes: tuple[SchemaChange, ...]
    pairs: int
    touched: int
    breaks: tuple[Breaks, ...]
    unjudged: tuple[Unjudged, ...]
    already: tuple[PairOf, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def pair_of(cluster: Cluster, pair: Pair) -> PairOf:
    """A pair of this cluster, as it is told."""
    file = f"{cluster.name}/pairs/{pair.slug}.sql"
    return PairOf(cluster.name, pair.slug, pair.question, cluster.owner.team, cluster.owner.contact, file)


def breaks_of(pair: PairOf, verdict: Broken, loaded: Loaded) -> Breaks:
    """With the place of what is missing in the pair's file."""
    begins = loaded.lines.get((pair.file, "sql"))
    line = begins + verdict.line - 1 if begins is not None and verdict.line is not None else None
    missing = verdict.missing_column or verdict.missing_table
    return Breaks(pair, verdict.reason, line, missing, verdict.probably, verdict.confidence)


def owners_of(pairs: Iterable[PairOf]) -> tuple[str, ...]:
    """The teams that these pairs belong to, those with most pairs first."""
    counts = Counter(pair.team for pair in pairs)
    return tuple(team for team, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])))
