"""Answering by a vetted pair's own SQL: which pairs are near, which of them the question is, and the answer it gives.

Deliberately not here: whether words match (`fast_path`), and everything that a chat model does.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import perf_counter

from vedder_api.agent.evidence import sources
from vedder_api.agent.loop import Stopped
from vedder_api.agent.taught import candidate_of, cards_of, typed
from vedder_api.agent.tools.tool import Desk, ToolResult
from vedder_api.cells import rows_of
from vedder_api.telling import told
from vedder_core.answer import Answer, AnsweringCluster, NearCluster, NearPair, Receipt
from vedder_core.context.entry import ClusterCard, DatasetCard, Entry
from vedder_core.context.search import Hit, Routed, Search
from vedder_core.context.snapshot import Snapshot
from vedder_core.errors import QueryFailed, QueryRefused, QueryTimeout
from vedder_core.matching.decline import NOTHING_NEAR, Unmatched
from vedder_core.matching.fast_path import Filled, match
from vedder_core.matching.wording import MOST_CHARACTERS
from vedder_core.sql.guard import GuardedQuery, guard
from vedder_core.warehouse.warehouse import Result

CLUSTERS = 3
PAIRS = 20
PAIRS_ANYWHERE = 10
"""Looked for in all clusters, so that a question that routes badly still meets its pair, and its rival."""

PAIRS_NAMED = 3
DOCS = 10

log = logging.getLogger(__name__)


@dataclass
class Clock:
    """What each part of a turn took, in milliseconds."""

    milliseconds: dict[str, float] = field(default_factory=dict)
    began: float = field(default_factory=perf_counter)

    def spent(self, on: str) -> None:
        """Book the time since the last booking."""
        now = perf_counter()
        self.milliseconds[on] = round(self.milliseconds.get(on, 0.0) + (now - self.began) * 1000, 2)
        self.began = now


@dataclass(frozen=True)
class Near:
    """What lies near a question: clusters, and pairs of those and of all clusters."""

    routed: tuple[Routed, ...]
    hits: tuple[Hit, ...]

    def clusters(self) -> tuple[NearCluster, ...]:
        return tuple(NearCluster(r.card.name, r.card.title, r.card.owner, r.score) for r in self.routed)

    def led_by(self, card: ClusterCard) -> "Near":
        """The same with this cluster first: its owners know more than whoever else is near."""
        others = tuple(r for r in self.routed if r.card.name != card.name)
        first = next((r for r in self.routed if r.card.name == card.name), Routed(card, 0.0))
        return replace(self, routed=(first, *others)[:CLUSTERS])

    def pairs(self) -> tuple[NearPair, ...]:
        entries = (hit.entry for hit in sorted(self.hits, key=lambda hit: -hit.score)[:PAIRS_NAMED])
        return tuple(NearPair(e.cluster, e.id.rpartition("/")[2], e.title) for e in entries)

    def match(self, question: str, *, explain: bool = True) -> Filled | Unmatched:
        """The one vetted pair that the question asks for, or why there is none (where that is wanted)."""
        candidates = [c for hit in self.hits if (c := candidate_of(hit.entry)) is not None]
        found = match(question, candidates, explain=explain)
        if isinstance(found, Filled) or not explain:
            return found
        strange = (found.words or found.reason == NOTHING_NEAR) and not any(hit.bm25 for hit in self.hits)
        return Unmatched("No vetted question of any cluster has any of its words.", found.words) if strange else found

    def entry(self, found: Filled) -> Entry:
        """The pair's entry."""
        return next(hit.entry for hit in self.hits if hit.entry.id == found.candidate.entry)


def near(question: str, search: Search) -> Near:
    """What lies near; for an empty question only the first clusters, to have somebody to ask."""
    searched = question[:MOST_CHARACTERS]  # a longer one cannot be matched and is not worth embedding in whole
    if not searched:
        return Near(tuple(Routed(card, 0.0) for card in search.snapshot.cluster_cards()[:CLUSTERS]), ())
    routed = search.route(searched)[:CLUSTERS]
    inside = search.find(searched, clusters=[r.card.name for r in routed], kinds=("pair",), limit=PAIRS)
    anywhere = search.find(searched, kinds=("pair",), limit=PAIRS_ANYWHERE)
    return Near(routed, tuple({hit.entry.id: hit for hit in (*inside, *anywhere)}.values()))


