"""Who works on which turn: a claim for some seconds, renewed while the work goes on, free for others when it ends.

Times are the database's. A turn that took down whoever claimed it is given up after a few claims, and one that nobody
got to for long is too old to be of use: both end as interrupted, with a problem that says so.
"""

import os
import secrets
import socket
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select, update

from vedder_core.state import tables
from vedder_core.state.database import State
from vedder_core.state.rows import step_of
from vedder_core.state.tables import Now
from vedder_core.state.turn_log import LEASE, TurnLog

MOST_CLAIMS = 4

_WORN = f"This question was begun {MOST_CLAIMS} times, and each time its process died or let go. It is not tried again."
_OLD = "This question waited too long: nobody was there to work on it. Ask it again."

_FREE = and_(tables.OPEN, or_(tables.turn.c.state == "queued", tables.turn.c.lease_until < Now()))


class Leases:
    """The turns of one process. Safe to use from many threads; every method raises StateError."""

    def __init__(self, state: State, owner: str = "") -> None:
        self.state = state
        self.owner = owner or f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._held: dict[str, TurnLog] = {}
        self._lock = threading.Lock()

    def claim(self) -> TurnLog | None:
        """The oldest turn that nobody works on, now this process's; None where there is none."""
        with self.state.reading() as connection:
            if connection.execute(select(tables.turn.c.id).where(_FREE).limit(1)).first() is None:
                return None
        return self._claim(_FREE)

    def claim_turn(self, turn_id: str) -> TurnLog | None:
        """This turn, now this process's; None where it has ended or another process works on it."""
        return self._claim(and_(tables.turn.c.id == turn_id, _FREE))

    def renew(self) -> None:
        """A sign of life for every turn that this process works on."""
        with self._lock:
            held = list(self._held)
        if held:
            turn = tables.turn
            mine = (turn.c.owner == self.owner) & (turn.c.state == "running") & turn.c.id.in_(held)
            with self.state.writing() as connection:
                connection.execute(update(turn).where(mine).values(lease_until=Now(LEASE)))

    def let_go(self, log: TurnLog) -> None:
        """Stop renewing a turn: it has ended, or its lease is to run out."""
        with self._lock:
            if self._held.get(log.turn) is log:
                del self._held[log.turn]

    def give_up(self, log: TurnLog) -> None:
        """Put a turn back, for any process to go on with at once; this log can write no more."""
        self.let_go(log)
        turn = tables.turn
        mine = (turn.c.id == log.turn) & (turn.c.owner == log.owner) & (turn.c.epoch == log.epoch)
        with self.state.writing() as connection:
            connection.execute(
                update(turn).where(mine, turn.c.state == "running").values(state="queued", owner=None, lease_until=None)
            )

    def interrupt_old(self, max_age: timedelta) -> int:
        """End every turn that nobody works on and that was asked longer ago than this; how many there were."""
        old = and_(_FREE, tables.turn.c.asked_at < Now(-max_age.total_seconds()))
        with self.state.reading() as connection:
            if connection.execute(select(tables.turn.c.id).where(old).limit(1)).first() is None:
                return 0
        with self.state.writing() as connection:
            return _interrupt(connection, old, _OLD)

    def _claim(self, wanted: ColumnElement[bool]) -> TurnLog | None:
        turn = tables.turn
        oldest = select(turn.c.id).where(wanted).order_by(turn.c.asked_at, turn.c.id).limit(1)
        claimed = (
            update(turn)
            .where(turn.c.id == oldest.with_for_update(skip_locked=True).scalar_subquery())
            .values(state="running", owner=self.owner, epoch=turn.c.epoch + 1, lease_until=Now(LEASE))
        )
        with self.state.writing() as connection:
            _interrupt(connection, and_(wanted, turn.c.epoch >= MOST_CLAIMS), _WORN)
            row = connection.execute(claimed.returning(turn)).one_or_none()
            if row is None:
                return None
            query = select(tables.step).where(tables.step.c.turn == row.id).order_by(tables.step.c.seq)
            log = self._log(row, connection.execute(query).all() if row.epoch > 1 else ())
        with self._lock:
            self._held[log.turn] = log
        return log

    def _log(self, row: Row[*tuple[Any, ...]], steps: Sequence[Row[*tuple[Any, ...]]]) -> TurnLog:
        return TurnLog(
            state=self.state,
            turn=row.id,
            number=row.number,
            question=row.question,
            caller=row.caller,
            conversation=row.conversation,
            owner=self.owner,
            epoch=row.epoch,
            steps={step.key: step for step in map(step_of, steps)},
        )


def _interrupt(connection: Connection, which: ColumnElement[bool], problem: str) -> int:
    ended = {"state": "interrupted", "problem": problem, "ended_at": Now(), "owner": None, "lease_until": None}
    return connection.execute(update(tables.turn).where(which).values(**ended)).rowcount
