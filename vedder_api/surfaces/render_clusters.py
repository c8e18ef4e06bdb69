"""What a person gets to see of clusters and their health, as parts. How outcomes look is in `render`."""

from collections.abc import Iterator, Mapping, Sequence

from vedder_api.pages import ClusterList, ClusterPage, DatasetSummary, HealthPage, PairSummary
from vedder_api.surfaces.layout import Grid, Line, Part, Tone, listing
from vedder_core.health import Action, Band, Health, Reading
from vedder_core.repair import Repair
from vedder_core.verdict import Broken, Drifted

NO_QUESTIONS: Mapping[str, str] = {}
NOTHING = Action("")
TONES: dict[Band | None, Tone] = {"healthy": "good", "degraded": "warn", "critical": "warn", None: "quiet"}


def list_parts(listed: ClusterList) -> tuple[Part, ...]:
    """A line a cluster."""
    columns = ("cluster", "title", "owner", "datasets", "pairs", "broken", "drifted", "docs", "health")
    rows = tuple(
        (
            line.name,
            line.title,
            f"{line.owner.team} ({line.owner.contact})",
            *map(str, (line.datasets, line.pairs, line.broken_pairs, line.drifted_pairs, line.docs)),
            score(line.score, line.band),
        )
        for line in listed.clusters
    )
    return (Grid(columns, rows, frozenset({3, 4, 5, 6, 7})), Line(f"Context {listed.context_version}", "quiet"))


def page_parts(page: ClusterPage) -> tuple[Part, ...]:
    """A cluster: what it is, who owns it, what can be asked, what is broken."""
    broken = tuple(item for pair in page.pairs for item in _broken(pair))
    band = page.health.band if page.health else None
    return (
        Line(page.summary, mark=f"{page.title}:"),
        Line(f"{page.owner.team} ({page.owner.contact})", mark="Owner:"),
        Line(score(page.health.score if page.health else None, band), TONES[band], "Health:"),
        Grid(("dataset", "rows", "columns", "description"), tuple(map(_dataset, page.datasets)), frozenset({1, 2})),
        *listing("Can be asked", [pair.question for pair in page.pairs if pair.status == "valid"]),
        *listing("Broken pairs", broken),
        *listing("Drifted pairs", [item for pair in page.pairs for item in _drifted(pair)]),
        *listing("Repairs to look at", [item for pair in page.pairs for item in proposed(pair.repair)]),
        *listing("Docs", [f"{doc.title} ({doc.kind})" for doc in page.docs]),
        Line(f"Context {page.context_version}", "quiet"),
    )


def health_parts(page: HealthPage, questions: Mapping[str, str] = NO_QUESTIONS) -> tuple[Part, ...]:
    """The latest readings of a cluster with their evidence, and what would raise the score, with what it would gain.

    `questions` are those of the turns that actions name, by turn, as far as the reader may see them.
    """
    if page.latest is None:
        return (Line("Not measured yet; the pipelines measure it.", "quiet", f"{page.cluster}:"),)
    latest = page.latest
    rows = tuple(_reading(reading) for reading in latest.readings)
    return (
        Line(score(latest.score, latest.band), TONES[latest.band], f"{page.cluster}:"),
        Grid(("signal", "value", "weight", "evidence"), rows, frozenset({1, 2})),
        *listing("To do", [to_do(action, questions) for action in latest.actions()]),
        Line(f"Measured {latest.measured_at:%Y-%m-%d %H:%M} UTC; readings so far: {len(page.history)}", "quiet"),
    )


def health_list_parts(healths: Sequence[Health]) -> tuple[Part, ...]:
    """A line a cluster, the worst first."""
    if not healths:
        return (Line("No health was measured yet; the pipelines measure it.", "quiet"),)
    worst_first = sorted(healths, key=lambda h: (h.score is None, h.score or 0.0, h.cluster))
    rows = tuple(
        (
            h.cluster,
            score(h.score, h.band),
            f"{h.measured_at:%Y-%m-%d %H:%M}",
            *map(to_do, h.actions()[:1] or [NOTHING]),
        )
        for h in worst_first
    )
    return (Grid(("cluster", "health", "measured", "to do first"), rows),)


def to_do(action: Action, questions: Mapping[str, str] = NO_QUESTIONS) -> str:
    """An action after what it gains, and the question that it is best seen in."""
    gain = f"+{action.gain:.2f} " if action.gain is not None else ""
    asked = questions.get(action.turn or "")
    return f"{gain}{action.text}{f' E.g. “{asked}”' if asked else ''}"


def score(value: float | None, band: Band | None) -> str:
    """A score with its band; a cluster that was not measured has neither."""
    return "not measured" if value is None else f"{value:.2f} {band or ''}".strip()


def _dataset(dataset: DatasetSummary) -> tuple[str, ...]:
    rows = "missing" if dataset.missing else f"{dataset.rows.value:,}" if dataset.rows else "–"
    return (dataset.name, rows, str(len(dataset.columns)), dataset.description)


def _broken(pair: PairSummary) -> Iterator[str]:
    if isinstance(pair.verdict, Broken):
        place = f" (line {pair.verdict.line})" if pair.verdict.line else ""
        probably = f" Probably now `{pair.verdict.probably}`." if pair.verdict.probably else ""
        yield f"{pair.slug}: {pair.verdict.reason}{place}{probably}"


def _drifted(pair: PairSummary) -> Iterator[str]:
    if isinstance(pair.verdict, Drifted):
        for drift in pair.verdict.drifts:
            yield f"{pair.slug}: {drift.said} ({drift.detector}; was: {drift.was}; found: {drift.found})"


def proposed(repair: Repair | None) -> Iterator[str]:
    """A proposal in a line, and the command that shows it."""
    if repair is not None:
        state = "proven" if repair.proof.proven else "not proven"
        yield f"{repair.slug}: {' '.join(repair.changes)} ({state}; vedder repairs {repair.cluster}/{repair.slug})"


def _reading(reading: Reading) -> tuple[str, ...]:
    value = "not measured" if reading.value is None else f"{reading.value:.2f}"
    return (reading.signal, value, f"{reading.weight:g}", " ".join(reading.evidence))
