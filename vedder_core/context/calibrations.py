"""Where the calibration lies: one row of the table of entries that is no entry. So every version of the context has the
calibration that it was asked with, and an older version replays with its own.
"""

import pyarrow as pa

from vedder_core.calibration import CALIBRATION, Calibration

KIND = "calibration"
ID = "all_clusters/calibration"
"""No cluster's: its rows begin with `<cluster>/<kind>`, and `calibration` is none of an entry's kinds."""

IS_ENTRY = f"kind != '{KIND}'"
IS_CALIBRATION = f"id = '{ID}'"


def row_of(calibration: Calibration, schema: pa.Schema) -> pa.Table:
    """The row in the shape of an entry; nothing finds it by words or by meaning."""
    vector = [1.0] + [0.0] * (schema.field("vector").type.list_size - 1)
    texts = {field.name: "" for field in schema if pa.types.is_string(field.type)}
    payload = CALIBRATION.dump_json(calibration).decode()
    row = texts | {"id": ID, "kind": KIND, "payload": payload, "datasets": [], "vector": vector}
    return pa.Table.from_pylist([row], schema)


def calibration_in(rows: pa.Table) -> Calibration | None:
    """The calibration of these rows, if any."""
    payloads = rows["payload"].to_pylist()
    return CALIBRATION.validate_json(str(payloads[0])) if payloads else None
