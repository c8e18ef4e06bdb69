"""What a person gets to see of a backtest: how well the score predicts, and each kind of damage on one line."""

from vedder_api.backtest.findings import Findings, OfDamage, Rise
from vedder_api.surfaces.layout import Grid, Line, Part, listing

COLUMNS = ("change", "harmful", "copies", "failing", "band dropped", "mean score", "failed", "wrong rows")


def findings_parts(found: Findings) -> tuple[Part, ...]:
    """The figures that count first, then every kind of change."""
    failing = sum(one.failing for one in found.observations)
    return (
        Line(f"{len(found.observations):,} changed clusters were observed; questions failed in {failing:,}."),
        Line(f"AUC of the score {_number(found.auc)}, of its drop {_number(found.auc_of_drop)}."),
        Line(f"False alarms {_share(found.false_alarms)}, failing without a drop of band {_share(found.missed)}."),
        Line(_rises(len(found.rises)), "warn" if found.rises else "good"),
        Grid(COLUMNS, tuple(map(_row, found.by_damage)), frozenset(range(2, len(COLUMNS)))),
        *listing("The score rose with damage", [_rise(one) for one in found.rises[:10]]),
    )


def _rises(number: int) -> str:
    return f"The score rose with damage {number:,} times." if number else "The score never rose with damage."


def _rise(one: Rise) -> str:
    return f"{one.cluster}, {one.damage}, {one.share:.0%}: {one.score:.3f} after {one.less_damaged:.3f}"


def _row(one: OfDamage) -> tuple[str, ...]:
    counts = (f"{one.observed:,}", f"{one.failing:,}", f"{one.alarmed:,}")
    shares = (f"{one.mean_score:.2f}", f"{one.mean_failed:.0%}", f"{one.mean_wrong:.1%}")
    return (one.damage, "yes" if one.harmful else "no", *counts, *shares)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
