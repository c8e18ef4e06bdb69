"""Trying again, in one way for the whole house: stamina, told through `logging`.

Left to itself, stamina prints to standard output where structlog is installed, in the middle of an answer.
"""

from collections.abc import Callable, Iterator

import stamina
from stamina.instrumentation import LoggingOnRetryHook, set_on_retry_hooks


def attempts(
    on: Callable[[Exception], bool | float], *, most: int, first_wait: float, longest_wait: float
) -> Iterator[stamina.Attempt]:
    """Attempts, each to be used in a `with`; the last one raises.

    `on` says whether an error is worth another attempt, or after how many seconds.
    """
    set_on_retry_hooks([LoggingOnRetryHook])
    return iter(
        stamina.retry_context(
            on=on,
            attempts=most,
            timeout=None,
            wait_initial=first_wait,
            wait_max=longest_wait,
            wait_jitter=first_wait,
        )
    )
