"""Does a question that no cluster covers stay outside? Databases of Spider are clusters, others are strangers.

Calibrated is by the pipeline, from the clusters' own pairs alone. Asked are the other questions of these databases
(covered, also reworded), all questions of databases that are left out, and questions of other sources. Many of Spider's
databases are about the same things, so a question of one that is left out may well be answered: it is no stranger's
where its gold SQL binds over a covered database (`bench/answerable.py`). What is wanted is of all other questions of
the databases that were held out of the design; everything else is reported, too.

    python -m bench.not_covered [minilm] [hashed-words] [--fit] [--show]
"""

import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from bench.bird import open_bird
from bench.not_covered_worlds import BIRD, FOLDER, SAMPLE, Part, World, elsewhere, parts, parts_of_bird, world_of
from bench.spider import built, open_spider
from vedder_core.calibration import DEFAULT_THRESHOLD, DEFAULT_WEIGHTS, Calibration
from vedder_core.context.covered import telling_words
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.embedder import Embedder
from vedder_core.errors import EmbedderError
from vedder_pipelines.calibration import ask_all, auroc, calibrated
from vedder_pipelines.logistic import fitted
from vedder_pipelines.replay import replayed

MOST_FALSE, LEAST_AUROC, COVERAGE = 0.02, 0.95, 0.8
"""Of strangers' questions, where 80 % of the covered questions pass."""

SMALL, SMALL_CONTEXTS, FITTED_ON = 3, 14, 40
Scores = NDArray[np.float64]


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


def measure(part: Part, world: World, *, show: bool) -> bool:
    """Calibrate a part, ask it everything, and print; whether what is wanted was reached."""
    snapshot = world.part(part.covered)
    fast_paths, now = replayed(snapshot.slice, dialect="duckdb"), datetime.now(UTC)
    by = calibrated(snapshot.slice, snapshot.embedder, dialect="duckdb", now=now, fast_paths=fast_paths)
    asked, said = world.of(part.asked), world.reworded(part.asked)
    own, reworded, both = (margins(snapshot, world.embedder, q, by) for q in (asked, said, world.of_two(part.asked)))
    strange, answerable = world.strangers(part.strangers, part.covered)
    alone = sorted(set(part.strangers) - world.with_twin(part.strangers, part.covered))
    print(
        f"\n{part.title}: {len(part.covered)} clusters, {by.covered} pairs; asked are {len(own)} of {len(part.asked)}"
    )
    print(f"  {len(answerable)} of {len(strange) + len(answerable)} strangers' questions can be answered, by their SQL")
    own_estimate = f"AUROC {by.auroc or 0:.3f}, {_at(by):.1%} false at {COVERAGE:.0%} coverage"
    print(f"  {by.why_not or f'the pipeline estimates by itself: {own_estimate}'}")
    wrong, right = (sum(getattr(one, name) for one in fast_paths.values()) for name in ("wrong", "right"))
    unsure = sum(not one.sure for one in fast_paths.values())
    print(f"  fast path, asked again: {right} right, {wrong} wrong; {unsure} clusters not sure enough")
    print(f"  in use: {_passing(own)} of covered questions pass, of reworded ones {_passing(reworded)}")
    print(f"  of two clusters' questions in one sentence {_passing(both)} pass")
    print(f"  {'strangers':36} {'asked':>6} {'AUROC':>6} {'false at 80 %':>14} {'false in use':>13}")
    _line("strangers' questions (wanted)", own, margins(snapshot, world.embedder, strange, by))
    _line("with those that can be answered", own, margins(snapshot, world.embedder, [*strange, *answerable], by))
    _line(f"of {len(alone)} databases without a twin", own, margins(snapshot, world.embedder, _all(world, alone), by))
    for name, questions in world.elsewhere.items():
        _line(name, own, margins(snapshot, world.embedder, questions, by))
    found = margins(snapshot, world.embedder, strange, by)
    at = float(np.quantile(own, 1 - COVERAGE))
    for margin, question in sorted(zip(found.tolist(), strange, strict=True), reverse=True) if show else ():
        if margin >= at:
            print(f"    {margin - at:5.2f}  {question}")
    return auroc(own, found) >= LEAST_AUROC and float((found >= at).mean()) <= MOST_FALSE


def _line(name: str, own: Scores, found: Scores) -> None:
    if len(found):
        false = float((found >= np.quantile(own, 1 - COVERAGE)).mean())
        print(f"  {name:36} {len(found):>6} {auroc(own, found):>6.3f} {false:>14.1%} {(found >= 0).mean():>13.1%}")


