"""A proposed repair of a pair's file, with its proof: it is for the owner to judge, and no program ever applies it."""

from dataclasses import dataclass
from typing import Literal

Comparison = Literal["equal", "differs", "not_compared"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What speaks for a repair. `binds`: the engine accepts the repaired SQL. `result`: its result against the one that
    was stored when the pair last held. `missing` says in sentences which proof could not be had, and why.
    """

    binds: bool
    result: Comparison
    missing: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """It binds, and gives the very result that the pair gave when it held."""
        return self.binds and self.result == "equal"


@dataclass(frozen=True, slots=True)
class Repair:
    """`diff` is a unified diff against the pair's file below the clusters folder, ready for `git apply`.

    `changes` says in sentences what is replaced by what; `sql` is the repaired SQL; `confidence` is 0 to 1.
    """

    cluster: str
    slug: str
    changes: tuple[str, ...]
    sql: str
    diff: str
    confidence: float
    proof: Proof
