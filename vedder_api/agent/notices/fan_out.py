"""Notice: a join counts rows many times, because its key is unique on neither side."""

from collections.abc import Iterator
from math import prod

from vedder_api.agent.notices.about import About
from vedder_core.answer import Notice, RanQuery
from vedder_core.profile import ColumnProfile, Profile
from vedder_core.sql.grain import fan_outs

SKETCH_ERRS = 1.2
"""An approximate count may be too small by a fifth."""


def fan_out(query: RanQuery, about: About) -> Iterator[Notice]:
    """Joins that multiply rows and whose result is summed, averaged or counted."""
    shape = about.shape(query)
    if shape is None:
        return

    def unique(dataset: str, columns: frozenset[str]) -> bool | None:
        card = about.card(dataset)
        return tells_apart(card.profile, columns) if card is not None and card.profile is not None else None

    for found in fan_outs(shape, unique):
        how = f"on `{found.on}`, which is a key of neither" if found.on else "without a key that one of them has"
        joined = f"`{found.left}` and `{found.right}` are joined {how}"
        yield Notice("fan_out", f"{joined}: sums, averages and counts may count a row many times.", found.left)


def tells_apart(profile: Profile, columns: frozenset[str]) -> bool | None:
    """Is every row told apart by its values in these columns (case-folded)? None where the profile cannot say."""
    rows = profile.rows.value
    known = [profile.column(name) for name in columns]
    if rows <= 1 or any(name.casefold() in columns for name in profile.key_candidates):
        return True
    found = [column for column in known if column is not None]
    if len(found) < len(columns):
        return None
    counts = [_at_most(column) for column in found]
    if any(count is None for count in counts):
        return None
    nulls = max((column.nulls.value for column in found if column.nulls is not None), default=0)
    return False if prod(count for count in counts if count is not None) < rows - nulls else None


def _at_most(column: ColumnProfile) -> float | None:
    """How many different values a column can hold at most; what was only seen in a sample says nothing of that."""
    if column.distinct is None or column.distinct.mark == "sampled":
        return None
    return column.distinct.value * (SKETCH_ERRS if column.distinct.mark == "approximate" else 1)
