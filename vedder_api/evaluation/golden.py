"""Questions with known answers: a cluster's own pairs, each left out while it is asked, or a file of JSON lines.

Deliberately not here: asking them (`trial`), and comparing results (`results`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vedder_api.agent.taught import candidate_of, cards_of, typed
from vedder_core.context.entry import DatasetCard, Entry
from vedder_core.context.snapshot import Snapshot
from vedder_core.errors import VedderError
from vedder_core.matching.blanks import Blank
from vedder_core.matching.phrasing import Candidate, Phrasing, blanks_of, filled
from vedder_core.problem import did_you_mean
from vedder_core.sql.guard import ParameterValue
from vedder_core.sql.sameness import plain_form

PROBLEMS_NAMED = 10
JULY = 7
SMALL_NUMBER = 3

Mark = tuple[str, ...]


class QuestionsError(VedderError):
    """A question set cannot be used."""


@dataclass(frozen=True, slots=True)
class Golden:
    """A question, every SQL that answers it right, and the entries that must not teach it while it is asked.

    `cluster` is where it belongs, None where that is not known; `parameters` are values of the SQL's blanks.
    """

    id: str
    question: str
    cluster: str | None
    sqls: tuple[str, ...]
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class QuestionSet:
    """Questions with known answers, under the name that evaluations are compared by.

    `unfilled` are the ids of pairs that are not among them: nothing is known to fill one of their blanks with.
    """

    name: str
    goldens: tuple[Golden, ...]
    unfilled: tuple[str, ...] = ()


class _Line(BaseModel):
    """One line of a question set; other keys are of no account here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str = Field(min_length=1)
    sql: str | list[str]
    cluster: str | None = None
    id: str | None = None


def from_file(path: Path) -> tuple[Golden, ...]:
    """The questions of a file of JSON lines: `{"question": ..., "sql": one or a list, "cluster": optional}`.

    Nothing is left out while they are asked: a pair with the same question or SQL teaches. Raises QuestionsError that
    names every line that cannot be used.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsError(f"{path} cannot be read: {error}", hint="Name a file of JSON lines in UTF-8.") from error
    found: list[Golden] = []
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            read = _Line.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            problems.append(f"line {number}: {'.'.join(map(str, first['loc'])) or 'the line'}: {first['msg']}")
            continue
        sqls = (read.sql,) if isinstance(read.sql, str) else tuple(read.sql)
        found.append(Golden(read.id or f"{path.stem}:{number}", read.question, read.cluster, sqls))
    if problems or not found:
        told = "; ".join(problems[:PROBLEMS_NAMED]) or "it holds no question"
        raise QuestionsError(f"{path}: {told}.", hint='A line is {"question": "...", "sql": "SELECT ..."}.')
    return tuple(found)


def from_pairs(snapshot: Snapshot, clusters: Sequence[str] = (), *, dialect: str) -> QuestionSet:
    """One question for each valid pair of these clusters (none named: of all), its blanks filled.

    While it is asked, the pair is left out, and so is every pair of any cluster with the same SQL, however it is
    written, or with one of its phrasings. A pair whose blanks cannot be filled from what the context knows is not
    asked, and named in the set. Raises QuestionsError: no such cluster, or none is left.
    """
    names = {card.name for card in snapshot.cluster_cards()}
    if unknown := next((name for name in clusters if name not in names), None):
        raise QuestionsError(f"There is no cluster {unknown!r}.", hint=did_you_mean(unknown, names))
    pairs = snapshot.entries(kinds=("pair",), clusters=clusters)
    known = [(entry, candidate) for entry in pairs if (candidate := candidate_of(entry)) is not None]
    twins = _twins(snapshot, dialect)
    cards = {name: cards_of(snapshot.entries(kinds=("dataset",), clusters=(name,))) for name in _clusters(pairs)}
    made = {entry.id: _golden(entry, candidate, twins[entry.id], cards[entry.cluster]) for entry, candidate in known}
    goldens = tuple(golden for golden in made.values() if golden is not None)
    if not goldens:
        raise QuestionsError("No valid pair is there to be asked.", hint="`vedder health` says what is wrong.")
    unfilled = tuple(id_ for id_, golden in made.items() if golden is None)
    return QuestionSet(", ".join(clusters) or "all pairs", goldens, unfilled)


def _clusters(entries: Iterable[Entry]) -> frozenset[str]:
    return frozenset(entry.cluster for entry in entries)


def _twins(snapshot: Snapshot, dialect: str) -> Mapping[str, frozenset[str]]:
    """For each pair the ids of all, itself among them, that give its answer away."""
    marks = {
        entry.id: _marks(candidate, dialect)
        for entry in snapshot.entries(kinds=("pair",))
        if (candidate := candidate_of(entry)) is not None
    }
    bearers: defaultdict[Mark, set[str]] = defaultdict(set)
    for id_, its in marks.items():
        for mark in its:
            bearers[mark].add(id_)
    return {id_: frozenset().union(*(bearers[mark] for mark in its)) for id_, its in marks.items()}


def _marks(candidate: Candidate, dialect: str) -> frozenset[Mark]:
    """What makes a pair another's twin: its SQL, and each phrasing by its words, whatever its blanks are called."""
    sql = ("sql", plain_form(candidate.taught.pair.sql, dialect=dialect))
    return frozenset({sql, *(_words(phrasing) for phrasing in candidate.phrasings)})


def _words(phrasing: Phrasing) -> Mark:
    return (phrasing.wording.asks, *("{}" if isinstance(one, Blank) else one.folded for one in phrasing.elements))


def _golden(
    entry: Entry, candidate: Candidate, left_out: frozenset[str], cards: Mapping[str, DatasetCard]
) -> Golden | None:
    blanks = {blank.name: blank for phrasing in candidate.phrasings for blank in blanks_of(phrasing)}
    values = {name: _plausible(blank, candidate.taught.values.get(name, ())) for name, blank in blanks.items()}
    question = filled(candidate, values) if None not in values.values() else None
    if question is None:
        return None
    taught = candidate.taught
    parameters = typed(taught, values, cards)
    return Golden(entry.id, question, entry.cluster, (taught.pair.sql,), parameters, left_out)


def _plausible(blank: Blank, allowed: Sequence[str]) -> ParameterValue:
    """A value that somebody may well ask for: the default, a value of the column, or a small one of the type."""
    if blank.default is not None:
        return blank.default
    if blank.type is None:
        return allowed[len(allowed) // 2] if allowed else None
    lowest = blank.minimum
    match blank.type:
        case "month":
            return JULY
        case "boolean":
            return True
        case "date":
            return lowest if isinstance(lowest, date) else None
        case "integer" | "number":
            return _within(SMALL_NUMBER, lowest, blank.maximum)


def _within(number: int, lowest: float | date | None, highest: float | date | None) -> int | float:
    """The number; where it is out of bounds, the middle of them, or the only one."""
    low = lowest if isinstance(lowest, int | float) else None
    high = highest if isinstance(highest, int | float) else None
    if (low is None or low <= number) and (high is None or number <= high):
        return number
    bounds = [bound for bound in (low, high) if bound is not None]
    return sum(bounds) // len(bounds)
