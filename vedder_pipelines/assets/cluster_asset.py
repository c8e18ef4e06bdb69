"""What all assets of a cluster have in common: key, group, owner, tags, and links to the files behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from vedder_core.cluster import Cluster
from vedder_core.problem import Problem
from vedder_pipelines.neighbours import Neighbours

Cell = str | int | float | bool | None

if TYPE_CHECKING:
    Materialized = dg.MaterializeResult[None]
else:
    Materialized = dg.MaterializeResult  # Dagster reads the annotation, and does not know it with a parameter


@dataclass(frozen=True)
class Curation:
    """A cluster as the graph was made of it: the digest and problems of its files, where they lie, the dialect of its
    SQL, and the clusters beside it."""

    cluster: Cluster
    digest: str
    problems: tuple[Problem, ...]
    folder: Path
    dialect: str
    neighbours: Neighbours

    @property
    def name(self) -> str:
        return self.cluster.name

    def key(self, place: str) -> dg.AssetKey:
        return dg.AssetKey([self.name, place])

    def spec(
        self,
        place: str,
        description: str,
        *,
        deps: Iterable[dg.AssetKey],
        kinds: set[str],
        freshness: dg.FreshnessPolicy | None = None,
    ) -> dg.AssetSpec:
        files = [dg.LocalFileCodeReference(file_path=str(path), label=label) for label, path in self._files(place)]
        return dg.AssetSpec(
            self.key(place),
            deps=list(deps),
            description=description,
            group_name=self.name,
            owners=[f"team:{self.cluster.owner.team}"],
            kinds=kinds,
            tags={"vedder/cluster": self.name},
            freshness_policy=freshness,
            metadata={
                "title": self.cluster.title,
                "contact": self.cluster.owner.contact,
                "dagster/code_references": dg.CodeReferencesMetadataValue(code_references=list(files)),
            },
        )

    def _files(self, place: str) -> list[tuple[str, Path]]:
        own = Path(__file__).with_name(f"{place}.py")
        return [("Cluster", self.folder.absolute() / self.name / "cluster.yaml"), ("Asset", own)]


def table(columns: dict[str, str], rows: Iterable[tuple[Cell, ...]]) -> dg.TableMetadataValue:
    """A metadata table with its columns' types, so that it also shows when it is empty."""
    schema = dg.TableSchema(columns=[dg.TableColumn(name, kind) for name, kind in columns.items()])
    records = [dg.TableRecord(dict(zip(columns, row, strict=True))) for row in rows]
    return dg.MetadataValue.table(records, schema=schema)


def bullets(lines: Iterable[str], *, otherwise: str) -> dg.MarkdownMetadataValue:
    """Sentences as a Markdown list."""
    return dg.MetadataValue.md("\n".join(f"- {line}" for line in lines) or otherwise)


def problems_table(problems: Iterable[Problem]) -> dg.TableMetadataValue:
    """Problems of files with their places."""
    columns = {"file": "string", "line": "int", "key": "string", "problem": "string", "hint": "string"}
    return table(columns, ((p.file, p.line, p.key, p.message, p.hint) for p in problems))
