"""What a person gets to see of `vedder clusters overlap`, as parts: what is covered, by whom, and what contradicts."""

from collections.abc import Iterator, Sequence

from vedder_api.covered import Covered
from vedder_api.surfaces.layout import Grid, Line, Part, listing
from vedder_core.overlap import Shared

NAMED = 5


def covered_parts(found: Sequence[Covered]) -> tuple[Part, ...]:
    """Cluster by cluster."""
    return tuple(part for one in found for part in _parts(one))


def _parts(one: Covered) -> Iterator[Part]:
    mark = f"{one.cluster}:"
    if not one.by:
        yield Line(f"No cluster of context {one.context_version} has any of it.", "good", mark)
        return
    nearest = one.by[0]
    said = f"{one.share:.0%} of its datasets, definitions and questions are covered by context {one.context_version}."
    if one.is_covered:
        said += f" Talk to {nearest.owner.team} ({nearest.owner.contact}) about adding to `{nearest.cluster}` instead."
    yield Line(said, "warn" if one.is_covered else "plain", mark)
    rows = tuple(
        (
            by.cluster,
            f"{by.owner.team} ({by.owner.contact})",
            f"{by.share:.0%}",
            _names(by.datasets),
            _names(by.terms),
            _names(by.questions),
            _names(by.near_questions),
        )
        for by in one.by
    )
    yield Grid(
        ("cluster", "owner", "covers", "datasets", "terms", "same questions", "near questions"), rows, frozenset({2})
    )
    yield from listing("Contradictions", [_told(shared) for shared in one.conflicts])


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return "; ".join(names[:NAMED]) + more


def _told(shared: Shared) -> str:
    who = f"`{shared.cluster}` of {shared.owner.team} ({shared.owner.contact})"
    match shared.kind:
        case "term":
            return f"{who} defines “{shared.name}” in other words (docs/{shared.other}.md)."
        case "note":
            return f"{who} says `{shared.other}` of {shared.name}, where this says `{shared.own}`."
        case _:
            return f"{who} answers “{shared.name}” by other SQL (pairs/{shared.other}.sql)."
