"""From a cluster, its profiles and verdicts to the entries of the context store.

Plain code without Dagster. What is searched is written for people's questions: a pair by its questions and never by
its SQL, a dataset by what its names and notes mean. Writing the entries is the context store's work.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from vedder_core.cluster import Cluster, ColumnNote, Dataset, Doc, Pair, Parameter
from vedder_core.context.entry import (
    PAYLOADS,
    ClusterCard,
    DatasetCard,
    Entry,
    EntryKind,
    Passage,
    Payload,
    Status,
    TaughtPair,
)
from vedder_core.profile import LONGEST_VALUE, Profile
from vedder_core.repair import Repair
from vedder_core.schema import Catalog, Table
from vedder_core.verdict import Broken, Drifted
from vedder_pipelines.checking import DatasetChecked, failures
from vedder_pipelines.validation import Judged

LONGEST_PASSAGE = 1200  # characters: well under the 256 tokens that the default embedder reads
NOTHING_CHECKED: Mapping[str, DatasetChecked] = {}
NO_REPAIRS: Mapping[str, Repair] = {}
NO_DRIFT: Mapping[str, Drifted] = {}
VALUES_IN_TEXT = 8  # of a column: enough to find a dataset by "JFK", few enough not to drown its description


def entries_of(
    cluster: Cluster,
    catalog: Catalog,
    profiles: Mapping[str, Profile],
    judged: Mapping[str, Judged],
    *,
    checked: Mapping[str, DatasetChecked] = NOTHING_CHECKED,
    repairs: Mapping[str, Repair] = NO_REPAIRS,
    drifted: Mapping[str, Drifted] = NO_DRIFT,
) -> tuple[Entry, ...]:
    """Every entry of a cluster: its card, datasets, pairs (broken and drifted ones marked so) and passages of docs.

    `profiles` and `checked` are by dataset name, `judged`, `repairs` and `drifted` by slug; a pair without a judgement
    is not published.
    """
    return (
        _cluster_entry(cluster),
        *(_dataset_entry(cluster, dataset, catalog, profiles, checked) for dataset in cluster.datasets),
        *(
            _pair_entry(cluster, pair, judged[pair.slug], profiles, repairs.get(pair.slug), drifted.get(pair.slug))
            for pair in cluster.pairs
            if pair.slug in judged
        ),
        *(entry for doc in cluster.docs for entry in _doc_entries(cluster, doc, catalog)),
    )


def _entry(
    cluster: Cluster,
    kind: EntryKind,
    place: str,
    *,
    title: str,
    text: str,
    payload: Payload,
    status: Status = "valid",
    datasets: Iterable[str] = (),
) -> Entry:
    return Entry(
        id=f"{cluster.name}/{kind}{f'/{place}' if place else ''}",
        cluster=cluster.name,
        kind=kind,
        title=title,
        text=text,
        payload=PAYLOADS[kind].dump_json(payload).decode(),
        status=status,
        datasets=tuple(datasets),
    )


def _cluster_entry(cluster: Cluster) -> Entry:
    names = tuple(dataset.name for dataset in cluster.datasets)
    card = ClusterCard(
        name=cluster.name,
        title=cluster.title,
        summary=cluster.summary,
        kind=cluster.kind,
        owner=cluster.owner,
        thresholds=cluster.thresholds,
        datasets=names,
        pairs=len(cluster.pairs),
        docs=len(cluster.docs),
    )
    tables = ", ".join(_words(name.rpartition(".")[2]) for name in names)
    text = f"{cluster.title}. {cluster.summary} {tables}"
    return _entry(cluster, "cluster", "", title=cluster.title, text=text, payload=card, datasets=names)


def _dataset_entry(
    cluster: Cluster,
    dataset: Dataset,
    catalog: Catalog,
    profiles: Mapping[str, Profile],
    checked: Mapping[str, DatasetChecked],
) -> Entry:
    table = _visible(catalog.find(dataset.name), dataset)
    profile = profiles.get(dataset.name)
    failed = failures(dataset, profile, checked.get(dataset.name))
    return _entry(
        cluster,
        "dataset",
        dataset.name,
        title=dataset.name,
        text="\n".join(_dataset_lines(dataset, table, profile)),
        payload=DatasetCard(_without_hidden_notes(dataset), table, profile, failed),
        status="valid" if table is not None else "broken",
        datasets=(dataset.name,),
    )


def _visible(table: Table | None, dataset: Dataset) -> Table | None:
    """The table without its hidden columns: they do not leave the pipeline."""
    hidden = {name.casefold() for name in dataset.hidden_columns()}
    columns = tuple(c for c in table.columns if c.name.casefold() not in hidden) if table else ()
    return table and replace(table, columns=columns, definition=None)  # a view's SQL names what it hides


def _without_hidden_notes(dataset: Dataset) -> Dataset:
    """What hides stays known, because the guard removes those columns; what was said of them does not."""
    columns = {name: ColumnNote(hidden=True) if note.hidden else note for name, note in dataset.columns.items()}
    hidden = {name.casefold() for name in dataset.hidden_columns()}
    late = dataset.freshness is not None and dataset.freshness.column.casefold() in hidden
    kept = {"columns": columns, "expectations": (), "freshness": None if late else dataset.freshness}
    return dataset.model_copy(update=kept)  # expectations are the pipeline's own, and may name what is hidden


def _dataset_lines(dataset: Dataset, table: Table | None, profile: Profile | None) -> Iterator[str]:
    yield f"{_words(dataset.name.rpartition('.')[2])}: {dataset.description}"
    notes = {name.casefold(): note.note for name, note in dataset.columns.items()}
    for column in table.columns if table else ():
        about = notes.get(column.name.casefold()) or column.comment
        seen = profile.column(column.name) if profile else None
        values = ", ".join(v.value for v in seen.common_values[:VALUES_IN_TEXT]) if seen and _is_text(seen.type) else ""
        yield ". ".join(part for part in (_words(column.name), about, values) if part)


def _is_text(engine_type: str) -> bool:
    return engine_type.upper().startswith(("VARCHAR", "TEXT", "STRING", "CHAR", "ENUM"))


def _pair_entry(
    cluster: Cluster,
    pair: Pair,
    judged: Judged,
    profiles: Mapping[str, Profile],
    repair: Repair | None,
    drifted: Drifted | None,
) -> Entry:
    verdict = judged.verdict if drifted is None or isinstance(judged.verdict, Broken) else drifted
    folded = {name.casefold(): profile for name, profile in profiles.items()}
    values = {name: _allowed(parameter, folded) for name, parameter in pair.parameters.items() if parameter.values}
    examples = {name: _example(parameter, values.get(name, ())) for name, parameter in pair.parameters.items()}
    return _entry(
        cluster,
        "pair",
        pair.slug,
        title=pair.question,
        text="\n".join(_filled(question, examples) for question in pair.questions()),
        payload=TaughtPair(pair, verdict, judged.datasets, judged.columns, values, repair),
        status=verdict.kind,
        datasets=judged.datasets,
    )


def _allowed(parameter: Parameter, profiles: Mapping[str, Profile]) -> tuple[str, ...]:
    """The values of the parameter's column that its profile knows whole, most common first; one cut off fits no row."""
    dataset, _, column_name = (parameter.values or "").rpartition(".")
    profile = profiles.get(dataset.casefold())
    column = profile.column(column_name) if profile else None
    if column is None:
        return ()
    values = (common.value for common in column.common_values if common.value not in parameter.without)
    return tuple(value for value in values if column.complete or len(value) < LONGEST_VALUE)


