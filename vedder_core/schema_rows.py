"""Tables of a catalog as rows of Arrow: compact, and a `Table` is made only when it is asked for.

A catalog of 70,000 tables is compared by its fingerprints alone, so almost none of its tables is ever made.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vedder_core.schema import KEY, Column, FingerprintedTables, Table

COLUMN = pa.struct(
    [
        pa.field("name", pa.string()),
        pa.field("type", pa.string()),
        pa.field("nullable", pa.bool_()),
        pa.field("comment", pa.string()),
    ]
)
_FIELDS: list["pa.Field[Any]"] = [
    pa.field("name", pa.string()),
    pa.field("kind", pa.string()),
    pa.field("comment", pa.string()),
    pa.field("rows", pa.int64()),
    pa.field("definition", pa.string()),
    pa.field("fingerprint", pa.string()),
    pa.field("columns", pa.list_(COLUMN)),
    pa.field("key", pa.list_(pa.string())),
]
ROWS = pa.schema(_FIELDS)


class TableRows(FingerprintedTables):
    """The tables in `rows`, which has the schema ROWS, by name."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows.combine_chunks()
        self._made: dict[str, Table] = {}

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self._texts("name"))}

    @cached_property
    def fingerprints(self) -> Mapping[str, str]:
        return dict(zip(self._texts("name"), self._texts("fingerprint"), strict=True))

    @cached_property
    def views(self) -> tuple[str, ...]:
        defined = self.rows.filter(pc.is_valid(self.rows["definition"]))
        return tuple(str(name) for name in defined["name"].to_pylist())

    def _texts(self, field: str) -> list[str]:
        return self.rows[field].to_pylist()  # type: ignore[return-value]  # neither name nor fingerprint is ever null

    def __getitem__(self, name: str) -> Table:
        if name not in self._made:
            self._made[name] = _table(self.rows.slice(self._places[name], 1).to_pylist()[0])
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return self.rows.num_rows


def rows_of(tables: Mapping[str, Table]) -> pa.Table:
    """Tables as rows; what are rows already, as they are."""
    if isinstance(tables, TableRows):
        return tables.rows
    rows = [
        {
            "name": table.name,
            "kind": table.kind,
            "comment": table.comment,
            "rows": table.rows,
            "definition": table.definition,
            "fingerprint": table.fingerprint,
            "columns": [
                {"name": c.name, "type": c.type, "nullable": c.nullable, "comment": c.comment} for c in table.columns
            ],
            "key": table.key or None,
        }
        for table in tables.values()
    ]
    return pa.Table.from_pylist(rows, ROWS)


def fingerprints_of(
    columns: "pa.ListArray[Any]", definitions: Iterable[str | None], keys: Iterable[Sequence[str] | None]
) -> list[str]:
    """What `Table.fingerprint` says of each of these tables, in one go."""
    column = columns.flatten()
    nullable = pc.if_else(pc.struct_field(column, "nullable"), "True", "False")
    named, typed = pc.struct_field(column, "name"), pc.struct_field(column, "type")
    unit, end = pa.scalar("\x1f"), pa.scalar("\x1e")
    lines = pc.binary_join_element_wise(pc.binary_join_element_wise(named, typed, nullable, unit), pa.scalar(""), end)
    offsets = pc.subtract(columns.offsets, columns.offsets[0])
    joined: pa.StringArray = pc.binary_join(pa.ListArray.from_arrays(offsets, lines), "")  # type: ignore[assignment]
    marks = ("".join(f"{KEY}{name}" for name in key or ()) for key in keys)
    texts = zip(joined.to_pylist(), definitions, marks, strict=True)
    return [hashlib.sha256(f"{text}{definition or ''}{mark}".encode()).hexdigest() for text, definition, mark in texts]


def _table(row: Mapping[str, object]) -> Table:
    columns: Iterable[Mapping[str, object]] = row["columns"]  # type: ignore[assignment]
    key: Iterable[str] = row["key"] or ()  # type: ignore[assignment]
    fields = {name: value for name, value in row.items() if name not in ("columns", "fingerprint", "key")}
    made = tuple(Column(**column) for column in columns)  # type: ignore[arg-type]
    return Table(columns=made, key=tuple(key), **fields)  # type: ignore[arg-type]
