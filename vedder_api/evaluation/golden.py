"""Questions with known answers: a cluster's own pairs, each left out while it is asked, or a file of JSON lines.

Deliberately not here: asking them (`trial`), and comparing results (`results`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vedder_api.agent.blanks import Blank
from vedder_api.agent.phrasing import Candidate, blanks_of, filled
from vedder_api.agent.taught import candidate_of, cards_of, typed
from vedder_core.context.entry import DatasetCard, Entry
from vedder_core.context.snapshot import Snapshot
from vedder_core.errors import VedderError
from vedder_core.problem import did_you_mean
from vedder_core.sql.guard import ParameterValue

PROBLEMS_NAMED = 10
JULY = 7
SMALL_NUMBER = 3


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


class _Line(BaseModel):
    """One line of a question set; other keys are of no account here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: str = Field(min_length=1)
    sql: str | list[str]
    cluster: str | None = None
    id: str | None = None


def from_file(path: Path) -> tuple[Golden, ...]:
    """The questions of a file of JSON lines: `{"question": ..., "sql": one or a list, "cluster": optional}`.

    Raises QuestionsError that names every line that cannot be used.
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


def from_pairs(snapshot: Snapshot, clusters: Sequence[str] = ()) -> tuple[Golden, ...]:
    """One question for each valid pair of these clusters (none named: of all), its blanks filled.

    While it is asked, the pair is left out, and so is every pair with the same SQL. A pair whose blanks cannot be
    filled from what the context knows is left out of the set. Raises QuestionsError: no such cluster, or none is left.
    """
    names = {card.name for card in snapshot.cluster_cards()}
    if unknown := next((name for name in clusters if name not in names), None):
        raise QuestionsError(f"There is no cluster {unknown!r}.", hint=did_you_mean(unknown, names))
    pairs = snapshot.entries(kinds=("pair",), clusters=clusters)
    known = [(entry, candidate) for entry in pairs if (candidate := candidate_of(entry)) is not None]
    twins = _twins(snapshot)
    cards = {name: cards_of(snapshot.entries(kinds=("dataset",), clusters=(name,))) for name in _clusters(pairs)}
    made = (_golden(entry, candidate, twins, cards[entry.cluster]) for entry, candidate in known)
    goldens = tuple(golden for golden in made if golden is not None)
    if not goldens:
        raise QuestionsError("No valid pair is there to be asked.", hint="`vedder health` says what is wrong.")
    return goldens


def _clusters(entries: Iterable[Entry]) -> frozenset[str]:
    return frozenset(entry.cluster for entry in entries)


def _twins(snapshot: Snapshot) -> Mapping[str, frozenset[str]]:
    """The ids of all pairs by their SQL, whatever its spaces."""
    found: dict[str, frozenset[str]] = {}
    for entry in snapshot.entries(kinds=("pair",)):
        if (candidate := candidate_of(entry)) is not None:
            plain = _plain(candidate)
            found[plain] = found.get(plain, frozenset()) | {entry.id}
    return found


def _plain(candidate: Candidate) -> str:
    return " ".join(candidate.taught.pair.sql.split()).casefold()


def _golden(
    entry: Entry, candidate: Candidate, twins: Mapping[str, frozenset[str]], cards: Mapping[str, DatasetCard]
) -> Golden | None:
    blanks = {blank.name: blank for phrasing in candidate.phrasings for blank in blanks_of(phrasing)}
    values = {name: _plausible(blank, candidate.taught.values.get(name, ())) for name, blank in blanks.items()}
    question = filled(candidate, values) if None not in values.values() else None
    if question is None:
        return None
    taught = candidate.taught
    return Golden(
        entry.id, question, entry.cluster, (taught.pair.sql,), typed(taught, values, cards), twins[_plain(candidate)]
    )


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
