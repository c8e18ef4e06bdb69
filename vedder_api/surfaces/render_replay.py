"""What a person gets to see of a replay: what differs in the results, and what changed in the context since."""

from collections.abc import Iterator

from vedder_api.replay import Replay, Rerun
from vedder_api.replay_entries import EntryThenAndNow
from vedder_api.replay_rows import Difference
from vedder_api.surfaces.layout import Code, Grid, Line, Part
from vedder_api.telling import printable, shown
from vedder_core.answer import Row


def replay_parts(replay: Replay) -> tuple[Part, ...]:
    """The sum first, then each query with its differences, then each entry that is not what it was."""
    same = all(query.kind == "same" for query in replay.queries)
    changed = [entry for entry in replay.entries if entry.state != "unchanged"]
    return (
        Line(replay.question, mark="Again:"),
        Line(replay.said, "good" if same and not changed else "warn"),
        *(part for query in replay.queries for part in _query(query)),
        *(part for entry in changed for part in _entry(entry)),
        Line(_when(replay), "quiet"),
    )


def _query(query: Rerun) -> Iterator[Part]:
    yield Line(query.said, "good" if query.kind == "same" else "warn", f"{query.kind.replace('_', ' ').capitalize()}:")
    yield Code(query.sql)
    if query.differences:
        yield Grid(("", *map(printable, query.columns)), tuple(row for one in query.differences for row in _pair(one)))


def _pair(difference: Difference) -> Iterator[tuple[str, ...]]:
    for when, row in (("then", difference.then), ("now", difference.now)):
        if row is not None:
            yield (when, *_cells(row))


def _cells(row: Row) -> tuple[str, ...]:
    return tuple(shown(cell, amount=False) for cell in row)


def _entry(entry: EntryThenAndNow) -> Iterator[Part]:
    role = "rested on it" if entry.source else "it was shown"
    yield Line(f"{entry.entry}, “{entry.title}” ({role}) {entry.why}".strip(), "warn", f"{entry.state.capitalize()}:")
    if entry.diff:
        yield Code(entry.diff, "diff")


def _when(replay: Replay) -> str:
    then = f"context {replay.version_then}, {replay.asked_at:%Y-%m-%d %H:%M} UTC"
    return f"Then: {then}; now: context {replay.version_now}, {replay.replayed_at:%Y-%m-%d %H:%M} UTC"