def _passing(found: Scores) -> str:
    return f"{(found >= 0).mean():.1%}" if len(found) else "none"


def _all(world: World, databases: Sequence[str]) -> list[str]:
    return world.strangers(databases, ())[0]


def _at(by: Calibration) -> float:
    return next(one.risk for one in by.curve if one.coverage == COVERAGE)


def small(world: World, names: Sequence[str]) -> None:
    """Contexts of few clusters, which get the defaults: drawn from databases that these were not fitted on."""
    draw = random.Random(3)
    own, reworded, found = [], [], []
    for _ in range(SMALL_CONTEXTS):
        covered = draw.sample(names, SMALL)
        snapshot = world.part(covered)
        strange = world.strangers([name for name in names if name not in covered], covered)[0]
        own.append(margins(snapshot, world.embedder, world.of(covered), None))
        reworded.append(margins(snapshot, world.embedder, world.reworded(covered), None))
        found.append(margins(snapshot, world.embedder, draw.sample(strange, SAMPLE), None))
    one, two, three = (np.concatenate(scores) for scores in (own, reworded, found))
    passed = f"{(one >= 0).mean():.1%} of covered questions pass, of reworded ones {(two >= 0).mean():.1%}"
    print(f"\n{SMALL_CONTEXTS} contexts of {SMALL} held-out clusters, by the defaults: {passed}")
    print(f"  of strangers {(three >= 0).mean():.1%}; AUROC {auroc(one, three):.3f}")


def fit(world: World, names: Sequence[str]) -> None:
    """Weights for small contexts of databases to design with, reworded questions among them, and for one of many. What
    ships is their mean: small contexts use it as it is, larger ones start from it."""
    draw = random.Random(1)
    own, found = [], []
    for _ in range(FITTED_ON):
        clusters = draw.sample(names, SMALL)
        snapshot = world.part(clusters)
        strange = world.strangers([name for name in names if name not in clusters], clusters)[0]
        own += [_heard(world, snapshot, one) for one in (*world.of(clusters), *world.reworded(clusters))]
        found += [_heard(world, snapshot, one) for one in draw.sample(strange, SAMPLE // 4)]
    known = fitted(np.array(own), np.array(found), DEFAULT_WEIGHTS)
    print(f"\nfitted on contexts of {SMALL} clusters: {tuple(round(weight, 2) for weight in known)}")
    snapshot = world.part(names[::2])
    many = ask_all(snapshot.slice, snapshot.covered, dialect="duckdb")
    known = fitted(many.covered, many.strangers[many.strange], DEFAULT_WEIGHTS)
    print(f"fitted on one of {len(names[::2])}: {tuple(round(weight, 2) for weight in known)}")


def _heard(world: World, snapshot: Snapshot, question: str) -> Scores:
    cosines = snapshot.slice.cosines(world.embedder.embed([question])[0])
    return snapshot.covered.witnesses(telling_words(question), cosines)


def main(arguments: Sequence[str]) -> int:
    """0 when what is wanted is reached on all that was held out, by every embedder, or nothing could be measured."""
    spider = open_spider()
    if spider is None:
        print("bench.not_covered: skipped, there is no `spider` folder in VEDDER_TEST_DATA (default ../shared/data)")
        return 0
    asked, data = built(spider, spider.databases(), FOLDER, progress=print), spider.folder.parent
    bird = open_bird(data, BIRD.with_name("bird-data"))
    missed = []
    for model in [one for one in arguments if not one.startswith("-")] or ("minilm", "hashed-words"):
        try:
            world = world_of(model, asked, FOLDER, dict(elsewhere(data)))
        except EmbedderError as error:
            print(f"bench.not_covered: skipped {model}: {error}")
            continue
        print(f"\n== {model}")
        looked_at, *_, held_out = found = parts(world.names())
        if "--fit" in arguments:
            fit(world, [*looked_at.asked, *looked_at.strangers])
        reached = [(part, measure(part, world, show="--show" in arguments)) for part in found]
        missed += [f"{model}, {part.title}" for part, good in reached if part.held_out and not good]
        small(world, [*held_out.asked, *held_out.strangers])
        world.embedder.keep()
        if bird is not None:
            of_bird = world_of(model, built(bird, sorted(bird.names), BIRD, progress=print), BIRD, {})
            for part in parts_of_bird(of_bird.names()):
                measure(part, of_bird, show="--show" in arguments)
    wanted = f"of strangers' questions at most {MOST_FALSE:.0%} pass at {COVERAGE:.0%} coverage, AUROC {LEAST_AUROC}"
    print(f"\nwanted of what was held out: {wanted}; " + (f"missed: {missed}" if missed else "reached"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
