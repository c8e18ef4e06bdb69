"""Which databases are clusters, of which the questions are asked, and which are strangers.

Two thirds of Spider's databases were there to design with, in two halves that are each other's strangers. The last
third was kept out of sight: each half of it joins one of the others as clusters, and only its own questions are asked,
against those of its other half. BIRD's databases, with which nobody designed, join them by halves.
"""

import csv
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SEED, SAMPLE, FOLDS = 2026, 200, 5
HELD_OUT, ALL_DATA, EVERY = "Spider, held out", "Spider and BIRD, held out", "All databases, a fifth left out at a time"


@dataclass(frozen=True)
class Part:
    """Clusters of a context, those of them whose questions are asked, and databases left out whose questions are.

    Parts of one `pool` are halves of what is wanted; `others` are strangers that are reported by themselves.
    """

    title: str
    covered: Sequence[str]
    asked: Sequence[str]
    strangers: Sequence[str]
    others: Sequence[str] = ()
    pool: str = ""


def parts_of_spider(names: Sequence[str], bird: Sequence[str]) -> tuple[Part, ...]:
    """The two parts to design with, and the two that are held out."""
    drawn = sorted(names)
    random.Random(SEED).shuffle(drawn)
    aside, rest = sorted(drawn[: len(drawn) // 3]), sorted(drawn[len(drawn) // 3 :])
    (one, other), (first, second) = (rest[::2], rest[1::2]), (aside[::2], aside[1::2])
    return (
        Part("Spider, designed with, one half", one, one, other, bird),
        Part("Spider, designed with, other half", other, other, one, bird),
        Part(f"{HELD_OUT}, one half", sorted([*one, *first]), first, second, bird, HELD_OUT),
        Part(f"{HELD_OUT}, other half", sorted([*other, *second]), second, first, bird, HELD_OUT),
    )


def parts_with_bird(spider: Sequence[Part], bird: Sequence[str]) -> Iterator[Part]:
    """BIRD's databases by halves: alone, and in the contexts of Spider's held out ones as clusters and strangers."""
    if bird:
        halves = sorted(bird)[::2], sorted(bird)[1::2]
        yield Part("BIRD, one half", halves[0], halves[0], halves[1])
        yield Part("BIRD, other half", halves[1], halves[1], halves[0])
        held_out = [part for part in spider if part.pool]
        for part, own, left_out, half in zip(held_out, halves, halves[::-1], ("one", "other"), strict=True):
            covered, asked = sorted([*part.covered, *own]), [*part.asked, *own]
            yield Part(f"{ALL_DATA}, {half} half", covered, asked, [*part.strangers, *left_out], pool=ALL_DATA)


def parts_by_fifths(names: Sequence[str]) -> Iterator[Part]:
    """All others are clusters and asked. So every database is a stranger once, those designed with, too."""
    drawn = sorted(names)
    random.Random(SEED).shuffle(drawn)
    for start in range(FOLDS):
        left_out = sorted(drawn[start::FOLDS])
        rest = sorted(set(names) - set(left_out))
        yield Part(f"{EVERY}, {start + 1}", rest, rest, left_out, pool=EVERY)


def elsewhere(data: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """Questions of other sources; none of their databases is a cluster."""
    ehrsql, defog = data / "ehrsql/mimic_iii_test.jsonl", data / "defog/idk.csv"
    if ehrsql.is_file():
        rows = [json.loads(line) for line in ehrsql.read_text().splitlines()]
        said = {row["question"] for row in rows if row["is_impossible"]}
        yield "ehrsql, not answerable", random.Random(1).sample(sorted(said), min(SAMPLE, len(said)))
    if defog.is_file():
        with defog.open() as opened:
            yield "defog, not answerable", sorted({row["question"] for row in csv.DictReader(opened)})
