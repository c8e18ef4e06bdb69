"""Which of the tables that are new is which of those that are gone: by their columns, rows and names."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from vedder_core.name_likeness import name_likeness
from vedder_core.profile import Profile
from vedder_core.rename_model import Match, matches
from vedder_core.schema import Column, Table

COMMON_COLUMNS = {
    "id", "name", "key", "code", "type", "date", "day", "time", "created_at", "updated_at", "created_on", "updated_on",
    "description", "status", "value", "year", "month", "title", "version", "user_id",
}  # fmt: skip
"""Every other table has one of these, so that it says little if two tables do."""
MOST_CANDIDATES = 20


def renamed_tables(
    gone: Iterable[Table],
    new: Iterable[Table],
    profiles: Mapping[str, Profile],
    profiles_now: Mapping[str, Profile],
) -> list[Match[str, str]]:
    """By name, the surest first."""
    was, now = {table.name: table for table in gone}, {table.name: table for table in new}
    candidates = set(_candidates(was.values(), now.values()))

    def score(old: str, young: str) -> float | None:
        if (old, young) not in candidates:
            return None
        return log_odds(was[old], now[young], profiles.get(old), profiles_now.get(young))

    only_case = list(_only_case(was, now))
    taken = {name for match in only_case for name in (match.was, match.now)}
    return only_case + matches((n for n in was if n not in taken), (n for n in now if n not in taken), score)


def log_odds(was: Table, now: Table, profile: Profile | None, profile_now: Profile | None) -> float:
    """How much more likely it is that the two are one table than that they are two."""
    shared, weight = _shared(was, now)
    telling = min(1.0, weight / 3)
    odds = -4.5 + 6.5 * shared * telling + 3 * name_likeness(_last(was.name), _last(now.name))
    odds += 1.0 * (_schema(was.name) == _schema(now.name)) - 0.5 * (was.kind != now.kind)
    odds += 1.0 * ([(c.name, c.type) for c in was.columns] == [(c.name, c.type) for c in now.columns])
    if profile is not None and profile_now is not None:
        rows, rows_now = profile.rows.value, profile_now.rows.value
        odds += 1.5 if rows == rows_now > 0 else -1.0 if abs(rows - rows_now) > 0.5 * max(rows, rows_now) else 0.0
    return odds


def _only_case(was: Mapping[str, Table], now: Mapping[str, Table]) -> Iterator[Match[str, str]]:
    folded = {name.casefold(): name for name in now}
    for name in was:
        if (young := folded.pop(name.casefold(), None)) is not None:
            yield Match(name, young, 1.0)


def _candidates(gone: Iterable[Table], new: Iterable[Table]) -> Iterator[tuple[str, str]]:
    """Pairs that share columns or their last name; of very many only the nearest, so that it stays quick."""
    holding: dict[str, list[Table]] = defaultdict(list)
    for table in new:
        holding[f"table {_last(table.name).casefold()}"].append(table)
        for column in table.columns:
            holding[column.name.casefold()].append(table)
    for table in gone:
        found: dict[str, float] = defaultdict(float)
        for key in (f"table {_last(table.name).casefold()}", *(column.name.casefold() for column in table.columns)):
            sharing = holding.get(key, [])
            for other in sharing:
                found[other.name] += 1 / len(sharing)
        nearest = sorted(found, key=lambda name: (-found[name], name))[:MOST_CANDIDATES]
        yield from ((table.name, name) for name in nearest)


def _shared(was: Table, now: Table) -> tuple[float, float]:
    """The share of columns that both have (0 to 1), and how much the shared ones weigh."""
    types = {column.name.casefold(): column.type for column in now.columns}
    shared = 0.0
    for column in was.columns:
        type_now = types.get(column.name.casefold())
        if type_now is not None:
            shared += _weight(column) * (1.0 if type_now == column.type else 0.6)
    total = sum(map(_weight, was.columns)) + sum(map(_weight, now.columns))
    return (2 * shared / total if total else 0.0), shared


def _weight(column: Column) -> float:
    return 0.4 if column.name.casefold() in COMMON_COLUMNS else 1.0


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _schema(name: str) -> str:
    return name.rpartition(".")[0]
