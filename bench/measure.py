"""Measuring for all benches: CPU of the whole process, rounds that interleave the variants, medians, one table.

Wall times are not measured: on a shared machine they say who else was working. Ratios between variants of one run are
what a bench may fail on.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call, over all threads of this process."""
    started = time.process_time()
    work()
    return time.process_time() - started


def interleaved(variants: Mapping[str, Callable[[], object]], *, rounds: int) -> dict[str, float]:
    """Median CPU seconds of each variant; each round runs every variant once, and one round before warms up."""
    measured: dict[str, list[float]] = {name: [] for name in variants}
    for round_number in range(rounds + 1):
        for name, work in variants.items():
            seconds = cpu_seconds(work)
            if round_number > 0:
                measured[name].append(seconds)
    return {name: statistics.median(values) for name, values in measured.items()}


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Aligned columns: the first to the left, the others to the right."""
    cells = [list(map(_cell, row)) for row in [header, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        first, *others = (
            cell.ljust(w) if n == 0 else cell.rjust(w) for n, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join([first, *others]))


def _cell(value: object) -> str:
    return f"{value:,.3g}" if isinstance(value, float) and abs(value) < 1000 else str(value)
