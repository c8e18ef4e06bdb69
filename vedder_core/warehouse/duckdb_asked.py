"""A guarded query as plain data, in the form in which it goes to a worker process and its outcome comes back.

Only JSON and Arrow pass between the processes: nothing that is unpickled, so that a worker gone wrong stays alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from vedder_core.sql.guard import GuardedQuery

Value = str | int | float | bool | date | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a guarded query says: it can be made from one, and no guarded query can be made from it."""

    sql: str
    datasets: frozenset[str]
    parameters: Mapping[str, Value]

    @classmethod
    def of(cls, query: "GuardedQuery") -> Self:
        return cls(query.sql, query.datasets, dict(query.parameters))

    def to_json(self) -> dict[str, object]:
        values = {name: _plain(value) for name, value in self.parameters.items()}
        return {"sql": self.sql, "datasets": sorted(self.datasets), "parameters": values}

    @classmethod
    def from_json(cls, said: Mapping[str, object]) -> Self:
        sql, datasets, parameters = said["sql"], said["datasets"], said["parameters"]
        if not (isinstance(sql, str) and isinstance(datasets, list) and isinstance(parameters, dict)):
            raise TypeError("This is no query.")
        return cls(sql, frozenset(datasets), {name: _value(value) for name, value in parameters.items()})


def _plain(value: Value) -> object:
    return {"date": value.isoformat()} if isinstance(value, date) else value


def _value(plain: object) -> Value:
    if isinstance(plain, dict):
        return date.fromisoformat(plain["date"])
    if plain is None or isinstance(plain, (str, int, float)):
        return plain
    raise TypeError("This is no value of a parameter.")