@dataclass(frozen=True)
class Asked:
    """The question as it came and as it is understood, when, and what it has taken so far."""

    question: str
    understood: str
    at: datetime
    clock: Clock


def vetted_answer(asked: Asked, found: Filled, entry: Entry, desk: Desk) -> Answer | Stopped:
    """Run a pair's own SQL with its blanks filled, and lay what it rests on on the desk; or why that came to nothing.

    Raises WarehouseError where the warehouse cannot be reached.
    """
    snapshot, taught, clock = desk.snapshot, found.candidate.taught, asked.clock
    pair, beside = taught.pair, snapshot.entries(kinds=("dataset", "doc"), clusters=(entry.cluster,))
    desk.opened.add(entry.cluster)
    try:
        query, result = _run(found, cards_of(beside), desk, clock)
    except (QueryRefused, QueryFailed, QueryTimeout) as error:
        log.warning("The vetted pair %s did not run: %s %s", entry.id, error.message, error.hint)
        return Stopped("time" if isinstance(error, QueryTimeout) else "query", _not_run(error, entry, desk))
    columns, rows = tuple(result.table.column_names), rows_of(result.table)
    defaults = [(name, str(found.values[name])) for name in found.defaulted]
    docs = desk.search.find(asked.understood[:MOST_CHARACTERS], clusters=(entry.cluster,), kinds=("doc",), limit=DOCS)
    rests_on = sources(entry, taught, beside=beside, near={hit.entry.id: hit.score for hit in docs})
    desk.lay(ToolResult("", shown=tuple(source.entry for source in rests_on)))
    clock.spent("sources")
    return Answer(
        question=asked.question,
        understood=asked.understood,
        text=told(columns, rows, truncated=result.truncated, defaults=defaults),
        trust="verified",
        trust_reason="A vetted pair's own SQL, with every word of the question accounted for.",
        clusters=answering(snapshot, (entry.cluster,)),
        vetted_by=pair.vetted_by,
        vetted_on=pair.vetted_on,
        sql=pair.sql,
        columns=columns,
        rows=rows,
        truncated=result.truncated,
        further=(),
        sources=rests_on,
        notices=(),
        receipt=_receipt(asked, snapshot, pair.sql, query),
    )


def _run(found: Filled, cards: Mapping[str, DatasetCard], desk: Desk, clock: Clock) -> tuple[GuardedQuery, Result]:
    taught, warehouse = found.candidate.taught, desk.warehouse
    values = typed(taught, found.values, cards)
    query = guard(taught.pair.sql, desk.granted(), dialect=warehouse.dialect, parameters=values)
    clock.spent("guard")
    result = warehouse.run(query, desk.limits, stop=desk.stop)
    clock.spent("query")
    return query, result


def _not_run(error: QueryRefused | QueryFailed | QueryTimeout, entry: Entry, desk: Desk) -> str:
    """Why, without the error's own words: they may name a column that is hidden."""
    match error:
        case QueryTimeout():
            why = f"its query was stopped after {desk.limits.seconds:g} seconds"
        case QueryRefused():
            why = "its SQL is refused"
        case _:
            why = "the warehouse could not run its query: it may read what is hidden or gone"
    (cluster,) = answering(desk.snapshot, (entry.cluster,))
    asks = f"Ask {cluster.owner.team} ({cluster.owner.contact})"
    return f"The vetted pair {entry.cluster}/{entry.id.rpartition('/')[2]} answers this, but {why}. {asks}."


def answering(snapshot: Snapshot, names: Iterable[str]) -> tuple[AnsweringCluster, ...]:
    """The clusters with these names, in the order of the names, each once."""
    cards: Mapping[str, ClusterCard] = {card.name: card for card in snapshot.cluster_cards()}
    return tuple(AnsweringCluster(n, cards[n].title, cards[n].owner) for n in dict.fromkeys(names) if n in cards)


def _receipt(asked: Asked, snapshot: Snapshot, written: str, query: GuardedQuery) -> Receipt:
    return Receipt(
        context_version=snapshot.version,
        embedder=snapshot.embedder,
        sql_asked=written,
        sql_run=query.sql,
        parameters={name: str(value) for name, value in query.parameters.items()},
        asked_at=asked.at,
        milliseconds=asked.clock.milliseconds,
    )
