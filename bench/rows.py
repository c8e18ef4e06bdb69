"""What do rows cost on their way from Arrow to JSON? 1,000 rows of 10 columns, as an answer gives them.

The columns are what warehouses return: whole and broken numbers, text, dates, moments, decimals, some with nulls.
Beside it: orjson and the standard library on lists that are ready, so on half of the work, and the usual way of
`to_pylist`, which makes a dictionary of each row.

    python -m bench.rows
"""

import json
import random
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import orjson
import pyarrow as pa

from bench.measure import interleaved, print_table
from vedder_api.cells import as_json, rows_of

T = TypeVar("T")

ROWS = 1_000
WANTED_MS = 2.0
TIMES = 20
"""That a variant runs in a round: one run is too short to be measured."""


def table() -> pa.Table:
    chance = random.Random(7)

    def with_nulls(values: list[T]) -> list[T | None]:
        return [None if chance.random() < 0.1 else value for value in values]

    first = datetime.fromisoformat("2013-01-01T05:15:00.000250")
    cents = [Decimal(chance.randrange(10**7)).scaleb(-2) for _ in range(ROWS)]
    return pa.table(
        {
            "id": pa.array(range(ROWS), pa.int64()),
            "flights": pa.array(with_nulls([chance.randrange(10**6) for _ in range(ROWS)]), pa.int32()),
            "share": pa.array([chance.random() for _ in range(ROWS)]),
            "delay": pa.array(with_nulls([chance.gauss(12, 40) for _ in range(ROWS)])),
            "carrier": pa.array([f"Carrier {place % 97}" for place in range(ROWS)]),
            "note": pa.array(with_nulls([f"Flight {place} to Zürich, 'late'" for place in range(ROWS)])),
            "day": pa.array([date(2013, 1, 1) + timedelta(place) for place in range(ROWS)]),
            "left": pa.array(
                with_nulls([first + timedelta(minutes=place) for place in range(ROWS)]), pa.timestamp("us")
            ),
            "price": pa.array(with_nulls(cents), pa.decimal128(12, 2)),
            "total": pa.array([Decimal(chance.randrange(10**12)) for _ in range(ROWS)], pa.decimal128(38, 0)),
        }
    )


def main() -> int:
    rows = table()
    ready = json.loads(as_json(rows_of(rows)))
    variants = {
        "ours, from Arrow": lambda: as_json(rows_of(rows)),
        "orjson, lists that are ready": lambda: orjson.dumps(ready),
        "json, lists that are ready": lambda: json.dumps(ready),
        "to_pylist and orjson, from Arrow": lambda: orjson.dumps(rows.to_pylist(), default=str),
    }
    repeated = {name: (lambda work=work: [work() for _ in range(TIMES)]) for name, work in variants.items()}
    spent = {name: seconds / TIMES * 1000 for name, seconds in interleaved(repeated, rounds=7).items()}
    ours, plain = spent["ours, from Arrow"], spent["orjson, lists that are ready"]
    print(f"{ROWS:,} rows x {rows.num_columns} columns, {len(as_json(rows_of(rows))):,} bytes of JSON, CPU")
    print_table(("", "ms", "/ orjson"), [(name, took, took / plain) for name, took in spent.items()])
    print(f"wanted: ours in at most {WANTED_MS} ms")
    return 0 if ours <= WANTED_MS else 1


if __name__ == "__main__":
    sys.exit(main())
