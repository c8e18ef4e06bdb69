"""The shape of the `entries` table: its columns, the embedder it names, entries to rows and back."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedder_core.context.entry import Entry
from vedder_core.context.lance import key_field
from vedder_core.embedder.embedder import Embedder
from vedder_core.embedder.vectors import Vectors

COLUMNS = ("id", "cluster", "kind", "title", "text", "payload", "status", "datasets")
"""What an entry is made of; the other columns (hashes, vector) follow from these."""

HASHES = ("content_hash", "text_hash")
EMBEDDER = b"vedder.embedder"


def entries_schema(embedder: Embedder) -> pa.Schema:
    """The table's schema; name and dimension of the embedder are part of it."""
    texts = [pa.field(name, pa.string()) for name in (*COLUMNS[1:-1], *HASHES)]
    datasets = pa.field("datasets", pa.list_(pa.string()))
    vector = pa.field("vector", pa.list_(pa.float32(), embedder.dimension))
    return pa.schema([key_field("id"), *texts, datasets, vector], {EMBEDDER: embedder.name.encode()})


def embedder_of(schema: pa.Schema) -> tuple[str, int]:
    """Name and dimension of the embedder whose vectors a table with this schema holds."""
    return (schema.metadata or {}).get(EMBEDDER, b"").decode(), schema.field("vector").type.list_size


def rows_of(entries: Sequence[Entry], vectors: Mapping[str, Vectors], schema: pa.Schema) -> pa.Table:
    """The rows of entries; `vectors` are by text hash."""
    flat = np.concatenate([vectors[entry.text_hash] for entry in entries]) if entries else np.empty(0, np.float32)
    vector = schema.field("vector").type
    arrays = [
        pa.FixedSizeListArray.from_arrays(pa.array(flat), vector.list_size)
        if field.name == "vector"
        else pa.array([getattr(entry, field.name) for entry in entries], field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def entries_from(rows: pa.Table) -> list[Entry]:
    """Rows back to entries, in their order."""
    columns = [rows[name].to_pylist() for name in COLUMNS]
    return [
        Entry(id_, cluster, kind, title, text, payload, status, tuple(datasets))
        for id_, cluster, kind, title, text, payload, status, datasets in zip(*columns, strict=True)
    ]


def vectors_from(rows: pa.Table) -> NDArray[np.float32]:
    """The vectors of rows as one matrix."""
    flat = pc.list_flatten(rows["vector"]).to_numpy()
    return np.asarray(flat, dtype=np.float32).reshape(len(rows), rows.schema.field("vector").type.list_size)


def texts_from(rows: pa.Table, column: str) -> tuple[str, ...]:
    """A column that holds text, without nulls."""
    return tuple(str(value) for value in rows[column].to_pylist())
