"""The detector of constants that their column holds no more."""

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from sqlglot import exp

from vedder_core.profile import CommonValue
from vedder_core.verdict import Drift
from vedder_pipelines.drift.detectors.detector import Seen, times
from vedder_pipelines.drift.uses import Condition

CHANCE = 0.002
ALIKE = 0.6
"""From here on a value is named as the likely new one."""

RESPELLED = 0.9
"""From here on it is certain enough to be a finding by itself."""

NEAR_ROWS = 0.5
CHURN = 0.05
"""The least share of rows that counts as deleted where the number of rows changed at all."""


class VanishedLiteral:
    """A constant that the pair compares a column with (WHERE, HAVING, ON, CASE, a parameter's default or `without`)
    met rows when it was vetted, and meets none now.

    Evidence: the rows that met the comparison then and now. Threshold: none now, and chance does not explain it: were
    as many rows of the dataset deleted at random as are gone (5 % where their number changed at all), all that met it
    would be among them in less than 1 of 500 cases. The same text with other case, signs, or more around it, in as
    many rows, is a finding whatever the chance.
    Silent about: a constant that met nothing when it was vetted, one whose few rows were cleaned up with others, new
    values, and excluded rows that were deleted.
    The curator writes the new value into the pair, or vets it again as it stands.
    """

    name = "vanished_literal"
    advice = "Write the value that the column holds now into the pair, or vet it again as it stands."

    def find(self, seen: Seen) -> Iterator[Drift]:
        kept = {one.value.casefold() for one in seen.uses.conditions if seen.now.held.get(one.key, 0) > 0}
        for condition in seen.uses.conditions:
            was, now = seen.was.held.get(condition.key, 0), seen.now.held.get(condition.key)
            if was == 0 or now != 0:
                continue
            place = f"{condition.column.dataset}.{condition.column.column}"
            likely = likely_now(condition, was, seen.now.common.get(place, ()), kept)
            if _is_respelled(condition, likely) or _is_no_chance(seen, condition, was):
                yield self._drift(condition, was, likely)

    def _drift(self, condition: Condition, was: int, likely: CommonValue | None) -> Drift:
        column, value = condition.column, f"`{condition.value}`" if condition.told else "a value"
        many = times(was) if was >= condition.least else f"fewer than {times(condition.least)}"
        held = f"held {value} in {many}" if condition.told else f"held {value} that the pair names"
        of = f" ({condition.source} names it)" if condition.source else ""
        instead = f"; it is probably `{likely.value}` now, which stands in {times(likely.rows)}" if likely else ""
        return Drift(
            self.name,
            f"`{column.dataset}.{column.column}` {held}, and holds it no more{of}{instead}. {self.advice}",
            dataset=column.dataset,
            column=column.column,
            was=f"{many} with {value}" if condition.told else f"rows with {value}",
            found="no row" + (f"; {times(likely.rows)} with `{likely.value}`" if likely else ""),
            threshold="no row, where deleted rows do not explain it",
            value=condition.value if condition.told else "",
            probably=likely.value if likely else "",
        )


def _is_respelled(condition: Condition, likely: CommonValue | None) -> bool:
    return likely is not None and _likeness(condition.value, likely.value) >= RESPELLED


def _is_no_chance(seen: Seen, condition: Condition, was: int) -> bool:
    lost = seen.lost(condition.column.dataset)
    before, after = seen.rows(condition.column.dataset)
    if before != after:
        lost = max(lost, CHURN)  # rows that came hide how many went
    if after == 0:
        return False  # an empty dataset holds nothing: its emptiness is another finding
    if condition.negative and before != after:
        return False
    return lost**was < CHANCE


def likely_now(
    condition: Condition, was: int, common: Iterable[CommonValue], kept: Iterable[str] = ()
) -> CommonValue | None:
    """The value that a constant is probably written as now: similar, in about as many rows, and no other constant."""
    if any(sign in condition.value for sign in "%_") and isinstance(condition.test, exp.Like | exp.ILike):
        return None
    held = set(kept)
    near = [(_likeness(condition.value, one.value), one) for one in common if one.value.casefold() not in held]
    fits = [(alike, one) for alike, one in near if alike >= ALIKE and _as_many(was, one.rows)]
    return max(fits, key=lambda pair: (pair[0], -abs(pair[1].rows - was)))[1] if fits else None


def _likeness(before: str, now: str) -> float:
    """1 for the same letters in another case or with other signs; high where one holds the other."""
    plain, other = (re.sub(r"[\W_]+", "", one).casefold() for one in (before, now))
    if plain == other:
        return 1.0
    if min(len(plain), len(other)) >= 2 and (plain in other or other in plain):
        return 0.9
    return SequenceMatcher(None, plain, other).ratio()


def _as_many(was: int, now: int) -> bool:
    return min(was, now) >= NEAR_ROWS * max(was, now)
