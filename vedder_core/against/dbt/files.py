"""dbt's own files: manifest.json, and catalog.json beside it, with the keys that are needed.

The models of a library for these files were not taken: they hold every key of every version and refuse those of the
next one, and a dozen keys are needed.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vedder_core.errors import SourceError

OLDEST = 7
"""Version of the manifest's schema, of dbt 1.3: older ones have other keys."""
Artifact = TypeVar("Artifact", bound="_Read")


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Column(_Read):
    name: str
    data_type: str | None = None


class _Contract(_Read):
    enforced: bool = False


class _Config(_Read):
    materialized: str | None = None
    contract: _Contract = _Contract()


class _Relation(_Read):
    relation_name: str | None = None


class Node(_Read):
    """A model, seed, snapshot or source."""

    resource_type: str
    unique_id: str
    relation_name: str | None = None
    columns: dict[str, _Column] = Field(default_factory=dict)
    config: _Config = _Config()
    contract: _Contract = _Contract()
    compiled_code: str | None = None
    language: str | None = "sql"
    deferred: bool | None = False
    defer_relation: _Relation | None = None


class _Metadata(_Read):
    dbt_schema_version: str
    adapter_type: str | None = None
    generated_at: datetime | None = None
    invocation_id: str | None = None


class Manifest(_Read):
    """manifest.json: what dbt would build, and from what."""

    metadata: _Metadata
    nodes: dict[str, Node]
    sources: dict[str, Node] = Field(default_factory=dict)


class _ListedColumn(_Read):
    name: str
    type: str
    index: int = 0


class Listed(_Read):
    """A relation as dbt found it in the warehouse."""

    columns: dict[str, _ListedColumn]


class _Listing(_Read):
    """catalog.json: what dbt found in the warehouse after it built."""

    metadata: _Metadata
    nodes: dict[str, Listed] = Field(default_factory=dict)
    sources: dict[str, Listed] = Field(default_factory=dict)


def read_manifest(file: Path) -> Manifest:
    """Raises SourceError of a file that is none, or too old."""
    read = _artifact(file, Manifest, "manifest")
    version = read.metadata.dbt_schema_version.rpartition("/v")[2].removesuffix(".json")
    if not version.isdecimal() or int(version) < OLDEST:
        raise SourceError(f"{file} is of version `{version}` of dbt's manifest.", hint="dbt 1.3 or later is needed.")
    return read


def _artifact(file: Path, kind: type[Artifact], name: str) -> Artifact:
    try:
        return kind.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        at = ".".join(map(str, error.errors()[0]["loc"])) if isinstance(error, ValidationError) else str(error)
        raise SourceError(
            f"{file} cannot be read as dbt's {name}: {at}.", hint="Make it anew: `dbt compile` writes it to target/."
        ) from error


def read_listing(manifest: Path, read: Manifest) -> tuple[Mapping[str, Listed], tuple[str, ...]]:
    """The columns of catalog.json by the node's id, and what to say of it."""
    file = manifest.with_name("catalog.json")
    if not file.is_file():
        return {}, ()
    listing = _artifact(file, _Listing, "catalog")
    ours, theirs = read.metadata, listing.metadata
    same = ours.invocation_id is not None and ours.invocation_id == theirs.invocation_id
    times = ours.generated_at, theirs.generated_at
    if not same and times[0] is not None and times[1] is not None and times[1] < times[0]:
        return {}, ("catalog.json is older than the manifest and was left out: run `dbt docs generate` again.",)
    return {**listing.nodes, **listing.sources}, ()
