"""At most so many connections at a time; a query that waits for one waits in its own time.

Small and ours: a session is given back only as new, one that was given up is replaced at the next use, and waiting ends
at the query's deadline. (psycopg's pool starts threads that reconnect, and knows no deadline of a query.)
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from vedder_core.errors import QueryTimeout, WarehouseError
from vedder_core.warehouse.postgres_opening import Place, check_role
from vedder_core.warehouse.postgres_session import Session, Until

IDLE_SECONDS = 60.0
"""A session that was idle for longer is tried before it is used: a server or a firewall may have closed it."""


class Pool:
    """The sessions of one warehouse; its role is checked when the first one opens."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._free = threading.Condition()
        self._idle: list[tuple[Session, float]] = []
        self._busy: set[Session] = set()
        self._opening = 0
        self._checking = threading.Lock()
        self._checked = False

    @contextmanager
    def session(self, until: Until) -> Iterator[Session]:
        """A session of one's own. Raises QueryTimeout where none is free in time, and WarehouseError."""
        session = self._take(until)
        try:
            yield session
        finally:
            self._give_back(session)

    def warm(self) -> None:
        """Open one session in the background; who comes before it is there opens one, too."""
        threading.Thread(target=self._warm, name="vedder-warm", daemon=True).start()

    def close(self) -> None:
        """Close what is idle; what is busy closes when it is given back, and the pool opens again at its next use."""
        with self._free:
            idle, self._idle = self._idle, []
            self._busy.clear()
        for session, _ in idle:
            session.close()

    def _warm(self) -> None:
        with suppress(WarehouseError), self.session(Until(30.0, time.monotonic())):  # the first query tells
            pass

    def _take(self, until: Until) -> Session:
        with self._free:
            if not self._free.wait_for(self._has_room, timeout=max(until.left, 0.0)):
                raise QueryTimeout(
                    f"The query waited {until.seconds:g} seconds for its turn, and was not run.",
                    hint="The warehouse is busy: ask again. `connections=` in its URL allows more at a time.",
                )
            self._opening += 1
            session, since = self._idle.pop() if self._idle else (None, 0.0)
        try:
            if session is not None and time.monotonic() - since > IDLE_SECONDS and not _answers(session):
                session = None
            session = session or self._open()
            with self._free:
                self._busy.add(session)
            return session
        finally:
            with self._free:
                self._opening -= 1
                self._free.notify()

    def _has_room(self) -> bool:
        return len(self._busy) + self._opening < self._place.connections

    def _open(self) -> Session:
        session = Session(self._place)
        try:
            with self._checking:
                if not self._checked:
                    check_role(session.connection, self._place)
                    self._checked = True
        except WarehouseError:
            session.close()
            raise
        return session

    def _give_back(self, session: Session) -> None:
        with self._free:
            open_still = session in self._busy
            self._busy.discard(session)
            keep = open_still and session.usable
            if keep:
                self._idle.append((session, time.monotonic()))
            self._free.notify()
        if not keep:
            session.close()


def _answers(session: Session) -> bool:
    try:
        with session.transaction(Until(2.0, time.monotonic())):
            return True
    except WarehouseError:
        session.close()
        return False
