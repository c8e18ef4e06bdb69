"""What a person gets to see of a backtest: how well the score predicts, and each kind of damage on one line."""

from vedder_api.backtest.findings import Figures, Findings, OfDamage, Rise
from vedder_api.surfaces.layout import Grid, Line, Part, listing

FIGURES = ("kinds of change", "copies", "failing", "AUC", "of its drop", "false alarms", "failing, same band", "rises")
COLUMNS = (
    "change",
    "harmful",
    "held out",
    "copies",
    "failing",
    "score fell",
    "band dropped",
    "mean score",
    "failed",
    "wrong rows",
)


def findings_parts(found: Findings) -> tuple[Part, ...]:
    """The figures that count first, then every kind of change."""
    some = (("known when the signals were made", found.known), ("held out", found.held_out), ("all", found.whole))
    figures = tuple(_figures(name, one) for name, one in some if one.observed)
    rises = found.whole.rises
    return (
        Grid(FIGURES, figures, frozenset(range(1, len(FIGURES)))),
        Line(_rises(len(rises)), "warn" if rises else "good"),
        Grid(COLUMNS, tuple(map(_row, found.by_damage)), frozenset(range(3, len(COLUMNS)))),
        *listing("The score rose with damage", [_rise(one) for one in rises[:10]]),
    )


def _figures(name: str, one: Figures) -> tuple[str, ...]:
    shares = (_number(one.auc), _number(one.auc_of_drop), _share(one.false_alarms), _share(one.missed))
    return (name, f"{one.observed:,}", f"{one.failing:,}", *shares, f"{len(one.rises):,}")


def _rises(number: int) -> str:
    return f"The score rose with damage {number:,} times." if number else "The score never rose with damage."


def _rise(one: Rise) -> str:
    return f"{one.cluster}, {one.damage}, {one.share:.0%}: {one.score:.3f} after {one.less_damaged:.3f}"


def _row(one: OfDamage) -> tuple[str, ...]:
    counts = (f"{one.observed:,}", f"{one.failing:,}", f"{one.noticed:,}", f"{one.alarmed:,}")
    shares = (f"{one.mean_score:.2f}", f"{one.mean_failed:.0%}", f"{one.mean_wrong:.1%}")
    said = ("yes" if one.harmful else "no", "yes" if one.held_out else "no")
    return (one.damage, *said, *counts, *shares)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
