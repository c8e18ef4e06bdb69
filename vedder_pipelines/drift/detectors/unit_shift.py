"""The detector of columns whose numbers are in another unit now."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from vedder_core.verdict import Drift
from vedder_pipelines.drift.baseline import ColumnFacts, Quantity
from vedder_pipelines.drift.detectors.detector import Seen
from vedder_pipelines.drift.uses import places

FEWEST_VALUES = 8
COARSE = 10.0
"""From this factor on a shift is told from growth by its size alone, and need not be as exact."""

LOOSE, TIGHT = 0.25, 0.05
STAYED = 0.25
STAYED_OF_SPREAD = 0.1
SLACK = 0.51
"""Whole numbers are rounded."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One way in which numbers change when their unit does; `tolerance` is how far a quantile may be off."""

    said: str
    apply: Callable[[float], float]
    factor: float
    tolerance: float


FACTORS: tuple[tuple[float, str], ...] = (
    (100, "cents for a whole unit, or percent for a share"),
    (1000, "thousands, milli- or kilo-units"),
    (1_000_000, "millions, or micro-units"),
    (1_000_000_000, "billions, or nano-units"),
    (10, "tenths"),
    (60, "minutes or seconds for a unit sixty times as long"),
    (3600, "seconds for hours"),
    (24, "hours for days"),
    (1440, "minutes for days"),
    (86_400, "seconds for days"),
    (1.609344, "kilometres for miles"),
    (1.852, "kilometres for nautical miles"),
    (3.28084, "feet for metres"),
    (2.54, "centimetres for inches"),
    (25.4, "millimetres for inches"),
    (2.204623, "pounds for kilograms"),
    (453.592, "grams for pounds"),
    (3.6, "kilometres an hour for metres a second"),
)


def _scaled(factor: float) -> Callable[[float], float]:
    return lambda value: value * factor


def _shifts() -> Iterator[Shift]:
    yield Shift("with the other sign", _scaled(-1), -1, TIGHT)
    yield Shift("in Fahrenheit for Celsius", lambda value: value * 1.8 + 32, 1.8, TIGHT)
    yield Shift("in Celsius for Fahrenheit", lambda value: (value - 32) / 1.8, 1 / 1.8, TIGHT)
    yield Shift("in Kelvin for Celsius", lambda value: value + 273.15, 1, TIGHT)
    yield Shift("in Celsius for Kelvin", lambda value: value - 273.15, 1, TIGHT)
    for factor, what in FACTORS:
        tolerance = LOOSE if factor >= COARSE else TIGHT
        yield Shift(f"{factor:g} times as large ({what})", _scaled(factor), factor, tolerance)
        yield Shift(f"{factor:g} times as small ({what}, the other way round)", _scaled(1 / factor), factor, tolerance)


SHIFTS = tuple(_shifts())


class UnitShift:
    """A number that the pair returns, computes with or compares is in another unit: the whole distribution is another
    by a factor or an offset that units differ by.

    Evidence: seven quantiles from 5 to 95 % of the column, then and now. Threshold: one change of unit, out of a list,
    brings every quantile then to the one now (within 5 %, within 25 % for a factor of 10 and more), and most are far
    from where they were. At least eight values then and now, with at least three different quantiles.
    Silent about: growth, new extremes, rising prices, a part of the rows in another unit, and numbers that count the
    rows themselves (they grow as the dataset does).
    The curator has the unit restored, or converts it in the pair.
    """

    name = "unit_shift"
    advice = "Have the unit restored, or convert it in the pair and vet it again."

    def find(self, seen: Seen) -> Iterator[Drift]:
        for place, column in places(seen.uses.counted).items():
            was, now = seen.was.columns.get(place), seen.now.columns.get(place)
            if was is None or now is None or was.quantity is None or now.quantity is None:
                continue
            shift = shifted(was.quantity, now.quantity)
            if shift is not None and not _grew_with_rows(was, now, shift):
                yield self._drift(column.dataset, column.column, was.quantity, now.quantity, shift)

    def _drift(self, dataset: str, column: str, was: Quantity, now: Quantity, shift: Shift) -> Drift:
        return Drift(
            self.name,
            f"The values of `{dataset}.{column}` are {shift.said} than when the pair was vetted: half of them were "
            f"below {was.quantiles[3]:g}, and half are below {now.quantiles[3]:g} now. {self.advice}".replace(
                "in Fahrenheit for Celsius than", "in Fahrenheit for Celsius, other than"
            ),
            dataset=dataset,
            column=column,
            was=_ends(was),
            found=_ends(now),
            threshold=f"all quantiles within {100 * shift.tolerance:g} % of one change of unit",
        )


def shifted(was: Quantity, now: Quantity) -> Shift | None:
    """The change of unit that leads from one distribution to the other; None where it did not change, or otherwise."""
    before, after = was.quantiles, now.quantiles
    if min(was.values, now.values) < FEWEST_VALUES or len({one for one in before if one}) < 3 or _stayed(before, after):
        return None
    fits = [(off, shift) for shift in SHIFTS if (off := _off(before, after, shift)) is not None]
    return min(fits, key=lambda fit: fit[0])[1] if fits else None


def _stayed(before: Sequence[float], after: Sequence[float]) -> bool:
    """Are most quantiles about where they were?"""
    spread = max(before[-2] - before[1], after[-2] - after[1])
    near = [abs(a - b) <= STAYED * max(abs(a), abs(b), 1e-12) for b, a in zip(before, after, strict=True)]
    within = [abs(a - b) <= STAYED_OF_SPREAD * spread for b, a in zip(before, after, strict=True)]
    return sum(near) * 2 > len(near) or (sum(within) * 2 > len(within) and not _beyond(before, after))


def _beyond(before: Sequence[float], after: Sequence[float]) -> bool:
    """Has it left, in size, where it was: is one distribution ten times the other?"""
    first, last = (max(abs(one[0]), abs(one[-1]), 1e-12) for one in (before, after))
    return max(first, last) / min(first, last) >= COARSE / 2


def _off(before: Sequence[float], after: Sequence[float], shift: Shift) -> float | None:
    """How far the quantiles are from where a shift brings them, at most; None where that is too far."""
    wanted = sorted(shift.apply(one) for one in before)
    whole = all(float(one).is_integer() for one in (before[3], after[3]))
    worst = 0.0
    for want, got in zip(wanted, after, strict=True):
        size = max(abs(want), abs(got))
        gap = max(0.0, abs(want - got) - (SLACK if whole else 0.0))
        off = gap / size if size else 0.0
        if off > shift.tolerance:
            return None
        worst = max(worst, off)
    return worst


def _grew_with_rows(was: ColumnFacts, now: ColumnFacts, shift: Shift) -> bool:
    """Numbers that run with the rows (1, 2, 3 ...) are as many times as large as there are more rows."""
    ratio = max(now.rows, 1) / max(was.rows, 1)
    return max(ratio, 1 / ratio) >= max(2.0, 0.5 * abs(shift.factor)) if abs(shift.factor) > 1 else False


def _ends(quantity: Quantity) -> str:
    low, middle, high = quantity.quantiles[0], quantity.quantiles[3], quantity.quantiles[-1]
    return f"5 % below {low:g}, half below {middle:g}, 95 % below {high:g}"
