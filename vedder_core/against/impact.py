"""What a change of the warehouse does to the pairs of all clusters, before it is made.

Only pairs that touch something that differs are judged, by an engine's own binder where there is one. A pair that does
not bind today either is told apart, and what cannot be judged is said, never guessed.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from sqlglot import exp

from vedder_core.against.certainty import why_columns_unsure, why_not_made
from vedder_core.against.naming import called_now, changes_of, named_now
from vedder_core.against.proposal import BY_KEY, Proposal
from vedder_core.against.told import Impact, PairOf, Unjudged, breaks_of, pair_of
from vedder_core.against.touch import Touch
from vedder_core.cluster import Cluster, Pair
from vedder_core.cluster_check import check_against
from vedder_core.cluster_files import Loaded
from vedder_core.errors import QueryTimeout
from vedder_core.judging import Binder, Ground, Touched, granted_to, judge_pair, touched_by
from vedder_core.problem import Problem
from vedder_core.schema import Catalog
from vedder_core.schema_change import ColumnRetyped, SchemaChange
from vedder_core.shadow import Shadow, open_shadow
from vedder_core.sql.below import below
from vedder_core.untold import Untold, untold_by, with_untold
from vedder_core.verdict import Broken
from vedder_core.warehouse.warehouse import Unbound

KEYS = "It may group by a primary key, and whether that key is there then is not known."


@dataclass(frozen=True)
class Change:
    """A change to be judged. `now` binds in the warehouse as it is, where that can be reached; `scratch` is the URL of
    a database in which the shadow may be made.
    """

    proposal: Proposal
    before: Catalog | None
    now: Binder | None = None
    scratch: str | None = None


def impact_of(loaded: Loaded, change: Change) -> Impact:
    """Judge every pair that the change touches."""
    with ExitStack() as stack:
        return _Judging(loaded, change, stack).impact()


@dataclass(frozen=True, slots=True)
class _Today:
    """Views and pairs that do not bind before the change either."""

    views: frozenset[str] = frozenset()
    pairs: frozenset[PairOf] = frozenset()


@dataclass
class _Judging:
    loaded: Loaded
    change: Change
    stack: ExitStack
    already: list[PairOf] = field(default_factory=list)

    def impact(self) -> Impact:
        verdicts = [(pair, self._judged(*found)) for pair, found in self.touched.items()]
        breaks = tuple(breaks_of(pair, v, self.loaded) for pair, v in verdicts if isinstance(v, Broken))
        return Impact(
            judge=self.shadow.judge,
            changes=self.changes,
            pairs=sum(len(cluster.pairs) for cluster in self.loaded.clusters),
            touched=len(self.touched),
            breaks=breaks,
            unjudged=tuple(Unjudged(pair, v) for pair, v in verdicts if isinstance(v, str)),
            already=tuple(self.already),
            problems=tuple(self._problems({one.pair.file for one in breaks})),
            notes=self.change.proposal.notes,
        )

    @cached_property
    def touch(self) -> Touch:
        return Touch(self.change.before, self.change.proposal)

    @cached_property
    def touched(self) -> dict[PairOf, tuple[Cluster, Pair, Touched]]:
        """The pairs that something is judged of, with what they rest on today, or else after the change."""
        side = self.change.before or self.change.proposal.after
        found = {}
        for cluster in self.loaded.clusters:
            for pair in cluster.pairs:
                rests = touched_by(pair, side)
                if self.touch.touches(rests.datasets):
                    found[pair_of(cluster, pair)] = (cluster, pair, rests)
        return found

    @cached_property
    def shadow(self) -> Shadow:
        """What the warehouse would be, as far as the touched pairs and the clusters' own datasets need it."""
        if self.change.scratch is not None:
            _ = self.today  # first: the two shadows have the same names in one database
        return self.stack.enter_context(self._open(self.change.proposal.after))

    @cached_property
    def today(self) -> "_Today":
        """What does not bind as it is, found in a shadow; pairs only where the warehouse itself is not asked."""
        before = self.change.before
        if before is None:
            return _Today()
        with self._open(before) as shadow:
            pairs = self.touched.items() if self.change.now is None else ()
            broken = (pair for pair, found in pairs if self._is_broken(*found, before, shadow))
            return _Today(frozenset(shadow.failed), frozenset(broken))

    def _open(self, side: Catalog) -> Shadow:
        names = {name for _, _, rests in self.touched.values() for name in rests.datasets}
        names |= {d.name for c in self.loaded.clusters for d in c.datasets if self.touch.touches([d.name])}
        tables = self.touch.needed(sorted(names), side)
        views = [name for name, table in tables.items() if table.kind == "view"]
        called = sorted(below(views, side).routines & side.routines.keys())
        return open_shadow(
            list(tables.values()),
            side.dialect,
            routines=[side.routines[name] for name in called],
            types=self.change.proposal.types,
            scratch=self.change.scratch,
        )

    @cached_property
    def after(self) -> Catalog:
        """The catalog after the change, where a shadow was made with its columns and types as its engine has them."""
        proposed = self.change.proposal.after
        listed = self.shadow.catalog().tables
        tables = {name: table for name, table in proposed.tables.items() if name not in self.shadow.failed}
        kinds = {name: proposed.tables[name] for name in listed if name in proposed.tables}
        made = {name: replace(listed[name], kind=was.kind, definition=was.definition) for name, was in kinds.items()}
        if self.shadow.judge == "names":
            made = {name: table for name, table in made.items() if not proposed.tables[name].columns}
        return replace(proposed, tables={**tables, **made})

    @cached_property
    def changes(self) -> tuple[SchemaChange, ...]:
        return changes_of(self.change.before, self.after, self.change.proposal)

    def _judged(self, cluster: Cluster, pair: Pair, rests: Touched) -> Broken | str | None:
        """Broken by the change, or why that is not known, or None: it holds, or does not run today either."""
        failed = self._failed_below(rests)
        if failed is not None:
            broken = self._through(pair, cluster, *failed)
            return self._named(cluster, broken) if isinstance(broken, Broken) else broken
        found = touched_by(pair, self.after)
        unknown = [name for name in found.datasets if self.after.find(name) is None and self._unheard(name)]
        if unknown:
            return f"Nothing is known of `{unknown[0]}`: neither the source nor the warehouse tells of it."
        try:
            verdict = judge_pair(pair, found, self._ground(cluster, self.after), self.shadow, had=rests.columns)
        except QueryTimeout as slow:
            return slow.message
        if not isinstance(verdict, Broken):
            return self._doubt(found)
        doubt = self._unsure(verdict, found)
        if doubt is not None:
            return doubt
        return None if self._broken_today(cluster, pair, rests) else self._named(cluster, verdict)

    def _unheard(self, name: str) -> bool:
        before = self.change.before
        told = {told.casefold() for told in self.change.proposal.told}
        return (
            not self.change.proposal.whole
            and name.casefold() not in told
            and (before is None or before.find(name) is None)
        )

    def _failed_below(self, rests: Touched) -> tuple[str, Unbound] | None:
        """A view that the pair reads and that does not bind after the change."""
        for name in rests.datasets:
            table = self.change.proposal.after.find(name)
            if table is not None and table.name in self.shadow.failed:
                return table.name, self.shadow.failed[table.name]
        return None

    def _through(self, pair: Pair, cluster: Cluster, view: str, unbound: Unbound) -> Broken | str | None:
        known = self.change.before is not None
        if self._lacks_keys(unbound.reason):
            return f"`{view}` cannot be made here: {KEYS}"
        if (why := why_not_made(view, self.change.proposal, self.change.before)) is not None:
            return why
        if view in self.today.views if known else unbound.missing is None:
            return f"`{view}` cannot be made here: {unbound.reason}"
        if self._broken_today(cluster, pair, touched_by(pair, self.change.before or self.after)):
            return None
        told = Broken(f"The view `{view}`, which it reads, would not bind: {unbound.reason}")
        return replace(told, missing_column=unbound.missing) if unbound.missing_kind == "column" else told

    def _doubt(self, found: Touched) -> str | None:
        """Why a pair that binds may break all the same."""
        loose = sorted(self.shadow.untyped & set(found.columns))
        if loose:
            return f"The type of `{loose[0]}` is not known: it was judged by its name only."
        if self.shadow.judge == "names":
            if found.query.find(exp.Group) is not None and any(map(self._has_another_key, found.datasets)):
                return KEYS
            retyped = [c for c in self.changes if isinstance(c, ColumnRetyped)]
            used = [c for c in retyped if f"{c.table}.{c.column}" in found.columns]
            if used:
                kind = used[0].now or "another type"
                return f"`{used[0].table}.{used[0].column}` becomes {kind}: only an engine can tell if that fits."
        return None

    def _has_another_key(self, name: str) -> bool:
        was, now = self.change.before.find(name) if self.change.before is not None else None, self.after.find(name)
        return was is not None and now is not None and set(was.key) - set(now.key) != set()

    def _unsure(self, verdict: Broken, found: Touched) -> str | None:
        """Why a pair that does not bind may hold all the same."""
        if self._lacks_keys(verdict.reason):
            return KEYS
        if verdict.missing_table is not None:
            return None
        place = (verdict.missing_column or "").rpartition(".")[0]
        whys = (why_columns_unsure(name, self.change.proposal) for name in ([place] if place else found.datasets))
        if (why := next((why for why in whys if why is not None), None)) is not None:
            return why
        if verdict.missing_column is not None:
            return None
        loose = sorted(self.shadow.untyped & set(found.columns))
        return f"The type of `{loose[0]}` is not known: {verdict.reason}" if loose else None

    def _broken_today(self, cluster: Cluster, pair: Pair, rests: Touched) -> bool:
        before, now = self.change.before, self.change.now
        if before is not None and now is not None:
            broken = self._is_broken(cluster, pair, rests, before, now)
        else:
            broken = pair_of(cluster, pair) in self.today.pairs
        if broken:
            self.already.append(pair_of(cluster, pair))
        return broken

    def _is_broken(self, cluster: Cluster, pair: Pair, rests: Touched, side: Catalog, binder: Binder) -> bool:
        try:
            verdict = judge_pair(pair, rests, self._ground(cluster, side), binder)
        except QueryTimeout:
            return False
        return isinstance(verdict, Broken) and (binder is self.change.now or not self._lacks_keys(verdict.reason))

    def _lacks_keys(self, reason: str) -> bool:
        """May it be for want of a key that is there? dbt's files tell of none."""
        unknown = self.change.proposal.kind == "dbt" or bool(self.change.proposal.loosened)
        return unknown and self.change.proposal.after.dialect in BY_KEY and "neither in GROUP BY" in reason

    def _ground(self, cluster: Cluster, side: Catalog) -> Ground:
        return Ground(side, granted_to(with_untold(cluster, self.untold), side))

    @cached_property
    def untold(self) -> dict[str, Untold]:
        return untold_by(self.loaded.clusters)

    def _named(self, cluster: Cluster, verdict: Broken) -> Broken:
        """With the new name that the changes give; one that was there before is no new name of anything."""
        if self._was_there(verdict):
            verdict = replace(verdict, probably=None)
        return named_now(verdict, self.changes, _hidden(cluster))

    def _was_there(self, verdict: Broken) -> bool:
        before, near = self.change.before, verdict.probably
        if before is None or near is None:
            return False
        table = before.find((verdict.missing_column or "").rpartition(".")[0])
        return before.find(near) is not None or (table is not None and table.column(near) is not None)

    def _problems(self, told: set[str]) -> Iterator[Problem]:
        """What is wrong in cluster files after the change alone, and is not told of a pair already."""
        today = set(check_against(self.loaded, self.change.before)) if self.change.before is not None else set()
        datasets = {dataset.name for cluster in self.loaded.clusters for dataset in cluster.datasets}
        asked = datasets if self.change.proposal.unsure else ()
        loose = (name for name in asked if why_columns_unsure(name, self.change.proposal) is not None)
        unsure = tuple(f"`{name}` has no column" for name in loose)
        hidden = frozenset(name for cluster in self.loaded.clusters for name in _hidden(cluster))
        named = partial(called_now, changes=self.changes, hidden=hidden)
        for problem in check_against(self.loaded, self.after, named):
            dataset = problem.key.removeprefix("datasets[").partition("]")[0]
            gone = problem.key.endswith("].name") and (self._unheard(dataset) or dataset in self.shadow.failed)
            new = problem not in today and problem.file not in told
            if new and not gone and not problem.message.startswith(unsure):
                yield problem


def _hidden(cluster: Cluster) -> frozenset[str]:
    return frozenset(f"{d.name}.{column}".casefold() for d in cluster.datasets for column in d.hidden_columns())
