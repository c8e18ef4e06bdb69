"""Which pairs of a cluster still bind and now mislead? Each is compared with what was true when it was vetted.

Plain code without Dagster. A look costs queries, so a pair is looked at only when the data or the schema of a dataset
that it touches changed since the last look, and all pairs that are looked at share the statements on a dataset. What
could not be measured is said, judges nobody, and is looked at again.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlglot.errors import SqlglotError

from vedder_core.cluster import Cluster, Pair
from vedder_core.errors import QueryFailed, QueryRefused, VedderError
from vedder_core.judging import granted_to
from vedder_core.profile import Profile
from vedder_core.schema import Catalog
from vedder_core.sql.parse import PARSER_FAULTS
from vedder_core.verdict import Drift, Drifted, Valid
from vedder_core.warehouse.warehouse import Warehouse
from vedder_pipelines.drift.baseline import Baseline, Facts, Filled
from vedder_pipelines.drift.detectors.all import DETECTORS
from vedder_pipelines.drift.detectors.detector import Seen
from vedder_pipelines.drift.measures import Measures
from vedder_pipelines.drift.running import LIMITS, example_values, try_pair
from vedder_pipelines.drift.support import support_of
from vedder_pipelines.drift.telling import Telling
from vedder_pipelines.drift.uses import Uses, uses_of
from vedder_pipelines.validation import Judged, VerdictReport

RULES = "3"
"""Changed whenever a detector changes, so that pairs are looked at again under the new ones."""


@dataclass(frozen=True)
class Looked:
    """The last look at a pair: what was found, and on which ground; "" where it could not be looked at whole."""

    ground: str
    drifts: tuple[Drift, ...] = ()
    looked_at: datetime | None = None


@dataclass(frozen=True)
class Watched:
    """What is remembered of a pair: what was true when it was vetted, and what the last look found."""

    baseline: Baseline
    looked: Looked


@dataclass(frozen=True)
class DriftReport:
    """What became of each pair that binds, by slug. `baselines` were taken now, `looked` were compared now, and `stood`
    keep their last findings; `not_watched` says why of pairs that were not looked at whole.
    """

    watched: Mapping[str, Watched]
    drifted: Mapping[str, Drifted]
    baselines: tuple[str, ...]
    looked: tuple[str, ...]
    stood: tuple[str, ...]
    not_watched: Mapping[str, str]
    queries: int


@dataclass(frozen=True)
class _Due:
    """A pair to be looked at now. Without `baseline` the look becomes it."""

    pair: Pair
    judged: Judged
    ground: str
    uses: Uses
    baseline: Baseline | None
    last: Watched | None
    parameters: Mapping[str, Filled] | None


def watch_cluster(
    cluster: Cluster,
    catalog: Catalog,
    warehouse: Warehouse,
    report: VerdictReport,
    profiles: Mapping[str, Profile],
    remembered: Mapping[str, Watched],
) -> DriftReport:
    """Compare every pair that binds with its baseline, as far as something that it touches changed since."""
    watcher = _Watcher(cluster, catalog, warehouse, profiles)
    return watcher.watch(report.judged, remembered)


def kept_of_broken(
    cluster: Cluster,
    catalog: Catalog,
    profiles: Mapping[str, Profile],
    judged: Mapping[str, Judged],
    remembered: Mapping[str, Watched],
) -> Mapping[str, Watched]:
    """What is remembered of pairs that bind no more, where it holds what may not be told any more: without that."""
    telling, found = Telling(cluster, catalog, profiles), {}
    for pair in cluster.pairs:
        one, broken = remembered.get(pair.slug), pair.slug in judged and judged[pair.slug].verdict.kind == "broken"
        if one is None or not broken:
            continue
        facts, drifts = telling.facts(one.baseline.facts, pair, None), tuple(map(telling.drift, one.looked.drifts))
        if (facts, drifts) != (one.baseline.facts, one.looked.drifts):
            kept = replace(one.baseline, facts=facts)
            found[pair.slug] = Watched(kept, replace(one.looked, ground="", drifts=drifts))
    return found


def drifted(judged: Mapping[str, Judged], looks: Mapping[str, Looked]) -> dict[str, Drifted]:
    """The pairs that bind and now mislead, by what was found at the last looks."""
    return {
        slug: Drifted(one.verdict.columns, looks[slug].drifts)
        for slug, one in judged.items()
        if isinstance(one.verdict, Valid) and slug in looks and looks[slug].drifts
    }


class _Watcher:
    """One look at one cluster."""

    def __init__(
        self, cluster: Cluster, catalog: Catalog, warehouse: Warehouse, profiles: Mapping[str, Profile]
    ) -> None:
        self._cluster, self._catalog, self._warehouse, self._profiles = cluster, catalog, warehouse, profiles
        self._granted = granted_to(cluster, catalog)
        self._telling = Telling(cluster, catalog, profiles)
        self._measures = Measures(cluster, catalog, self._granted, warehouse, profiles, self._telling)
        self._versions = self._versions_of(cluster)
        self._not_watched: dict[str, str] = {}
        self._runs = 0

    def _versions_of(self, cluster: Cluster) -> dict[str, str]:
        """The mark of each dataset's data: of its profile, which is as new, or else asked for."""
        known = {name: profile.data_version for name, profile in self._profiles.items() if profile.data_version}
        tables = self._catalog.only(dataset.name for dataset in cluster.datasets).tables
        others = [table for name, table in tables.items() if name not in known]
        return {**known, **(self._warehouse.data_versions(others) if others else {})}

    def watch(self, judged: Mapping[str, Judged], remembered: Mapping[str, Watched]) -> DriftReport:
        watched: dict[str, Watched] = {}
        due: list[_Due] = []
        for pair in self._cluster.pairs:
            one = judged.get(pair.slug)
            if one is None or not isinstance(one.verdict, Valid):
                continue
            last, ground = remembered.get(pair.slug), self._ground(one)
            baseline = last.baseline if last is not None and _is_of(last.baseline, pair, one) else None
            if baseline is not None and last is not None and last.looked.ground == ground:
                watched[pair.slug] = last
                continue
            due += self._due(pair, one, ground, baseline, last)
        stood = tuple(watched)
        for each in due:
            self._measures.want(each.uses, each.baseline.facts if each.baseline is not None else None)
        self._measures.measure()
        for each in due:
            watched[each.pair.slug] = self._look(each)
        found = drifted(judged, {slug: one.looked for slug, one in watched.items()})
        return DriftReport(
            watched=watched,
            drifted=found,
            baselines=tuple(each.pair.slug for each in due if each.baseline is None),
            looked=tuple(each.pair.slug for each in due),
            stood=stood,
            not_watched=self._not_watched,
            queries=self._measures.queries + self._runs,
        )

    def _ground(self, judged: Judged) -> str:
        """All that a look rests on: schema, data, what is deprecated, what may be told, and the rules."""
        digest = hashlib.sha256(f"{RULES} {self._cluster.watch.run_pairs} {judged.schema_hash}".encode())
        for name in judged.datasets:
            said, told = self._telling.deprecation(name), self._telling.mark(name)
            digest.update(f"\n{name}={self._versions.get(name)} {said} {told}".encode())
        return digest.hexdigest()

    def _due(
        self, pair: Pair, judged: Judged, ground: str, baseline: Baseline | None, last: Watched | None
    ) -> Iterator[_Due]:
        try:
            uses = self._telling.uses(uses_of(pair, judged.datasets, self._catalog))
        except (SqlglotError, VedderError, RecursionError, *PARSER_FAULTS):
            uses = Uses(judged.datasets)
        if uses.query is None:
            self._not_watched[pair.slug] = "Its SQL cannot be followed, so only its result is watched."
        if baseline is not None:
            baseline = replace(baseline, facts=self._telling.facts(baseline.facts, pair, uses))
        before = baseline.facts.result if baseline is not None else None
        parameters = before.parameters if before is not None else example_values(pair, self._profiles)
        yield _Due(pair, judged, ground, uses, baseline, last, parameters)

    def _look(self, due: _Due) -> Watched:
        now = datetime.now(UTC)
        like = due.baseline.facts if due.baseline is not None else None
        facts, complete = self._with_result(due, self._measures.facts(due.uses, like))
        baseline = due.baseline
        if baseline is None:
            kept = self._telling.facts(facts if due.last is not None else _not_deprecated(facts), due.pair, due.uses)
            baseline = Baseline(due.judged.pair_hash, due.pair.vetted_on, now, kept)
        elif vanished := [c.column for c in due.uses.conditions if _has_vanished(baseline.facts, facts, c.key)]:
            facts = replace(facts, common=self._measures.common(vanished))
        found = find_drifts(Seen(due.uses, baseline.facts, facts))
        untold = [name for name in due.uses.datasets if name in self._measures.untold]
        if untold:
            self._not_watched[due.pair.slug] = f"`{untold[0]}` cannot be measured: {self._measures.untold[untold[0]]}"
        if complete and not untold:
            return Watched(baseline, Looked(due.ground, found, now))
        return Watched(baseline, Looked("", tuple(map(self._telling.drift, _with_last(found, due))), now))

    def _with_result(self, due: _Due, facts: Facts) -> tuple[Facts, bool]:
        """The facts with the pair's own result; and whether all could be found out that was wanted."""
        if not self._cluster.watch.run_pairs:
            self._not_watched[due.pair.slug] = "Its cluster wants no pairs to be run, so its result is not watched."
            return facts, True
        if due.parameters is None:
            self._not_watched[due.pair.slug] = "There is no value for one of its parameters, so it is not run."
            return facts, True
        versions = {name: self._versions.get(name, "") for name in due.judged.datasets}
        self._runs += 1
        try:
            result = try_pair(
                due.pair,
                self._granted,
                self._warehouse,
                LIMITS,
                parameters=due.parameters,
                versions=versions,
                secret=self._telling.is_secret(due.uses),
            )
        except (QueryFailed, QueryRefused):
            return replace(facts, failed="refuses to run it"), True
        except VedderError as error:
            self._not_watched[due.pair.slug] = f"It cannot be run: {error.message}"
            return facts, False
        known = replace(facts, result=result)
        if due.baseline is not None and not result.hollow:
            return known, True
        # Asked when it is vetted, and once there is nothing in it any more.
        support = support_of(due.pair, self._granted, self._warehouse, parameters=due.parameters)
        self._runs += support.queries
        return replace(known, support=support.rows, met=support.met), True


def find_drifts(seen: Seen) -> tuple[Drift, ...]:
    """What all detectors find, in their order."""
    return tuple(drift for detector in DETECTORS for drift in detector.find(seen))


def _is_of(baseline: Baseline, pair: Pair, judged: Judged) -> bool:
    return baseline.pair_hash == judged.pair_hash and baseline.vetted_on == pair.vetted_on


def _not_deprecated(facts: Facts) -> Facts:
    """Nobody is known to have accepted what was deprecated before the first look."""
    return replace(facts, datasets={name: replace(one, deprecated="") for name, one in facts.datasets.items()})


def _has_vanished(was: Facts, now: Facts, key: str) -> bool:
    return was.held.get(key, 0) > 0 and now.held.get(key) == 0


def _with_last(found: tuple[Drift, ...], due: _Due) -> tuple[Drift, ...]:
    """What was found before stays found until it is looked at again."""
    if due.baseline is None or due.last is None:
        return found
    known = {(one.detector, one.dataset, one.column) for one in found}
    return (*found, *(o for o in due.last.looked.drifts if (o.detector, o.dataset, o.column) not in known))
