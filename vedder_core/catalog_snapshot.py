"""A catalog as one file, to be compared with later: written whole or not at all, read back as it was.

What changed between two catalogs is found in `schema_diff`.
"""

from pathlib import Path

from vedder_core.schema import Catalog


def write_snapshot(catalog: Catalog, file: Path) -> None:
    """Write a catalog, in the place of what the file held before. Raises SnapshotError where it cannot be written."""
    raise NotImplementedError


def read_snapshot(file: Path) -> Catalog:
    """The catalog of a file. Raises SnapshotError of one that is missing, cut short, foreign or of a later version."""
    raise NotImplementedError


def snapshot_digest(file: Path) -> str | None:
    """The digest of the catalog in a file, without reading the catalog; None where there is no readable snapshot."""
    raise NotImplementedError
