"""A catalog as one file, to be compared with later: written whole or not at all, read back as it was.

The file is Arrow's own format, so that any tool can look into it. What changed between two catalogs is found in
`schema_diff`.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
from pydantic import TypeAdapter

from vedder_core.errors import SnapshotError
from vedder_core.schema import Catalog, Routine
from vedder_core.schema_rows import ROWS, TableRows, rows_of

VERSION, KEYLESS = b"2", b"1"
"""What is written; and what was before keys were listed, which stores made then still hold."""
MARK, ENGINE, DIALECT, ROUTINES, DIGEST = b"vedder_catalog", b"engine", b"dialect", b"routines", b"digest"
_ROUTINES = TypeAdapter(tuple[Routine, ...])


def write_snapshot(catalog: Catalog, file: Path) -> None:
    """Write a catalog, in the place of what the file held before. Raises SnapshotError where it cannot be written."""
    content = to_bytes(catalog)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        try:
            with os.fdopen(number, "wb") as sink:
                sink.write(content)
            Path(name).replace(file)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise SnapshotError(
            f"The snapshot {file} cannot be written: {error.strerror or error}.",
            hint="Name a file in a folder that can be written to.",
        ) from error


def read_snapshot(file: Path) -> Catalog:
    """The catalog of a file. Raises SnapshotError of one that is missing, cut short, foreign or of a later version."""
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise SnapshotError(
            f"There is no snapshot {file}.", hint="`vedder-pipelines snapshot <file>` writes one."
        ) from error
    except OSError as error:
        raise SnapshotError(
            f"The snapshot {file} cannot be read: {error.strerror or error}.", hint="Check its place and its rights."
        ) from error
    return from_bytes(content, str(file))


def to_bytes(catalog: Catalog) -> bytes:
    """A catalog as the content of a file."""
    said = {
        MARK: VERSION,
        ENGINE: catalog.engine.encode(),
        DIALECT: catalog.dialect.encode(),
        DIGEST: catalog.digest.encode(),
        ROUTINES: _ROUTINES.dump_json(tuple(catalog.routines.values())),
    }
    rows = rows_of(catalog.tables).replace_schema_metadata(said)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(rows)
    return sink.getvalue().to_pybytes()


def from_bytes(content: bytes, where: str) -> Catalog:
    """The catalog of a file's content; `where` it lies is for the error. Raises SnapshotError."""
    try:
        with pa.ipc.open_file(pa.BufferReader(content)) as reader:
            said = _said(reader.schema, where)
            rows = reader.read_all()
        if said[MARK] == KEYLESS:
            rows = rows.append_column(ROWS.field("key"), pa.nulls(rows.num_rows, ROWS.field("key").type))
        routines = _ROUTINES.validate_json(said[ROUTINES])
    except (OSError, ValueError, KeyError) as error:  # ArrowInvalid is a ValueError
        raise SnapshotError(
            f"{where} is no snapshot of a catalog, or only a part of one.",
            hint="Write it again with `vedder-pipelines snapshot <file>`.",
        ) from error
    tables = TableRows(rows.replace_schema_metadata(None))
    return Catalog(said[ENGINE].decode(), said[DIALECT].decode(), tables, {one.name: one for one in routines})


def snapshot_digest(file: Path) -> str | None:
    """The digest of the catalog in a file, without reading the catalog; None where there is no readable snapshot."""
    try:
        with pa.OSFile(str(file), "rb") as source, pa.ipc.open_file(source) as reader:
            return _said(reader.schema, str(file))[DIGEST].decode()
    except (OSError, ValueError, KeyError, SnapshotError):
        return None


def _said(schema: pa.Schema, where: str) -> dict[bytes, bytes]:
    """What the file says of itself."""
    said = dict(schema.metadata or {})
    columns = ROWS if said.get(MARK) != KEYLESS else ROWS.remove(ROWS.get_field_index("key"))
    if MARK not in said or (said[MARK] in (VERSION, KEYLESS) and not schema.equals(columns)):
        raise ValueError(f"{where} was not written as a snapshot")
    if said[MARK] not in (VERSION, KEYLESS):
        raise SnapshotError(
            f"The snapshot {where} has version {said[MARK].decode(errors='replace')}, and version "
            f"{VERSION.decode()} is what can be read.",
            hint="Write it again with this version of `vedder-pipelines snapshot <file>`.",
        )
    return said