def _example(parameter: Parameter, values: tuple[str, ...]) -> str:
    if parameter.default is not None:
        return str(parameter.default)
    if parameter.type is None:
        return values[0] if values else ""
    return EXAMPLE_OF_TYPE[parameter.type]


EXAMPLE_OF_TYPE: Mapping[str, str] = {
    "integer": "10",
    "number": "10",
    "date": date(2026, 7, 1).isoformat(),
    "month": "July",
    "boolean": "true",
}


def _filled(question: str, examples: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda blank: examples.get(blank[1], blank[0]), question)


def _doc_entries(cluster: Cluster, doc: Doc, catalog: Catalog) -> Iterator[Entry]:
    for part, passage in enumerate(_passages(doc.body)):
        datasets, columns = _named(passage, cluster, catalog)
        yield _entry(
            cluster,
            "doc",
            f"{doc.slug}/{part}",
            title=doc.title,
            text=f"{doc.title}\n{passage}",
            payload=Passage(doc.slug, doc.title, doc.kind, part, passage, datasets, columns),
            datasets=datasets,
        )


def _passages(body: str) -> Iterator[str]:
    """Whole paragraphs, together up to the longest passage; a heading begins a new one."""
    passage = ""
    for paragraph in re.split(r"\n\s*\n", body.strip()):
        too_long = len(passage) + len(paragraph) > LONGEST_PASSAGE
        if passage and (too_long or paragraph.startswith("#")):
            yield passage
            passage = ""
        passage = f"{passage}\n\n{paragraph}" if passage else paragraph
    if passage:
        yield passage


def _named(passage: str, cluster: Cluster, catalog: Catalog) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The datasets and columns (`dataset.column`) of the cluster that a passage names in backticks."""
    words = {word.casefold() for code in re.findall(r"`([^`]+)`", passage) for word in re.findall(r"[\w.]+", code)}
    datasets, columns = set(), set()
    for dataset in cluster.datasets:
        name = dataset.name.casefold()
        if name in words or name.rpartition(".")[2] in words:
            datasets.add(dataset.name)
        table = _visible(catalog.find(dataset.name), dataset)
        for column in table.columns if table else ():
            folded = column.name.casefold()
            if {folded, f"{name}.{folded}", f"{name.rpartition('.')[2]}.{folded}"} & words:
                columns.add(f"{dataset.name}.{column.name}")
                datasets.add(dataset.name)
    return tuple(sorted(datasets)), tuple(sorted(columns))


def _words(name: str) -> str:
    """`dep_time` and `depTime` as words: what a person would say."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ")
