"""Verdicts, drifts and repairs as rows of metadata tables: which pair, which column, its new name, since when."""

from collections.abc import Iterable, Iterator, Mapping

import dagster as dg

from vedder_core.repair import Repair
from vedder_core.schema_change import SchemaChange, SchemaDiff
from vedder_core.verdict import Broken
from vedder_pipelines.assets.cluster_asset import Cell
from vedder_pipelines.change_rows import CHANGE_COLUMNS, change_rows
from vedder_pipelines.pairs import PairReport

PAIR_COLUMNS = {
    "pair": "string",
    "verdict": "string",
    "reason": "string",
    "column": "string",
    "probably": "string",
    "confidence": "float",
    "place": "string",
    "since": "string",
    "found_in": "string",
}
CAUSE_COLUMNS = dict(CHANGE_COLUMNS)


DRIFT_COLUMNS = {
    "pair": "string",
    "finding": "string",
    "detector": "string",
    "dataset": "string",
    "column": "string",
    "when_vetted": "string",
    "now": "string",
    "threshold": "string",
}
REPAIR_COLUMNS = {
    "pair": "string",
    "change": "string",
    "confidence": "float",
    "proven": "bool",
    "result": "string",
    "missing_proof": "string",
}


def pair_rows(report: PairReport, slugs: Iterable[str]) -> Iterator[tuple[Cell, ...]]:
    """The broken pairs come first, then those that drifted."""
    broken, drifted, misled = report.verdicts.broken(), report.drift.drifted, report.drifted()
    for slug in sorted(slugs, key=lambda slug: (slug not in broken, slug not in drifted, slug)):
        judged = report.verdicts.judged[slug]
        verdict = judged.verdict
        if not isinstance(verdict, Broken):
            said = " ".join(drift.said for drift in drifted[slug].drifts) if slug in drifted else ""
            kind = "drifted" if slug in misled else "not vetted" if slug in drifted else verdict.kind
            yield slug, kind, said, "", "", None, "", "", ""
            continue
        gone = verdict.missing_column or verdict.missing_table or ""
        place = f"line {verdict.line}, column {verdict.column}" if verdict.line else ""
        since = f"{judged.found_at:%Y-%m-%d %H:%M} UTC" if judged.found_at else ""
        told = verdict.probably or "", verdict.confidence
        yield slug, "broken", verdict.reason, gone, *told, place, since, judged.found_in or ""


def drift_rows(report: PairReport) -> Iterator[tuple[Cell, ...]]:
    """One row a finding."""
    for slug, one in report.drifts():
        evidence = (one.was, one.found, one.threshold)
        yield slug, one.said, one.detector, one.dataset, one.column or "", *evidence


def repair_rows(repairs: Mapping[str, Repair]) -> Iterator[tuple[Cell, ...]]:
    """One row a proposal."""
    for slug, one in sorted(repairs.items()):
        proof = one.proof
        said = " ".join(one.changes)
        yield slug, said, one.confidence, proof.proven, proof.result.replace("_", " "), " ".join(proof.missing)


def repair_page(repairs: Mapping[str, Repair]) -> dg.MarkdownMetadataValue:
    """The diffs, for reading and copying."""
    diffs = "\n".join(one.diff.rstrip("\n") for _, one in sorted(repairs.items()))
    fence = "`" * (3 + diffs.count("```"))
    return dg.MetadataValue.md(f"{fence}diff\n{diffs}\n{fence}" if diffs else "No repair is proposed.")


def cause_rows(changes: SchemaDiff, tables: frozenset[str], routines: frozenset[str]) -> Iterator[tuple[Cell, ...]]:
    """The changes of what the cluster's pairs stand on."""
    own: list[SchemaChange] = [change for change in changes.changes if change.table in tables]
    yield from change_rows(own, (name for name in changes.routines if name in routines))
