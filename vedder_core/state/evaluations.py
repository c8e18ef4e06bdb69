"""Evaluations as they are kept: each whole, with all its trials, so that any two can be compared later."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from vedder_core.errors import VedderError
from vedder_core.evaluation import TRIALS, Evaluation
from vedder_core.state import tables
from vedder_core.state.database import State

SHORTEST = 4
"""Characters of an id that may stand for it."""


class UnknownEvaluation(VedderError):
    """No evaluation has this id, or several begin with it."""


@dataclass(frozen=True)
class Evaluations:
    """The evaluations of a state database. Every method raises StateError where the database fails."""

    state: State

    def keep(self, evaluations: Iterable[Evaluation]) -> None:
        """Keep them, all or none."""
        with self.state.writing() as connection:
            for one in evaluations:
                values = {column.name: getattr(one, column.name) for column in tables.evaluation.c}
                values["trials"] = TRIALS.dump_python(one.trials, mode="json")
                connection.execute(tables.evaluation.insert().values(values))

    def get(self, id_: str) -> Evaluation:
        """One by its id or the beginning of it. Raises UnknownEvaluation."""
        kept = tables.evaluation
        with self.state.reading() as connection:
            rows = connection.execute(select(kept).where(kept.c.id.startswith(id_, autoescape=True)).limit(2)).all()
        if len(rows) != 1 or len(id_) < SHORTEST:
            several = "Several evaluations begin" if len(rows) > 1 else "No evaluation begins"
            raise UnknownEvaluation(f"{several} with {id_!r}.", hint="`vedder evaluations` lists them.")
        return _evaluation(rows[0])

    def newest(self, *, questions: str | None = None, limit: int = 20) -> tuple[Evaluation, ...]:
        """The newest ones, of one question set or of all, the newest first."""
        kept = tables.evaluation
        wanted = select(kept).order_by(kept.c.at.desc(), kept.c.id).limit(limit)
        if questions is not None:
            wanted = wanted.where(kept.c.questions == questions)
        with self.state.reading() as connection:
            return tuple(map(_evaluation, connection.execute(wanted).all()))


def _evaluation(row: Row[*tuple[Any, ...]]) -> Evaluation:
    values = {column.name: getattr(row, column.name) for column in tables.evaluation.c}
    return Evaluation(**{**values, "trials": TRIALS.validate_python(values["trials"])})
