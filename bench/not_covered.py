"""Does a question that no cluster covers stay outside? Databases of Spider and BIRD are clusters, others are strangers.

Calibrated is by the pipeline, from the clusters' own pairs alone. Asked are the other questions of these databases
(covered, also reworded), all questions of databases that are left out, and questions of other sources. Many of Spider's
databases are about the same things, so a question of one that is left out may well be answered: it is no stranger's
where its gold SQL binds over a covered database (`bench/answerable.py`). What is wanted is of all other questions of
the databases that were held out of the design, Spider's and BIRD's in one context, both halves together, by an embedder
that knows meanings; everything else is reported, too.

    python -m bench.not_covered [minilm] [hashed-words] [--fit] [--show] [--fifths]
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from math import sqrt
from pathlib import Path

import numpy as np

from bench.bird import joined, open_bird
from bench.not_covered_parts import Part, elsewhere, parts_by_fifths, parts_of_spider, parts_with_bird
from bench.not_covered_small import fit, small
from bench.not_covered_worlds import Scores, Strangers, World, margins, world_of
from bench.spider import Spider, built, cluster_name, open_spider
from vedder_core.calibration import Calibration
from vedder_core.context.snapshot import Snapshot
from vedder_core.errors import EmbedderError
from vedder_pipelines.calibration import auroc, calibrated
from vedder_pipelines.replay import replayed

MOST_FALSE, LEAST_AUROC, COVERAGE = 0.02, 0.95, 0.8
"""Of strangers' questions, where 80 % of the covered questions pass."""

TOLD_ONLY = ("hashed-words",)
"""Embedders that are told of, and nothing is wanted of."""

FOLDER = Path("build/bench/spider-and-bird")


@dataclass(frozen=True)
class Measured:
    """How far above its threshold each question came: of the clusters, and of strangers by either truth."""

    part: Part
    own: Scores
    strange: Scores
    by_columns: Scores

    @property
    def at(self) -> float:
        return float(np.quantile(self.own, 1 - COVERAGE))


def measure(part: Part, world: World, *, show: bool) -> Measured:
    """Calibrate a part, ask it everything, and print."""
    snapshot = world.part(part.covered)
    by = _calibrated(snapshot, part, world)
    own, reworded, both = (
        margins(snapshot, world.embedder, questions, by)
        for questions in (world.of(part.asked), world.reworded(part.asked), world.of_two(part.asked))
    )
    print(f"  in use: {_passing(own)} of covered questions pass, of reworded ones {_passing(reworded)}")
    print(f"  of two clusters' questions in one sentence {_passing(both)} pass")
    asked = world.strangers(part.strangers, part.covered)
    unanswered, by_columns, by_names = (
        margins(snapshot, world.embedder, one, by) for one in (asked.unanswered, asked.by_columns, asked.by_names)
    )
    measured = Measured(part, own, unanswered, by_columns)
    print(f"  {'strangers':36} {'asked':>6} {'AUROC':>6} {'false at 80 %':>20} {'false in use':>13}")
    _line("strangers' questions", own, unanswered)
    _line("where only whole names would count", own, np.concatenate([unanswered, by_columns]))
    _line("with all that can be answered", own, np.concatenate([unanswered, by_columns, by_names]))
    for name, questions in _others(part, world):
        _line(name, own, margins(snapshot, world.embedder, questions, by))
    if show:
        _show(measured, asked)
    return measured


def _calibrated(snapshot: Snapshot, part: Part, world: World) -> Calibration:
    fast_paths, now = replayed(snapshot.slice, dialect="duckdb"), datetime.now(UTC)
    by = calibrated(snapshot.slice, snapshot.embedder, dialect="duckdb", now=now, fast_paths=fast_paths)
    asked = f"asked are {len(world.of(part.asked))} of {len(part.asked)}"
    print(f"\n{part.title}: {len(part.covered)} clusters, {by.covered} pairs; {asked}")
    risk = next(one.risk for one in by.curve if one.coverage == COVERAGE)
    own_estimate = f"AUROC {by.auroc or 0:.3f}, {risk:.1%} false at {COVERAGE:.0%} coverage"
    print(f"  {by.why_not or f'the pipeline estimates by itself: {own_estimate}'}")
    wrong, right = (sum(getattr(one, name) for one in fast_paths.values()) for name in ("wrong", "right"))
    unsure = sum(not one.sure for one in fast_paths.values())
    print(f"  fast path, asked again: {right} right, {wrong} wrong; {unsure} clusters not sure enough")
    return by


def _others(part: Part, world: World) -> Iterator[tuple[str, Sequence[str]]]:
    alone = sorted(set(part.strangers) - world.with_twin(part.strangers, part.covered))
    yield f"of {len(alone)} databases without a twin", world.strangers(alone).unanswered
    yield "BIRD", world.strangers(part.others).unanswered
    yield from world.elsewhere.items()


