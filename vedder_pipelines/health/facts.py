"""Gathers the facts of a cluster; it measures nothing itself. The only place of the signals' that fetches.

From the pipeline's memory what was found out, from the context what is published, from the state database how the
cluster is used. What cannot be had is `Unknown` with the reason, and never the end of a run.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from vedder_core.cluster import Cluster
from vedder_core.context.entry import TaughtPair
from vedder_core.context.index import ContextReader
from vedder_core.context.lance import words_of
from vedder_core.context.memory import Memory
from vedder_core.context.routing import Router
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.embedder import Embedder
from vedder_core.embedder.vectors import Vectors
from vedder_core.errors import ContextError, EmbedderError, VedderError
from vedder_core.evaluation import Evaluation
from vedder_core.overlap import overlap_of
from vedder_core.state.database import State
from vedder_core.state.evaluations import Evaluations
from vedder_core.state.usage import AskedTurn
from vedder_core.state.usage import Usage as AskedOf
from vedder_pipelines.drift.watching import drifted
from vedder_pipelines.health.asked import Asked, Usage, each_once
from vedder_pipelines.health.recall import recall_cluster
from vedder_pipelines.health.signal import Facts, Unknown
from vedder_pipelines.health.taught import Taught
from vedder_pipelines.remembered import DRIFTS, EXPECTATIONS, PROFILES, REPAIRS, TAUGHT, VERDICTS

WINDOW = timedelta(days=90)
"""How far back questions, opinions and evaluations tell of today."""

MOST_TURNS = 5_000
MOST_EMBEDDED = 300
"""Questions without an answer that are grouped into topics: the newest."""


def facts_of(cluster: Cluster, memory: Memory, *, now: datetime, dialect: str) -> Facts:
    """What was last found out about a cluster. A dataset without a profile is one that the warehouse could not read."""
    names = [dataset.name for dataset in cluster.datasets]
    profiles = PROFILES.recall_in(memory, cluster.name, names)
    checked = EXPECTATIONS.recall_in(memory, cluster.name, profiles)
    slugs = [pair.slug for pair in cluster.pairs]
    judged = VERDICTS.recall_in(memory, cluster.name, slugs)
    misled = drifted(judged, DRIFTS.recall_in(memory, cluster.name, slugs))
    facts = Facts(
        cluster=cluster,
        now=now,
        profiles=profiles,
        missing=frozenset(names) - frozenset(profiles),
        checked={name: result.checked for name, result in checked.items()},
        judged=judged,
        drifts={slug: one.drifts for slug, one in misled.items()},
        repairs=REPAIRS.recall_in(memory, cluster.name, slugs),
    )
    before = TAUGHT.recall(memory, [cluster.name]).get(cluster.name, Taught())
    return replace(
        facts,
        taught=before.and_now(cluster, facts.valid_pairs(), now, dialect=dialect),
        not_vetted=frozenset(before.not_vetted(cluster.pairs, dialect=dialect)),
    )


def with_context(facts: Facts, reader: ContextReader, *, dialect: str) -> Facts:
    """With what the published context says: which pairs are recalled without themselves, what is shared with others."""
    name = facts.cluster.name
    try:
        snapshot = reader.snapshot()
        if name not in {card.name for card in snapshot.cluster_cards()}:
            return facts
        recalled = recall_cluster(snapshot, name, dialect=dialect)
        overlap = overlap_of(facts.cluster, _own_vectors(snapshot, name), snapshot, dialect=dialect)
    except VedderError as error:
        return replace(facts, recalled=Unknown(error.message), overlap=Unknown(error.message))
    return replace(facts, recalled=recalled, overlap=overlap)


def _own_vectors(snapshot: Snapshot, cluster: str) -> Mapping[str, Vectors]:
    held = snapshot.slice
    carried = ((place, held.entries[place].carried()) for place in held.among(("pair",), (cluster,)).tolist())
    return {one.pair.slug: held.vectors[place] for place, one in carried if isinstance(one, TaughtPair)}


def with_usage(facts: Facts, state: State, reader: ContextReader, embedder: Embedder) -> Facts:
    """With what people asked, what they thought of it, and the newest evaluation. Raises StateError."""
    name, since = facts.cluster.name, facts.now - WINDOW
    turns = AskedOf(state).of_cluster(name, since=since, limit=MOST_TURNS)
    facts = replace(facts, evaluation=_evaluation(state, name, since))
    try:
        return replace(facts, usage=_usage(turns, name, reader.snapshot(), embedder, since))
    except (ContextError, EmbedderError) as error:
        return replace(facts, usage=Unknown(error.message))


def _usage(
    turns: tuple[AskedTurn, ...], cluster: str, snapshot: Snapshot, embedder: Embedder, since: datetime
) -> Usage:
    """A question without an answer came near several clusters: it is taken for the likeliest one's."""
    asked = each_once(turns)
    known = [one for one in asked if one.last.kind == "answer"]
    unanswered = [one for one in asked if one.last.kind != "answer"][:MOST_EMBEDDED]
    open_ = [one for one in asked if not one.answered_then][:MOST_EMBEDDED]
    wanted = list({one.last.turn: one for one in (*unanswered, *open_)}.values())
    if not wanted:
        return Usage(tuple(known), since)
    embedded = embedder.embed([one.last.question for one in wanted])
    vectors = {one.last.turn: vector for one, vector in zip(wanted, embedded, strict=True)}
    held, router = snapshot.slice, snapshot.router
    usual = float(np.mean([router.usual(held.cosines(vector)) for vector in embedded]))
    own = [one for one in unanswered if _likeliest(one, vectors[one.last.turn], snapshot, router) == cluster]
    return Usage((*known, *own), since, vectors, usual)


def _likeliest(one: Asked, vector: Vectors, snapshot: Snapshot, router: Router) -> str:
    shares = router.shares(words_of(one.last.question), snapshot.slice.cosines(vector))
    return router.names[int(shares.argmax())]


def _evaluation(state: State, cluster: str, since: datetime) -> Evaluation | Unknown:
    """The newest one that asked this cluster's pairs several times, with its trials of them alone."""
    for one in Evaluations(state).newest():
        its = tuple(trial for trial in one.trials if trial.golden.startswith(f"{cluster}/"))
        if its and one.variant == "context" and one.rounds > 1 and one.at >= since:
            return replace(one, trials=its)
    return Unknown(f"No pair of `{cluster}` was asked in several rounds lately: `vedder eval --rounds 3` does.")
