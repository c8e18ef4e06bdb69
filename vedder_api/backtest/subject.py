"""A cluster of the undamaged context, as damages look at it: what its valid pairs read, compare, join and add up.

Deliberately not here: any damage (`damages`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random

from sqlglot import exp

from vedder_core.context.entry import DatasetCard, TaughtPair
from vedder_core.context.snapshot import Snapshot
from vedder_core.profile import Profile
from vedder_core.schema import Table
from vedder_core.sql.comparisons import comparisons
from vedder_core.sql.resolved import BaseColumn, Resolved, resolved
from vedder_core.verdict import Valid

TEXT = ("VARCHAR", "TEXT", "ENUM")
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DOUBLE", "FLOAT", "DECIMAL", "UINTEGER", "UBIGINT")


@dataclass(frozen=True, slots=True)
class Literal:
    """A text that a pair compares a column with."""

    column: BaseColumn
    value: str


@dataclass(frozen=True)
class Subject:
    """`pairs` are the valid ones by slug; `cards` the datasets, by name."""

    cluster: str
    pairs: Mapping[str, TaughtPair]
    cards: Mapping[str, DatasetCard]
    dialect: str

    def tables(self) -> Mapping[str, Table]:
        return {card.table.name: card.table for card in self.cards.values() if card.table is not None}

    def profile(self, dataset: str) -> Profile | None:
        """What was found out about a dataset's data; None where it could not be read."""
        return self.cards[dataset].profile if dataset in self.cards else None

    def type_of(self, column: BaseColumn) -> str:
        """As the engine spells it; "" of a column that is not there."""
        table = self.tables().get(column.dataset)
        known = table.column(column.column) if table is not None else None
        return known.type if known is not None else ""

    def is_number(self, column: BaseColumn) -> bool:
        return self.type_of(column).startswith(NUMBERS)

    def victims(self, kind: str, share: float, *, of: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A share of the pairs (or of other names), at least one of them; a larger share holds a smaller one."""
        names = sorted(self.pairs if of is None else of)
        Random(f"{self.cluster} {kind}").shuffle(names)  # noqa: S311 (to be repeated, not to be secret)
        return tuple(names[: max(1, round(share * len(names)))]) if share > 0 and names else ()

    def shape(self, slug: str) -> Resolved | None:
        """The SQL of a pair with its columns led back; None where that gives up."""
        return self._shapes[slug]

    @cached_property
    def _shapes(self) -> Mapping[str, Resolved | None]:
        tables = list(self.tables().values())
        return {slug: resolved(pair.pair.sql, tables, dialect=self.dialect) for slug, pair in self.pairs.items()}

    def columns(self, slug: str) -> tuple[BaseColumn, ...]:
        """The columns that a pair reads, of tables and not of views' bases."""
        shape = self.shape(slug)
        return tuple(sorted(shape.columns())) if shape is not None else ()

    def read_by(
        self, share: float, *, part: str, among: Callable[[BaseColumn], bool] = lambda _: True
    ) -> tuple[BaseColumn, ...]:
        """Columns that a share of the pairs reads, one at least: the least used first, so that few hit few pairs.

        `part` is which damage asks: others get other columns. Only those `among` count. A larger share holds a smaller
        one.
        """
        readers: defaultdict[BaseColumn, set[str]] = defaultdict(set)
        for slug in self.pairs:
            for column in filter(among, self.columns(slug)):
                readers[column].add(slug)
        names = sorted(readers)
        Random(f"{self.cluster} {part}").shuffle(names)  # noqa: S311 (to be repeated, not to be secret)
        chosen: list[BaseColumn] = []
        hit: set[str] = set()
        for column in sorted(names, key=lambda one: len(readers[one])):
            if len(hit) >= max(1, round(share * len(self.pairs))):
                break
            chosen.append(column)
            hit |= readers[column]
        return tuple(chosen)

    def literals(self, slug: str) -> tuple[Literal, ...]:
        """The texts that a pair cannot do without."""
        shape = self.shape(slug)
        found = comparisons(shape) if shape is not None else ()
        return tuple(
            Literal(one.column, one.values[0])
            for one in found
            if shape is not None
            and one.operator == "="
            and one.always
            and not one.part
            and len(one.values) == 1
            and shape.type_of(one.column).startswith(TEXT)
        )

    def summed(self, slug: str) -> tuple[BaseColumn, ...]:
        """The numbers that a pair adds up or averages."""
        shape = self.shape(slug)
        return tuple(sorted(set(_summed(shape)))) if shape is not None else ()

    def joined(self) -> tuple[str, ...]:
        """The datasets that some pair joins on a column that tells their rows apart."""
        many = (pair for pair in self.pairs.values() if len(pair.datasets) > 1)
        names = {name for pair in many for name in pair.datasets}
        keyed = (card for card in self.cards.values() if card.profile is not None and card.profile.key_candidates)
        return tuple(sorted(names & {card.dataset.name for card in keyed}))


def _summed(shape: Resolved) -> Iterator[BaseColumn]:
    for scope, select in shape.selects():
        for total in select.find_all(exp.Sum, exp.Avg):
            for column in total.find_all(exp.Column):
                base = shape.base(column, scope)
                if base is not None and shape.type_of(base).startswith(NUMBERS):
                    yield base


def subjects(snapshot: Snapshot, *, dialect: str) -> tuple[Subject, ...]:
    """Every cluster of a version of the context that has a valid pair."""
    found = []
    for name in sorted(card.name for card in snapshot.cluster_cards()):
        contents = [(entry, entry.carried()) for entry in snapshot.entries(clusters=(name,), kinds=("pair", "dataset"))]
        pairs = {
            content.pair.slug: content
            for _, content in contents
            if isinstance(content, TaughtPair) and isinstance(content.verdict, Valid)
        }
        cards = {content.dataset.name: content for _, content in contents if isinstance(content, DatasetCard)}
        if pairs:
            found.append(Subject(name, pairs, cards, dialect))
    return tuple(found)
