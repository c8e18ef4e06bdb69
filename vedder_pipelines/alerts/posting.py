"""One post to one address, with timeouts and a few tries. The only file of the pipelines that speaks HTTP to others.

Whatever fails is told in our own words: the client's errors and its log name the address, which is a password.
"""

import logging
import time
from datetime import datetime
from email.utils import parsedate_to_datetime

from vedder_core.retrying import attempts
from vedder_pipelines.alerts.channels import Channel
from vedder_pipelines.alerts.message import Json

CONNECT_SECONDS = 4.0
READ_SECONDS = 8.0
TRIES = 3
FIRST_WAIT = 0.5
POST_SECONDS = 12.0
"""After this no other try begins: a tick of the sensor ends after a minute, and others wait for their turn."""
LONGEST_WAIT = 3600.0
TELLTALES = ("httpx2", "httpcore2", "httpcore")
"""Loggers that write down addresses."""


class NotTold(Exception):
    """The post did not reach whoever should read it. `wait` is how long the server wants to be left alone."""

    def __init__(self, reason: str, *, again: bool = False, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again
        self.wait = wait


def post(channel: Channel, message: Json, *, key: str, seconds: float = POST_SECONDS) -> None:
    """Post, and try again where that may help. Raises NotTold unless the server said 2xx."""
    for name in TELLTALES:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    tries = attempts(_again, most=TRIES, first_wait=FIRST_WAIT, longest_wait=seconds, seconds=seconds)
    started = time.monotonic()
    for attempt in tries:
        with attempt:
            _once(channel, message, key, max(seconds - (time.monotonic() - started), 1.0))


def _again(error: Exception) -> bool | float:
    if not isinstance(error, NotTold) or not error.again:
        return False
    return True if error.wait is None else error.wait


def _once(channel: Channel, message: Json, key: str, left: float) -> None:
    import httpx2

    timeout = httpx2.Timeout(min(READ_SECONDS, left), connect=min(CONNECT_SECONDS, left))
    try:
        with httpx2.Client(timeout=timeout, follow_redirects=False) as client:
            url = channel.url.get_secret_value()
            with client.stream("POST", url, json=message, headers={"Idempotency-Key": key}) as answer:
                status, after = answer.status_code, answer.headers.get("retry-after")
    except httpx2.TimeoutException:
        raise NotTold("it did not answer in time", again=True) from None
    except httpx2.TransportError:
        raise NotTold("it cannot be reached", again=True) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
        raise NotTold("its address cannot be used") from None
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise NotTold(f"it answered {status}: it has moved, and redirects are not followed")
    busy = status in (408, 425, 429) or status >= 500
    raise NotTold(f"it answered {status}", again=busy, wait=_wait(after) if busy else None)


def _wait(after: str | None) -> float | None:
    """Seconds of a Retry-After, which is a number or a date; never more than an hour."""
    if not after:
        return None
    try:
        seconds = float(after)
    except ValueError:
        try:
            moment = parsedate_to_datetime(after)
        except ValueError:
            return None
        seconds = (moment - datetime.now(moment.tzinfo)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT)
