"""A source that tells how the warehouse will be, recognised by what is in it: a catalog snapshot, dbt's manifest or
the folder that holds it, a DDL file or a folder of them.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from vedder_core.against.dbt.relations import read_dbt
from vedder_core.against.ddl.apply import apply_ddl
from vedder_core.against.proposal import Proposal
from vedder_core.catalog_snapshot import read_snapshot, snapshot_digest
from vedder_core.errors import SourceError
from vedder_core.schema import Catalog

MANIFEST = "manifest.json"
KINDS = "Give a catalog snapshot, a .sql file or a folder of them, or dbt's manifest.json."


def read_source(
    source: Path,
    before: Catalog | None,
    *,
    dialect: str,
    whole: bool = False,
    schemas: Mapping[str, str] | None = None,
) -> Proposal:
    """What the warehouse would be by this source, from what it is now. With `whole` a table that the source does not
    speak of is gone; `schemas` maps schemas of a dbt manifest to those of the warehouse. Raises SourceError.
    """
    if not source.exists():
        raise SourceError(f"There is no {source}.", hint=KINDS)
    manifest = source / MANIFEST if source.is_dir() else source
    if manifest.is_file() and _is_manifest(manifest):
        return read_dbt(manifest, before, dialect=dialect, whole=whole, schemas=schemas)
    if source.is_file() and snapshot_digest(source) is not None:
        return _of_snapshot(source, dialect)
    return apply_ddl(_files(source), None if whole else before, name=str(source), dialect=dialect, whole=whole)


def _of_snapshot(file: Path, dialect: str) -> Proposal:
    catalog = read_snapshot(file)
    if catalog.dialect != dialect:
        raise SourceError(
            f"{file} is of a {catalog.engine} warehouse, but the clusters' SQL is of `{dialect}`.",
            hint="Set VEDDER_WAREHOUSE to a warehouse of that engine.",
        )
    return Proposal("snapshot", str(file), catalog, told=frozenset(catalog.tables))


def _is_manifest(file: Path) -> bool:
    with file.open("rb") as opened:
        if opened.read(1) != b"{":
            return False
    try:
        said = json.loads(file.read_bytes())
    except ValueError:
        return file.name == MANIFEST
    metadata = said.get("metadata") if isinstance(said, dict) else None
    return isinstance(metadata, dict) and "/manifest/" in str(metadata.get("dbt_schema_version"))


def _files(source: Path) -> list[tuple[str, str]]:
    """Names and texts of DDL files, in the order of their names, as migrations are named."""
    try:
        paths = sorted(path for path in source.rglob("*.sql") if path.is_file()) if source.is_dir() else [source]
        if not paths:
            raise SourceError(f"{source} holds no .sql file.", hint=KINDS)
        if source.is_file() and source.suffix.casefold() not in (".sql", ".ddl", ".txt"):
            raise SourceError(f"{source} is none of the files that are understood.", hint=KINDS)
        return [(str(path), path.read_text(encoding="utf-8-sig")) for path in paths]
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{source} cannot be read as text: {error}", hint=KINDS) from error
