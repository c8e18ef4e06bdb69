"""`vedder check --against`: what a change of the warehouse would break in the clusters before it is made, and whose.

Its JSON is made for programs that run before a merge: keys are added, never renamed (docs/context-ci.md).
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vedder_api.checking import opened_for_check
from vedder_core.against.impact import Change, impact_of
from vedder_core.against.proposal import Proposal, SourceKind
from vedder_core.against.source import read_source
from vedder_core.against.told import Breaks, Impact, PairOf, Unjudged, owners_of
from vedder_core.cluster_files import Loaded, load_clusters
from vedder_core.errors import SourceError
from vedder_core.problem import Problem
from vedder_core.schema import Catalog
from vedder_core.schema_change import SchemaChange
from vedder_core.settings import Settings
from vedder_core.shadow import Judge
from vedder_core.warehouse.warehouse import Warehouse, dialect_of

Outcome = Literal["breaks", "unjudged", "holds"]
EXIT_CODES: Mapping[Outcome, int] = {"holds": 0, "breaks": 1, "unjudged": 2}


@dataclass(frozen=True, slots=True)
class Against:
    """`source` says how the warehouse will be, and `before` how it is now: None asks the warehouse."""

    source: Path
    before: Path | None = None
    scratch: str | None = None
    whole: bool = False
    schemas: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """The outcome for people and programs. `compared_with` is `warehouse`, a file, or None: then all pairs were judged.

    `judge` is the engine that judged, or `names` where none did.
    """

    outcome: Outcome
    summary: str
    source: str
    kind: SourceKind
    compared_with: str | None
    judge: Judge
    clusters: int
    pairs: int
    touched: int
    owners: tuple[str, ...]
    breaks: tuple[Breaks, ...]
    unjudged: tuple[Unjudged, ...]
    already: tuple[PairOf, ...]
    problems: tuple[Problem, ...]
    changes: tuple[SchemaChange, ...]
    notes: tuple[str, ...]


def check_change(folder: Path, settings: Settings, against: Against, *, warehouse: bool | None = None) -> ChangeReport:
    """Judge every pair that the change touches. `warehouse` true insists on it, false leaves it out, None takes it
    where it can be opened; with a `before` it is not asked. Raises SourceError, SettingsError, WarehouseError.
    """
    with ExitStack() as stack:
        now, closed = opened_for_check(settings, wanted=False if against.before is not None else warehouse)
        if now is not None:
            stack.enter_context(now)
        before, dialect = _before(settings, against, now)
        options = {"whole": against.whole, "schemas": against.schemas}
        proposal = read_source(against.source, before, dialect=dialect, **options)  # type: ignore[arg-type]
        loaded = load_clusters(folder, dialect=dialect)
        _check_schemas(proposal, loaded)
        impact = impact_of(loaded, Change(proposal, before, now, against.scratch))
    compared = str(against.before) if against.before is not None else "warehouse" if now is not None else None
    unknown = (f"Nothing tells how the warehouse is now, so every pair was judged: {closed}",) if not compared else ()
    return _report(impact, proposal, loaded, compared, (*unknown, *_unread(loaded)))


def _before(settings: Settings, against: Against, now: Warehouse | None) -> tuple[Catalog | None, str]:
    """The catalog as it is, and the dialect of the clusters' SQL."""
    if now is not None:
        return now.catalog(), now.dialect
    dialect = dialect_of(settings.warehouse)
    if against.before is None:
        return None, dialect
    return read_source(against.before, None, dialect=dialect, whole=True, schemas=against.schemas).after, dialect


def _check_schemas(proposal: Proposal, loaded: Loaded) -> None:
    """A trial build has schemas of its own: compared with nothing, everything would seem to hold."""
    listed = {dataset.name.rpartition(".")[0].casefold() for c in loaded.clusters for dataset in c.datasets}
    told = {name.rpartition(".")[0] for name in proposal.told}
    if proposal.kind == "dbt" and told and listed and not listed & {schema.casefold() for schema in told}:
        ours, theirs = ", ".join(sorted(listed)), ", ".join(sorted(told))
        raise SourceError(
            f"The manifest builds the schemas {theirs}; the clusters' datasets are in {ours}.",
            hint=f"Say which is which: --schema {min(told)}={min(listed)}",
        )


def _unread(loaded: Loaded) -> tuple[str, ...]:
    files = {problem.file for problem in loaded.problems}
    if not files:
        return ()
    named = ", ".join(sorted(files)[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
    return (f"What has problems of its own was not judged (see `vedder check`): {named}.",)


def _report(
    impact: Impact, proposal: Proposal, loaded: Loaded, compared: str | None, notes: tuple[str, ...]
) -> ChangeReport:
    breaks, unjudged = impact.breaks or impact.problems, impact.unjudged or loaded.problems
    outcome: Outcome = "breaks" if breaks else "unjudged" if unjudged else "holds"
    return ChangeReport(
        outcome=outcome,
        summary=_summary(impact, unread=bool(loaded.problems)),
        source=proposal.name,
        kind=proposal.kind,
        compared_with=compared,
        judge=impact.judge,
        clusters=len(loaded.clusters),
        pairs=impact.pairs,
        touched=impact.touched,
        owners=owners_of(one.pair for one in impact.breaks),
        breaks=impact.breaks,
        unjudged=impact.unjudged,
        already=impact.already,
        problems=impact.problems,
        changes=impact.changes,
        notes=(*impact.notes, *notes),
    )


def _summary(impact: Impact, *, unread: bool) -> str:
    """One line, also for a bot that shows no more."""
    broken = [one.pair for one in impact.breaks]
    loose = f" {_counted(len(impact.unjudged), 'pair')} could not be judged." if impact.unjudged else ""
    if broken:
        clusters = len({pair.cluster for pair in broken})
        what = f"{_counted(len(broken), 'pair')} in {_counted(clusters, 'cluster')}"
        return f"This change breaks {what} (owners: {', '.join(owners_of(broken))}).{loose}"
    if impact.problems:
        return f"This change breaks no pair, but {_counted(len(impact.problems), 'line')} of cluster files.{loose}"
    if impact.unjudged or unread:
        return f"No pair is known to break.{loose}" + (" Some files could not be read." if unread else "")
    return f"This change breaks no pair: {impact.touched:,} of {impact.pairs:,} touch what it changes, and still bind."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
