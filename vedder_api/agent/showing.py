"""The entries of the context as a chat model reads them well: Markdown, SQL in fences, values as data.

Every text is whole or is not told at all: None where it would tell of a hidden column, or where a pair may not teach.
Deliberately not here: which entries are shown (`context`, `tools`), and results of queries (`showing_rows`).
"""

from collections.abc import Iterator
from functools import lru_cache

from vedder_api.agent.showing_columns import columns_of, figure, long_line, short_line
from vedder_api.agent.showing_values import LONGEST_COMMENT, listed, named, prose, quoted
from vedder_api.agent.showing_veil import Veil
from vedder_api.agent.taught import content_of
from vedder_core.cluster import Parameter, ParameterType
from vedder_core.context.entry import ClusterCard, DatasetCard, Entry, Passage, TaughtPair
from vedder_core.profile import Profile
from vedder_core.verdict import Valid

COLUMNS_SHORT = 40
COLUMNS_LONG = 150
DATASETS_NAMED = 8
CHECKS = 3
VALUES_OF_A_PARAMETER = 8
OF_TYPE: dict[ParameterType, str] = {
    "integer": "a whole number",
    "number": "a number",
    "date": "a date, written DATE '2026-01-31'",
    "month": "a month as a number from 1 to 12",
    "boolean": "true or false",
}


@lru_cache(maxsize=2048)
def shown(entry: Entry, veil: Veil, *, long: bool = False) -> str | None:
    """An entry as Markdown, written once for as long as it and the veil stay the same; `long` is for datasets."""
    content = content_of(entry)
    match content:
        case ClusterCard():
            return cluster_line(content, veil)
        case DatasetCard():
            return dataset_card(content, entry.cluster, veil, long=long)
        case TaughtPair():
            return pair_example(content, entry.cluster, veil)
        case Passage():
            return passage(content, entry.cluster, veil)


def cluster_line(card: ClusterCard, veil: Veil) -> str:
    """What a cluster is about, who answers for it, and its datasets by name."""
    about = "" if veil.betrays(card.summary) else f": {prose(card.summary)}"
    datasets = listed(card.datasets, DATASETS_NAMED) or "none"
    return f"- {named(card.name)} ({prose(card.title)}){about} Owner: {card.owner.team}. Datasets: {datasets}."


def dataset_card(card: DatasetCard, cluster: str, veil: Veil, *, long: bool = False) -> str | None:
    """A dataset with a line a column; None where the warehouse does not have it."""
    if card.table is None:
        return None
    columns = columns_of(card, veil)
    most, line = (COLUMNS_LONG, long_line) if long else (COLUMNS_SHORT, short_line)
    lines = [f"### {named(card.dataset.name)} ({card.table.kind}, cluster {named(cluster)})"]
    lines += _about(card, veil, long=long)
    lines += [line(column, card.profile, veil) for column in columns[:most]]
    if len(columns) > most:
        lines.append(f"- and {listed(tuple(column.column.name for column in columns[most:]), COLUMNS_LONG)}")
    return "\n".join(lines)


def _about(card: DatasetCard, veil: Veil, *, long: bool) -> Iterator[str]:
    dataset = card.dataset
    if not veil.betrays(dataset.description):
        yield prose(dataset.description)
    if dataset.deprecated_by is not None:
        yield f"**Deprecated: use {named(dataset.deprecated_by)} instead.**"
    if long and card.table is not None and card.table.comment and not veil.betrays(card.table.comment):
        yield f"Comment: {quoted(card.table.comment, longest=LONGEST_COMMENT)}"
    failed = [prose(check) for check in card.failed_checks[:CHECKS] if not veil.betrays(check)]
    if failed:
        yield f"**Not as its experts expect: {'; '.join(failed)}.**"
    facts = "; ".join(_facts(card, veil, long=long))
    if facts:
        yield f"{facts}."


