"""What a look found out about one dataset: its figures, its rows by day, and by the parts that it is cut into.

Asking the warehouse is in `measures`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vedder_core.profile import Partitions
from vedder_pipelines.drift.baseline import Parts
from vedder_pipelines.drift.periods import Days, day_of, folded, unit_of
from vedder_pipelines.drift.statements import Row, whole


@dataclass
class Measured:
    """`cut_by` are the columns that cut it; `parts` its rows by their values, where these are no column of times."""

    rows: int | None = None
    partitions: Partitions | None = None
    numbers: dict[str, object] = field(default_factory=dict)
    days: dict[str, Days] = field(default_factory=dict)
    filled: dict[str, Mapping[str, Days]] = field(default_factory=dict)
    """By column of times: for each other column, how many values it holds on each day."""
    cut_by: tuple[str, ...] = ()
    parts: Mapping[str, int] = field(default_factory=dict)

    def take_periods(self, clock: str, rows: Iterable[Row], named: Mapping[str, str]) -> None:
        """Into what was measured; a column in which much is no day holds no times."""
        listed = list(rows)
        dated = [(day, row) for row in listed if (day := day_of(row["p"])) is not None]
        every = sum(whole(row["r"]) for row in listed if row["p"] is not None)
        if not dated or sum(whole(row["r"]) for _, row in dated) < 0.9 * every:
            return
        self.days[clock] = {day: whole(row["r"]) for day, row in dated}
        self.filled[clock] = {name: {day: whole(row[short]) for day, row in dated} for short, name in named.items()}

    def take_parts(self, rows: Iterable[Row]) -> None:
        """Of statements of `statements.parts_of`; parts of which a value is NULL are none."""
        listed = (([row[f"c{number}"] for number in range(len(self.cut_by))], whole(row["r"])) for row in rows)
        self.parts = {"/".join(map(str, values)): counted for values, counted in listed if None not in values}

    def parts_like(self, like: Parts | None) -> Parts | None:
        """Periods as long as those that they are compared with."""
        days = self.days.get(self.cut_by[0], {}) if len(self.cut_by) == 1 else {}
        if days:
            unit = (like.unit if like is not None else "") or unit_of(days)
            return Parts(self.cut_by, unit, folded(days, unit))
        return Parts(self.cut_by, "", self.parts) if self.parts else None

    def newest(self, name: str) -> tuple[int, int] | None:
        """NULLs and rows of a column in the newest period of the first column of times; it must have some rows."""
        for clock, days in self.days.items():
            if clock == name or name not in self.filled[clock]:
                continue
            unit = unit_of(days)
            rows, filled = folded(days, unit), folded(self.filled[clock][name], unit)
            newest = max(rows)
            return rows[newest] - filled[newest], rows[newest]
        return None
