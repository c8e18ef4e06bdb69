"""How far an answer by the chat model's own SQL can be trusted: does it only use and join what experts have vetted?

Its SQL is never `verified`: that mark is a vetted pair's own. Nothing here looks at the answer's words or rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from vedder_api.agent.notices.fan_out import tells_apart
from vedder_api.agent.taught import content_of
from vedder_core.answer import RanQuery, TrustMark
from vedder_core.context.entry import DatasetCard, Entry, TaughtPair
from vedder_core.schema import Table
from vedder_core.sql.joined import Joined, Key, joined
from vedder_core.sql.resolved import resolved


def trust(
    queries: Sequence[RanQuery], *, shown: Iterable[Entry], cards: Mapping[str, DatasetCard], dialect: str
) -> tuple[TrustMark, str]:
    """The mark of an answer that rests on these queries, and why, in a sentence.

    `grounded`: every dataset is one that a valid pair or doc that was shown teaches, and every two are joined as such a
    pair joins them, or on a column that is a key. Else `exploratory`.
    """
    teaching = [entry for entry in shown if entry.status == "valid" and entry.kind in ("pair", "doc")]
    vetted = _Vetted(teaching, cards, dialect)
    why = next((reason for query in queries for reason in vetted.doubts(query)), None)
    if not any(query.datasets for query in queries):
        return "exploratory", "It rests on no dataset."
    if why is not None:
        return "exploratory", why
    pairs = sum(entry.kind == "pair" for entry in teaching if _touches(entry, queries))
    docs = sum(entry.kind == "doc" for entry in teaching if _touches(entry, queries))
    told = ", ".join(_counted(n, what) for n, what in ((pairs, "vetted question"), (docs, "doc passage")) if n)
    joins = ", joined only as they join them or on a key" if any(len(query.datasets) > 1 for query in queries) else ""
    return "grounded", f"New SQL over datasets that their experts teach ({told}){joins}."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _touches(entry: Entry, queries: Sequence[RanQuery]) -> bool:
    used = {name.casefold() for query in queries for name in query.datasets}
    return not used.isdisjoint(name.casefold() for name in entry.datasets)


class _Vetted:
    """What the entries that were shown vouch for."""

    def __init__(self, teaching: Sequence[Entry], cards: Mapping[str, DatasetCard], dialect: str) -> None:
        self._datasets = {name.casefold() for entry in teaching for name in entry.datasets}
        self._pairs = [content for entry in teaching if isinstance(content := content_of(entry), TaughtPair)]
        self._cards = {name.casefold(): card for name, card in cards.items()}
        self._dialect = dialect

    def doubts(self, query: RanQuery) -> Iterator[str]:
        """What nobody vouches for in a query, a sentence each."""
        for name in query.datasets:
            if name.casefold() not in self._datasets:
                yield f"No vetted question or doc that was looked at is about `{name}`."
        joins = self._joins(query.asked, query.datasets)
        if joins is None:
            yield "How its SQL joins the datasets could not be followed."
        for one in joins or ():
            if not self._vouched(one):
                yield f"No vetted question that was looked at joins `{one.left}` and `{one.right}` {_how(one)}."

    def _joins(self, sql: str, datasets: Iterable[str]) -> tuple[Joined, ...] | None:
        shape = resolved(sql, self._tables(datasets), dialect=self._dialect)
        return joined(shape) if shape is not None else None

    def _tables(self, datasets: Iterable[str]) -> Iterator[Table]:
        cards = (self._cards.get(name.casefold()) for name in datasets)
        return (card.table for card in cards if card is not None and card.table is not None)

    def _vouched(self, one: Joined) -> bool:
        """Is it on a key of one of the two, or on all that a vetted pair joins them on?"""
        if any(self._is_key(key) for key in one.keys):
            return True
        joined_here = {column.dataset.casefold() for key in one.keys for column in key}
        return any(
            vetted.keys and vetted.keys <= one.keys
            for pair in self._pairs
            if joined_here and joined_here <= {name.casefold() for name in pair.datasets}
            for vetted in self._joins(pair.pair.sql, pair.datasets) or ()
        )

    def _is_key(self, key: Key) -> bool:
        """Does either column tell the rows of its dataset apart?"""
        found = ((self._cards.get(column.dataset.casefold()), column.column.casefold()) for column in key)
        profiles = ((card.profile, name) for card, name in found if card is not None and card.profile is not None)
        return any(tells_apart(profile, frozenset([name])) for profile, name in profiles)


def _how(one: Joined) -> str:
    keys = [" = ".join(f"{column.dataset}.{column.column}" for column in sorted(key)) for key in one.keys]
    return f"on `{' and '.join(sorted(keys))}`" if keys else "as this SQL does"
