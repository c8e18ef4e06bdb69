"""The one door for questions: from a question to an outcome, by whatever surface it came.

Without a chat model only vetted pairs answer. Everything that one question needs is read from one version of the
context. Deliberately not here: whether the words match (`agent.fast_path`), and how an outcome looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter

from vedder_api.agent.decline import NOTHING_NEAR, Unmatched
from vedder_api.agent.evidence import sources
from vedder_api.agent.fast_path import Filled, match
from vedder_api.agent.taught import candidate_of, cards_of, granted, typed
from vedder_api.agent.wording import MOST_CHARACTERS
from vedder_api.cells import rows_of
from vedder_api.telling import told
from vedder_core.answer import Answer, NearCluster, NearPair, NotCovered, Outcome, Receipt
from vedder_core.cluster import Owner
from vedder_core.context.entry import Entry
from vedder_core.context.index import ContextReader
from vedder_core.context.search import Hit, Routed, Search
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.embedder import Embedder
from vedder_core.sql.guard import GuardedQuery, guard
from vedder_core.warehouse.warehouse import Limits, Warehouse

CLUSTERS = 3
PAIRS = 20
PAIRS_ANYWHERE = 10
"""Looked for in all clusters, so that a question that routes badly still meets its pair, and its rival."""

PAIRS_NAMED = 3
DOCS = 10


@dataclass(frozen=True)
class Asker:
    """Answers questions from one context and one warehouse. Safe to use from many threads."""

    reader: ContextReader
    embedder: Embedder
    warehouse: Warehouse
    limits: Limits

    def ask(self, question: str) -> Outcome:
        """An answer by a vetted pair, or why there is none and who may know.

        Raises ContextError, EmbedderError, QueryRefused, QueryTimeout or QueryFailed.
        """
        return _Turn(self, question.strip(), self.reader.snapshot()).outcome()


@dataclass
class _Turn:
    """One question against one version of the context."""

    asker: Asker
    question: str
    snapshot: Snapshot
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=perf_counter)
    milliseconds: dict[str, float] = field(default_factory=dict)

    def outcome(self) -> Outcome:
        search = Search(self.snapshot, self.asker.embedder)
        near = self._near_clusters(search)
        hits = self._near_pairs(search, [routed.card.name for routed in near])
        self._spent("search")
        candidates = [candidate for hit in hits if (candidate := candidate_of(hit.entry)) is not None]
        found = match(self.question, candidates)
        self._spent("match")
        if isinstance(found, Unmatched):
            return self._not_covered(found, near, hits)
        entry = next(hit.entry for hit in hits if hit.entry.id == found.candidate.entry)
        return self._answer(found, entry, search)

    @property
    def searched(self) -> str:
        """What is searched for: a question that is too long to be matched is not worth embedding in whole."""
        return self.question[:MOST_CHARACTERS]

    def _near_clusters(self, search: Search) -> tuple[Routed, ...]:
        routed = search.route(self.searched)[:CLUSTERS] if self.question else ()
        return routed or tuple(Routed(card, 0.0) for card in self.snapshot.cluster_cards()[:CLUSTERS])

    def _near_pairs(self, search: Search, clusters: Sequence[str]) -> tuple[Hit, ...]:
        """Pairs of the near clusters, and the nearest of all clusters, each once."""
        if not self.question:
            return ()
        inside = search.find(self.searched, clusters=clusters, kinds=("pair",), limit=PAIRS)
        anywhere = search.find(self.searched, kinds=("pair",), limit=PAIRS_ANYWHERE)
        return tuple({hit.entry.id: hit for hit in (*inside, *anywhere)}.values())

    def _answer(self, found: Filled, entry: Entry, search: Search) -> Answer:
        taught = found.candidate.taught
        pair = taught.pair
        beside = self.snapshot.entries(kinds=("dataset", "doc"), clusters=(entry.cluster,))
        cards = cards_of(beside)
        warehouse = self.asker.warehouse
        values = typed(taught, found.values, cards)
        query = guard(pair.sql, granted(cards), dialect=warehouse.dialect, parameters=values)
        self._spent("guard")
        result = warehouse.run(query, self.asker.limits)
        self._spent("query")
        columns, rows = tuple(result.table.column_names), rows_of(result.table)
        defaults = [(name, str(found.values[name])) for name in found.defaulted]
        docs = search.find(f"{self.searched} {pair.teaches}", clusters=(entry.cluster,), kinds=("doc",), limit=DOCS)
        rests_on = sources(entry, taught, beside=beside, near={hit.entry.id: hit.score for hit in docs})
        self._spent("sources")
        return Answer(
            question=self.question,
            text=told(columns, rows, truncated=result.truncated, defaults=defaults),
            trust="verified",
            cluster=entry.cluster,
            owner=self._owner(entry.cluster),
            vetted_by=pair.vetted_by,
            vetted_on=pair.vetted_on,
            sql=pair.sql,
            columns=columns,
            rows=rows,
            truncated=result.truncated,
            sources=rests_on,
            receipt=self._receipt(pair.sql, query),
        )

    def _receipt(self, asked: str, query: GuardedQuery) -> Receipt:
        return Receipt(
            context_version=self.snapshot.version,
            embedder=self.snapshot.embedder,
            sql_asked=asked,
            sql_run=query.sql,
            parameters={name: str(value) for name, value in query.parameters.items()},
            asked_at=self.asked_at,
            milliseconds=self.milliseconds,
        )

    def _owner(self, cluster: str) -> Owner:
        return next(card.owner for card in self.snapshot.cluster_cards() if card.name == cluster)

    def _not_covered(self, why: Unmatched, near: Sequence[Routed], hits: Sequence[Hit]) -> NotCovered:
        clusters = tuple(NearCluster(r.card.name, r.card.title, r.card.owner, r.score) for r in near)
        strange = (why.words or why.reason == NOTHING_NEAR) and not any(hit.bm25 for hit in hits)
        reason = "No vetted question of any cluster has any of its words." if strange else why.reason
        pairs = (hit.entry for hit in sorted(hits, key=lambda hit: -hit.score)[:PAIRS_NAMED])
        return NotCovered(
            question=self.question,
            reason=reason,
            clusters=clusters,
            pairs=tuple(NearPair(e.cluster, e.id.rpartition("/")[2], e.title) for e in pairs),
            context_version=self.snapshot.version,
        )

    def _spent(self, on: str) -> None:
        """Book the time since the last booking."""
        now = perf_counter()
        self.milliseconds[on] = round((now - self.began) * 1000, 2)
        self.began = now
