"""What is known about the datasets of a query while its notices are looked for. No notice itself is here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from vedder_api.agent.showing_veil import Veil
from vedder_core.answer import RanQuery
from vedder_core.context.entry import DatasetCard
from vedder_core.profile import ColumnProfile
from vedder_core.sql.guard import ParameterValue
from vedder_core.sql.resolved import BaseColumn, Resolved, resolved


@dataclass(frozen=True)
class About:
    """`cards` are at least the datasets that the query reads, by name; `parameters` filled the blanks of its SQL.

    `looked_at` is when the pipeline last compared the context with the warehouse (a cluster's health says so); None
    where that is not known.
    """

    cards: Mapping[str, DatasetCard]
    dialect: str
    now: datetime
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    looked_at: datetime | None = None
    veil: Veil | None = None
    """What other clusters than those of `cards` hide or withhold."""

    def shape(self, query: RanQuery) -> Resolved | None:
        """The query as written, with its columns led back to the datasets'; None where that is not clear."""
        tables = [card.table for card in self.used(query) if card.table is not None]
        return resolved(query.asked, tables, dialect=self.dialect, parameters=self.parameters)

    def used(self, query: RanQuery) -> Iterator[DatasetCard]:
        """The cards of the datasets that the query reads."""
        cards = self._folded()
        return (cards[name.casefold()] for name in query.datasets if name.casefold() in cards)

    def card(self, dataset: str) -> DatasetCard | None:
        return self._folded().get(dataset.casefold())

    def told(self, column: BaseColumn) -> ColumnProfile | None:
        """What is known of a column whose values may be told; None for hidden, sensitive and withheld ones."""
        card = self.card(column.dataset)
        if card is None or card.profile is None or self._is_veiled(column):
            return None
        untold = {name.casefold() for name in card.dataset.unsampled_columns()}
        found = card.profile.column(column.column)
        if found is None or found.withheld is not None or found.name.casefold() in untold:
            return None
        return found

    def _is_veiled(self, column: BaseColumn) -> bool:
        veil, place = self.veil, (column.dataset, column.column)
        return veil is not None and (veil.hides(*place) or veil.why_withheld(*place) is not None)

    def _folded(self) -> Mapping[str, DatasetCard]:
        return {name.casefold(): card for name, card in self.cards.items()}
