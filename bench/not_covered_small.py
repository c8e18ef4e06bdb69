"""Contexts of few clusters get the default weights and threshold: what these let pass, and what they are fitted to."""

import random
from collections.abc import Sequence

import numpy as np

from bench.not_covered_parts import SAMPLE
from bench.not_covered_worlds import Scores, World, margins
from vedder_core.calibration import DEFAULT_WEIGHTS
from vedder_core.context.covered import telling_words
from vedder_core.context.snapshot import Snapshot
from vedder_pipelines.calibration import ask_all, auroc
from vedder_pipelines.logistic import fitted

SMALL, SMALL_CONTEXTS, FITTED_ON = 3, 14, 40


def small(world: World, names: Sequence[str]) -> None:
    """Contexts of few clusters, which get the defaults: drawn from databases that these were not fitted on."""
    draw = random.Random(3)
    own, reworded, found = [], [], []
    for _ in range(SMALL_CONTEXTS):
        covered = draw.sample(names, SMALL)
        snapshot = world.part(covered)
        strange = world.strangers([name for name in names if name not in covered], covered).unanswered
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
        strange = world.strangers([name for name in names if name not in clusters], clusters).unanswered
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
