"""Trying again, in one way for the whole house: stamina, told through `logging`.

Left to itself, stamina prints to standard output where structlog is installed, in the middle of an answer; and its line
for `logging` names neither the trouble nor the wait, which a terminal without any logging set up would show.
"""

import logging
import time
from collections.abc import Callable, Iterator
from math import inf

import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

log = logging.getLogger(__name__)


def attempts(
    on: Callable[[Exception], bool | float],
    *,
    most: int,
    first_wait: float,
    longest_wait: float,
    seconds: float = inf,
) -> Iterator[stamina.Attempt]:
    """Attempts, each to be used in a `with`; the last one raises.

    `on` says whether an error is worth another attempt, or after how many seconds. None begins later than `seconds`
    after the first one: rather than wait beyond that, the error is raised at once.
    """
    set_on_retry_hooks([_told])
    ends = time.monotonic() + seconds
    planned = 0.0

    def worth_another(error: Exception) -> bool | float:
        wait = on(error)
        longest = planned if wait is True else wait
        return wait if time.monotonic() + longest < ends else False

    tries = stamina.retry_context(
        on=worth_another,
        attempts=most,
        timeout=None,
        wait_initial=first_wait,
        wait_max=longest_wait,
        wait_jitter=first_wait,
    )
    for attempt in tries:
        planned = attempt.next_wait + first_wait
        yield attempt


def _told(details: RetryDetails) -> None:
    trouble = str(details.caused_by).partition("\n")[0] or type(details.caused_by).__name__
    log.warning("Trying again in %.1f seconds: %s", details.wait_for, trouble)
