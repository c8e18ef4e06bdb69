"""What a cluster taught lately, so that what is gone is missed, and a pair is seen that says what nobody vetted.

It is remembered from one measuring to the next and forgotten after a while: who retires a pair on purpose pays for it
no longer than that. Values of data are not in it: a curator wrote the questions, and of SQL there is only a digest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from vedder_core.cluster import Cluster, Pair
from vedder_pipelines.health.vetting import Vetting, mark, wording

REMEMBERED = timedelta(days=90)
"""How long what is no longer taught still counts."""

SQLS = 5
"""Of a pair, the newest that are remembered: answers of the last months were given by them."""

VETTINGS = 6
"""Of a pair, the newest that are remembered."""


@dataclass(frozen=True)
class TaughtPairBefore:
    """A pair that taught until `last`: its questions then, and digests of its SQL as it was written, the newest first.

    `vettings` are what was vetted, the one that holds first: what is put back needs no new one. `meant` and
    `meant_before` are read where an older version remembered them, which looked at the SQL alone.
    """

    questions: tuple[str, ...]
    sqls: tuple[str, ...]
    last: datetime
    vetted_on: date
    meant: str = ""
    meant_before: tuple[str, ...] = ()
    vettings: tuple[Vetting, ...] = ()

    def vetted(self) -> tuple[Vetting, ...]:
        """Everything that was vetted. Of an older version's, the questions that it remembers were."""
        wordings = tuple(map(wording, self.questions))
        return self.vettings or tuple(Vetting("", one, None, wordings) for one in (self.meant, *self.meant_before))

    def signed(self, pair: Pair) -> bool:
        """Was the pair vetted since, which may be on the very day of the change?"""
        return pair.vetted_on > self.vetted_on or pair.vetted_on >= self.last.date()

    def vetting_of(self, pair: Pair, *, dialect: str) -> Vetting | None:
        """The vetting that covers what the pair says now, if one does."""
        return next((one for one in self.vetted() if one.covers(pair, dialect)), None)

    def not_vetted(self, pair: Pair, *, dialect: str) -> str | None:
        """What of the pair nobody vetted, compared with the vetting that is nearest; None where all of it was."""
        if self.signed(pair) or self.vetting_of(pair, dialect=dialect) is not None:
            return None
        lacking = [tuple(one.lacks(pair, dialect)) for one in self.vetted()]
        return _listed(min(lacking, key=len))


def _listed(parts: tuple[str, ...]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if parts[1:] else parts[0]


@dataclass(frozen=True)
class TaughtDocBefore:
    """A doc that was there until `last`."""

    title: str
    last: datetime


@dataclass(frozen=True)
class Taught:
    """By slug, the pairs and docs that a cluster taught lately."""

    pairs: Mapping[str, TaughtPairBefore] = field(default_factory=dict)
    docs: Mapping[str, TaughtDocBefore] = field(default_factory=dict)

    def and_now(self, cluster: Cluster, valid: Iterable[Pair], now: datetime, *, dialect: str) -> "Taught":
        """With what teaches now, and without what has not for too long."""
        pairs = {pair.slug: self._pair(pair, now, dialect) for pair in valid}
        docs = {doc.slug: TaughtDocBefore(doc.title, now) for doc in cluster.docs}
        recent = now - REMEMBERED
        return Taught(
            {slug: one for slug, one in {**self.pairs, **pairs}.items() if one.last >= recent},
            {slug: one for slug, one in {**self.docs, **docs}.items() if one.last >= recent},
        )

    def _pair(self, pair: Pair, now: datetime, dialect: str) -> TaughtPairBefore:
        before = self.pairs.get(pair.slug)
        sqls = tuple(dict.fromkeys((mark(pair.sql), *(before.sqls if before else ()))))[:SQLS]
        if before is None:
            return TaughtPairBefore(pair.questions(), sqls, now, pair.vetted_on, vettings=(Vetting.of(pair, dialect),))
        known = before.vetting_of(pair, dialect=dialect)
        signed = before.signed(pair)
        if known is None and not signed:  # until somebody vets it
            return replace(before, sqls=sqls)
        holds = Vetting.of(pair, dialect) if known is None or signed else known.seen_in(pair)
        vettings = tuple(dict.fromkeys((holds, *(one for one in before.vetted() if one != known))))[:VETTINGS]
        return TaughtPairBefore(pair.questions(), sqls, now, pair.vetted_on, vettings=vettings)

    def not_vetted(self, pairs: Iterable[Pair], *, dialect: str) -> Mapping[str, str]:
        """The slugs of those that say something else than what was vetted, with what it is.

        A pair under a new name that asks what another one taught is that one, renamed: or else nobody vetted it.
        """
        found: dict[str, str] = {}
        askers = self._askers()
        for pair in pairs:
            own = self.pairs.get(pair.slug)
            asked = (askers[one] for one in map(wording, pair.questions()) if one in askers)
            before = (own,) if own is not None else tuple(asked)
            lacking = [one.not_vetted(pair, dialect=dialect) for one in before]
            if lacking and None not in lacking:
                found[pair.slug] = next(what for what in lacking if what is not None)
        return found

    def _askers(self) -> Mapping[str, TaughtPairBefore]:
        """By wording, the pair that taught it, the newest where several did."""
        taught = sorted(self.pairs.values(), key=lambda one: one.last)
        return {one: before for before in taught for one in map(wording, before.questions)}
