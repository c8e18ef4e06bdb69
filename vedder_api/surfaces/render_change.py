"""What a person gets to see of `vedder check --against`, as parts, by owner and cluster."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from vedder_api.change_check import ChangeReport
from vedder_api.surfaces.layout import Line, Part, counted
from vedder_core.against.told import Breaks, PairOf
from vedder_core.shadow import Judge

JUDGED_BY: dict[Judge, str] = {
    "duckdb": "DuckDB's binder, in an empty copy of the schema",
    "postgresql": "PostgreSQL's parser and planner, in an empty copy of the schema",
    "names": "names only: no engine judged types and functions (PostgreSQL can: --scratch postgresql://...)",
}
MOST_SHOWN = 200
"""Lines of one kind; JSON holds all of them."""


def change_parts(report: ChangeReport) -> tuple[Part, ...]:
    """The broken pairs of each owner, then what could not be judged, problems in cluster files, and the sum."""
    parts: list[Part] = []
    for (team, contact, cluster), group in by_owner(report.breaks):
        parts.append(Line(f"{team} ({contact}), {cluster}: {counted(len(group), 'pair')}", "warn"))
        for one in group[:MOST_SHOWN]:
            parts += _indented(f"{place(one)} {one.reason}\n    {hint(one)}")
        parts += _more(group)
    parts += _unjudged(report)
    if report.problems:
        parts.append(Line("In the files of clusters:", "warn"))
        for problem in report.problems[:MOST_SHOWN]:
            parts += _indented(str(problem))
        parts += _more(report.problems)
    if report.already:
        parts.append(Line(f"{counted(len(report.already), 'pair')} did not run before the change either.", "quiet"))
    parts += [Line(note, "quiet") for note in report.notes]
    parts.append(Line(f"Judged by {JUDGED_BY[report.judge]}.", "quiet"))
    parts.append(Line(report.summary, "good" if report.outcome == "holds" else "warn"))
    return tuple(parts)


def by_owner(breaks: Iterable[Breaks]) -> Iterator[tuple[tuple[str, str, str], list[Breaks]]]:
    """(team, contact, cluster) and what of theirs breaks."""

    def key(one: Breaks) -> tuple[str, str, str]:
        return one.pair.team, one.pair.contact, one.pair.cluster

    for owner, group in groupby(sorted(breaks, key=lambda one: (key(one), one.pair.slug)), key):
        yield owner, list(group)


def place(one: Breaks) -> str:
    """`file:line`, as far as it is known."""
    return one.pair.file if one.line is None else f"{one.pair.file}:{one.line}"


def hint(one: Breaks) -> str:
    """What is missing is probably called now."""
    if one.probably is None:
        return ""
    return f"Probably `{one.probably}` now ({sure(one.confidence)})."


def sure(confidence: float | None) -> str:
    """How sure a new name is, in words."""
    if confidence is None:
        return "by its name only"
    return "the source says so" if confidence == 1 else f"{confidence:.0%} sure"


def _unjudged(report: ChangeReport) -> Iterator[Part]:
    if not report.unjudged:
        return
    yield Line(f"Could not be judged: {counted(len(report.unjudged), 'pair')}", "warn")
    reasons: dict[str, list[PairOf]] = {}
    for one in report.unjudged:
        reasons.setdefault(one.reason, []).append(one.pair)
    for reason, pairs in list(reasons.items())[:MOST_SHOWN]:
        named = ", ".join(f"{pair.cluster}/{pair.slug}" for pair in pairs[:5])
        more = f" and {len(pairs) - 5} more" if len(pairs) > 5 else ""
        yield from _indented(f"{reason}\n    {named}{more}")


def _indented(text: str) -> Iterator[Part]:
    return (Line(f"  {line}") for line in text.rstrip().splitlines())


def _more(shown: Sequence[object]) -> tuple[Part, ...]:
    left = len(shown) - MOST_SHOWN
    return (Line(f"  ... and {left:,} more; --json lists all.", "quiet"),) if left > 0 else ()
