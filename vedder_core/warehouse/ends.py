"""How one query ends before its own end, on every engine: too late, stopped, or cut. Nothing heavy here."""

import pyarrow as pa

from vedder_core.errors import QueryTimeout


def too_late(seconds: float) -> QueryTimeout:
    """What is said of a query that reached its deadline."""
    return QueryTimeout(
        f"The query was stopped after {seconds:g} seconds.",
        hint="Ask for less: a shorter period, fewer groups, or one value instead of all.",
    )


def cancelled() -> QueryTimeout:
    """What is said of a query that somebody stopped."""
    return QueryTimeout("The query was stopped before its end.", hint="Ask again to run it.")


def fitting(batch: pa.RecordBatch | pa.Table, rows: int, size: int) -> int:
    """How many of a batch's first rows stay within both limits."""
    low, high = 0, min(batch.num_rows, rows)
    if batch.slice(0, high).nbytes <= size:
        return high
    while low < high - 1:
        middle = (low + high) // 2
        low, high = (middle, high) if batch.slice(0, middle).nbytes <= size else (low, middle)
    return low
