"""The engine's types by how they can be profiled. What is judged of a column is in `measured`."""

from vedder_core.warehouse.measured import Kind

SIGNED = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
INTEGERS = (*SIGNED, *(f"U{name}" for name in SIGNED))
TIMESTAMPS = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE")
TYPES: dict[Kind, tuple[str, ...]] = {
    "number": (*INTEGERS, "DECIMAL", "FLOAT", "DOUBLE"),
    "text": ("VARCHAR", "ENUM", "UUID"),
    "time": ("DATE", "TIME", "TIME_NS", *TIMESTAMPS),
    "flag": ("BOOLEAN",),
}


def kind_of(engine_type: str) -> Kind:
    """How a type can be profiled; of `opaque` ones (nested, binary) only nulls are counted."""
    if engine_type.endswith("]"):
        return "opaque"
    plain = engine_type.split("(")[0]
    return next((kind for kind, names in TYPES.items() if plain in names), "opaque")