def _facts(card: DatasetCard, veil: Veil, *, long: bool) -> Iterator[str]:
    profile, name = card.profile, card.dataset.name
    if profile is None:
        yield "Not profiled yet"
        return
    yield figure(profile.rows, "rows").capitalize()
    keys = tuple(key for key in profile.key_candidates if not veil.hides(name, key))
    if keys:
        yield f"unique by itself: {listed(keys, DATASETS_NAMED)}"
    yield from _partitions(profile, name, veil)
    freshness = card.dataset.freshness
    if freshness is not None and not veil.hides(name, freshness.column):
        yield f"{named(freshness.column)} tells how fresh it is"
    if long and profile.modified_at is not None:
        yield f"last changed {profile.modified_at:%Y-%m-%d %H:%M}"
    if long and profile.bytes is not None:
        yield f"{profile.bytes:,} bytes"


def _partitions(profile: Profile, name: str, veil: Veil) -> Iterator[str]:
    cut = profile.partitions
    if cut is None or any(veil.hides(name, column) for column in cut.columns):
        return
    withheld = any(veil.why_withheld(name, column) for column in cut.columns)
    known = not withheld and cut.first is not None and cut.last is not None
    ends = f", {quoted(cut.first)} to {quoted(cut.last)}" if known else ""
    yield f"{cut.count:,} partitions ({cut.kind}) by {listed(cut.columns, DATASETS_NAMED)}{ends}"


def pair_example(taught: TaughtPair, cluster: str, veil: Veil) -> str | None:
    """A vetted pair as an example; None for one that is not valid or that uses what is hidden."""
    if not isinstance(taught.verdict, Valid) or veil.betrayed_by(taught):
        return None
    pair = taught.pair
    also = "; ".join(prose(phrasing) for phrasing in pair.phrasings)
    blanks = [_parameter(name, parameter, taught, veil) for name, parameter in pair.parameters.items()]
    lines = [
        f"### Pair {named(f'{cluster}/{pair.slug}')}",
        f"Question: {prose(pair.question)}",
        *([f"Also asked as: {also}"] if also else []),
        f"Teaches: {prose(pair.teaches)}",
        *(["Put a value in the place of each parameter:", *blanks] if blanks else []),
        fenced(pair.sql, "sql"),
    ]
    return "\n".join(lines)


def _parameter(name: str, parameter: Parameter, taught: TaughtPair, veil: Veil) -> str:
    facts = [_allowed(name, parameter, taught, veil)]
    if parameter.minimum is not None:
        facts.append(f"not below {parameter.minimum}")
    if parameter.maximum is not None:
        facts.append(f"not above {parameter.maximum}")
    if parameter.without and not _is_withheld(parameter, veil):
        facts.append(f"none of {', '.join(map(quoted, parameter.without))}")
    if parameter.default is not None:
        facts.append(f"{_default(parameter)} where the question does not say")
    return f"- `:{name}`: {', '.join(facts)}"


def _allowed(name: str, parameter: Parameter, taught: TaughtPair, veil: Veil) -> str:
    if parameter.type is not None:
        return OF_TYPE[parameter.type]
    values = () if _is_withheld(parameter, veil) else taught.values.get(name, ())
    examples = ", ".join(map(quoted, values[:VALUES_OF_A_PARAMETER]))
    more = f" and {len(values) - VALUES_OF_A_PARAMETER:,} more" if len(values) > VALUES_OF_A_PARAMETER else ""
    return f"a value of {named(parameter.values or '')}{f' ({examples}{more})' if examples else ''}"


def _is_withheld(parameter: Parameter, veil: Veil) -> bool:
    dataset, _, column = (parameter.values or "").rpartition(".")
    return veil.why_withheld(dataset, column) is not None


def _default(parameter: Parameter) -> str:
    default = parameter.default
    return quoted(default if isinstance(default, str | int | float) else str(default))


def passage(content: Passage, cluster: str, veil: Veil) -> str | None:
    """A passage of a doc, every line of it marked as quoted; None where it names what is hidden."""
    if veil.betrayed_by(content):
        return None
    lines = (f"> {' '.join(line.split())}".rstrip() for line in content.text.strip().splitlines())
    place = named(f"{cluster}/{content.slug}")
    return "\n".join((f"### {content.kind.capitalize()} {place}: {prose(content.title)}", *lines))


def fenced(code: str, language: str) -> str:
    """Code in a fence that is longer than any in it."""
    fence = "```"
    while fence in code:
        fence += "`"
    return f"{fence}{language}\n{code.strip()}\n{fence}"