def _line(name: str, own: Scores, found: Scores) -> None:
    if len(found):
        at = np.quantile(own, 1 - COVERAGE)
        false = f"{(found >= at).mean():.1%} ({(found >= at).sum()})"
        print(f"  {name:36} {len(found):>6} {auroc(own, found):>6.3f} {false:>20} {(found >= 0).mean():>13.1%}")


def _passing(found: Scores) -> str:
    return f"{(found >= 0).mean():.1%}" if len(found) else "none"


def _show(measured: Measured, asked: Strangers) -> None:
    for mark, found, questions in (
        (" ", measured.strange, asked.unanswered),
        ("~", measured.by_columns, asked.by_columns),
    ):
        for margin, question in sorted(zip(found.tolist(), questions, strict=True), reverse=True):
            if margin >= measured.at:
                print(f"    {mark} {margin - measured.at:5.2f}  {question}")


def pooled(name: str, parts: Sequence[Measured]) -> bool:
    """Print what the parts of a pool give together; whether what is wanted was reached."""
    print(f"\n{name}, together:")
    both = [np.concatenate([part.strange, part.by_columns]) for part in parts]
    reached = _together("strangers' questions", parts, [part.strange for part in parts])
    _together("where only whole names would count", parts, both)
    return reached


def _together(title: str, parts: Sequence[Measured], found: Sequence[Scores]) -> bool:
    false = sum(int((scores >= part.at).sum()) for part, scores in zip(parts, found, strict=True))
    every = np.concatenate(found)
    share, told = false / len(every), auroc(np.concatenate([part.own for part in parts]), every)
    low, high = interval(false, len(every))
    counted = f"{false} of {len(every)} false at {COVERAGE:.0%}: {share:.1%} ({low:.1%} to {high:.1%})"
    print(f"  {title:36} {counted}; AUROC {told:.3f}")
    return share <= MOST_FALSE and told >= LEAST_AUROC


def interval(hits: int, of: int) -> tuple[float, float]:
    """Wilson's interval of a share, 95 %. Too narrow where several questions are one in other words."""
    share, noise = hits / of, 1.96**2 / of
    middle, margin = share + noise / 2, 1.96 * sqrt(share * (1 - share) / of + noise / (4 * of))
    return max(0.0, (middle - margin) / (1 + noise)), (middle + margin) / (1 + noise)


def _worlds(models: Sequence[str], spider: Spider, bird: Spider | None) -> Iterator[tuple[str, World]]:
    names = [*spider.databases(), *(sorted(bird.names) if bird else ())]
    data = joined(spider, bird, FOLDER.with_name("spider-and-bird-data")) if bird else spider
    asked = built(data, names, FOLDER, progress=print)
    for model in models:
        try:
            yield model, world_of(model, asked, FOLDER, dict(elsewhere(spider.folder.parent)))
        except EmbedderError as error:
            print(f"bench.not_covered: skipped {model}: {error}")


def main(arguments: Sequence[str]) -> int:
    """0 when what is wanted is reached on all that was held out, or nothing could be measured."""
    spider = open_spider()
    if spider is None:
        print("bench.not_covered: skipped, there is no `spider` folder in VEDDER_TEST_DATA (default ../shared/data)")
        return 0
    bird = open_bird(spider.folder.parent, FOLDER.with_name("bird-data"))
    of_bird = [cluster_name(name) for name in sorted(bird.names)] if bird else []
    of_spider = parts_of_spider([cluster_name(name) for name in spider.databases()], of_bird)
    parts, (looked_at, *_, held_out) = (*of_spider, *parts_with_bird(of_spider, of_bird)), of_spider
    models = [one for one in arguments if not one.startswith("-")] or ("minilm", "hashed-words")
    missed = []
    for model, world in _worlds(models, spider, bird):
        print(f"\n== {model}")
        if "--fit" in arguments:
            fit(world, [*looked_at.asked, *looked_at.strangers])
        fifths = parts_by_fifths(world.names()) if "--fifths" in arguments else ()
        found = [measure(part, world, show="--show" in arguments) for part in (*fifths, *parts)]
        small(world, [*held_out.asked, *held_out.strangers])
        world.embedder.keep()
        for pool, halves in groupby(found, lambda one: one.part.pool):
            if pool and not pooled(pool, list(halves)) and pool == parts[-1].pool and model not in TOLD_ONLY:
                missed.append(f"{model}, {pool}")
    wanted = f"of strangers' questions at most {MOST_FALSE:.0%} pass at {COVERAGE:.0%} coverage, AUROC {LEAST_AUROC}"
    print(f"\nwanted of all that was held out: {wanted}; " + (f"missed: {missed}" if missed else "reached"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
