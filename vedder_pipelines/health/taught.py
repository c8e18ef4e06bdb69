"""What a cluster taught lately, so that a pair or a doc is missed that is gone, and SQL is seen that nobody vetted.

It is remembered from one measuring to the next and forgotten after a while: who retires a pair on purpose pays for it
no longer than that. Values of data are not in it: a curator wrote the questions, and of SQL there is only a digest.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from vedder_core.cluster import Cluster, Pair
from vedder_core.sql.sameness import plain_form

REMEMBERED = timedelta(days=90)
"""How long what is no longer taught still counts."""

SQLS = 5
"""Of a pair, the newest that are remembered: answers of the last months were given by them."""


@dataclass(frozen=True)
class TaughtPairBefore:
    """A pair that taught until `last`: its questions then, and digests of its SQL as it was written, the newest first.

    `meant` is a digest of what the SQL said, whatever it looked like, when somebody vetted it on `vetted_on`;
    `meant_before` are those of earlier vettings, the newest first: what is put back needs no new one.
    """

    questions: tuple[str, ...]
    sqls: tuple[str, ...]
    last: datetime
    vetted_on: date
    meant: str
    meant_before: tuple[str, ...] = ()

    def vetted_as(self, pair: Pair, *, dialect: str) -> bool:
        """Does the pair say what was vetted, or was it vetted again (which may be on the very day of the change)?"""
        again = pair.vetted_on > self.vetted_on or pair.vetted_on >= self.last.date()
        return again or meaning(pair, dialect) in (self.meant, *self.meant_before)


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
        if before is not None and not before.vetted_as(pair, dialect=dialect):  # until somebody vets it
            return replace(before, sqls=sqls)
        meant = meaning(pair, dialect)
        earlier = (before.meant, *before.meant_before) if before else ()
        others = tuple(dict.fromkeys(one for one in earlier if one != meant))[:SQLS]
        return TaughtPairBefore(pair.questions(), sqls, now, pair.vetted_on, meant, others)

    def not_vetted(self, pairs: Iterable[Pair], *, dialect: str) -> frozenset[str]:
        """The slugs of those that say something else than what was vetted."""
        known = ((pair, self.pairs.get(pair.slug)) for pair in pairs)
        return frozenset(p.slug for p, before in known if before and not before.vetted_as(p, dialect=dialect))


def meaning(pair: Pair, dialect: str) -> str:
    """A digest of what a pair's SQL says: spaces, comments and case tell nothing."""
    return hashlib.sha256(plain_form(pair.sql, dialect=dialect).encode()).hexdigest()[:16]


def mark(sql: str) -> str:
    """A digest of SQL as it was written; spaces around it tell nothing."""
    return hashlib.sha256(sql.strip().encode()).hexdigest()[:16]
