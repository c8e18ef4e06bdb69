"""A connection to any server that speaks OpenAI's HTTP interface: one request, its bytes, and what may go wrong.

The only file that imports `openai` (with its HTTP client, httpx2). What the bytes mean is read in
`vedder_core.chat.remote` and `vedder_core.embedder.remote`, which also decide how often to ask again.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import inf, isfinite
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from vedder_core.errors import SettingsError

if TYPE_CHECKING:
    import openai

MOST_BYTES = 32_000_000
CONNECT_SECONDS = 10.0
LONGEST_WAIT = 120.0
SHOWN = 200

T = TypeVar("T")


class ServerProblem(Exception):
    """A request that brought no whole answer.

    `status` is None where the server did not get as far as one; `text` is what it said, without the key and shortened
    in the message; `again` says whether asking again may help, or after how many seconds.
    """

    def __init__(self, text: str, *, status: int | None = None, code: str = "", again: bool | float = False) -> None:
        super().__init__(shortened(text))
        self.text = text
        self.status = status
        self.code = code
        self.again = again


class BrokenOff(ServerProblem):
    """The answer began, and ended before it was whole."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An answer that is still coming in: its media type, and its bytes up to the deadline and to MOST_BYTES."""

    media: str
    parts: Iterator[bytes]


class OpenAIServer:
    """A connection to one base URL, safe to use from many threads. `attempts` is how often to ask in all."""

    def __init__(self, url: str, key: str | None, *, attempts: int = 4) -> None:
        import openai

        self.url = _without_password(url)
        self.attempts = attempts
        self._key = _usable(key or "") or "none"
        # A second layer of retries inside the client would multiply ours.
        self._client = openai.OpenAI(base_url=url, api_key=self._key, max_retries=0)

    def chat(
        self, body: Mapping[str, object], read: Callable[[Incoming], T], *, seconds: float, silence: float = inf
    ) -> T:
        """What `read` makes of the answer to one chat request. Raises ServerProblem, and whatever `read` raises.

        All of it takes no longer than `seconds`; a server that sends nothing for `silence` seconds is given up.
        """
        create: Any = self._client.chat.completions.with_streaming_response.create
        return self._ask(create, body, read, seconds=seconds, silence=silence)

    def embeddings(self, body: Mapping[str, object], *, seconds: float) -> bytes:
        """The answer to one embeddings request. Raises ServerProblem."""
        create: Any = self._client.embeddings.with_streaming_response.create
        return self._ask(create, body, whole, seconds=seconds, silence=inf)

    def _ask(
        self,
        create: Callable[..., AbstractContextManager[Any]],
        body: Mapping[str, object],
        read: Callable[[Incoming], T],
        *,
        seconds: float,
        silence: float,
    ) -> T:
        ends = time.monotonic() + seconds
        late = ServerProblem(f"no answer within the {seconds:.1f} seconds that were left", again=True)
        if seconds <= 0:
            raise late
        try:
            return _within(seconds, lambda: self._exchange(create, body, read, ends, silence))
        except TimeoutError:
            raise late from None

    def _exchange(
        self,
        create: Callable[..., AbstractContextManager[Any]],
        body: Mapping[str, object],
        read: Callable[[Incoming], T],
        ends: float,
        silence: float,
    ) -> T:
        # `from None`: the client's errors hold what the server said in full, and a server may repeat the key.
        import httpx2
        import openai

        left = max(ends - time.monotonic(), 0.001)
        timeout = openai.Timeout(min(left, silence), connect=min(left, CONNECT_SECONDS))
        try:
            with create(**body, timeout=timeout) as answer:
                media = answer.headers.get("content-type", "")
                return read(Incoming(media, _bounded(answer.iter_bytes(), ends)))
        except openai.APIStatusError as error:
            raise self._refused(error) from None
        except openai.APITimeoutError:
            raise ServerProblem("no answer in time", again=True) from None
        except openai.OpenAIError as error:
            cause = error.__cause__ or error
            raise ServerProblem(self.redacted(str(cause) or type(cause).__name__), again=True) from None
        except httpx2.RequestError as error:
            raise BrokenOff(self.redacted(str(error) or type(error).__name__), again=True) from None

    def _refused(self, error: "openai.APIStatusError") -> ServerProblem:
        return ServerProblem(
            self.redacted(_said(error)),
            status=error.status_code,
            code=f"{error.code or ''} {error.type or ''} {error.param or ''}".strip(),
            again=_worth_asking_again(error),
        )

    def redacted(self, text: str) -> str:
        """The text without the key, which some servers repeat."""
        return text.replace(self._key, "***") if self._key != "none" else text


def whole(incoming: Incoming) -> bytes:
    """All bytes of an answer."""
    return b"".join(incoming.parts)


def shortened(text: str) -> str:
    """As much of what a server said as an error may carry."""
    return " ".join(text.split())[:SHOWN]


def _within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns. Raises TimeoutError after so many seconds, whatever it waits for.

    A thread, because a socket that drips bytes, a slow name server and a slow greeting each outlive any timeout of
    theirs. One that is given up ends by the deadline between two reads.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 (it is raised where the result is awaited)
            future.set_exception(error)

    Thread(target=run, name="model-request", daemon=True).start()
    return future.result(timeout=seconds)


def _bounded(parts: Iterator[bytes], ends: float) -> Iterator[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        if time.monotonic() > ends:
            raise ServerProblem("no whole answer in time", again=True)
        if size > MOST_BYTES:
            raise ServerProblem(f"an answer of more than {MOST_BYTES // 1_000_000} MB", status=200)
        yield part


def _said(error: "openai.APIStatusError") -> str:
    """What the server said, in words where it sent words."""
    body = error.body
    if isinstance(body, Mapping):
        words = [body[key] for key in ("message", "detail", "error") if body.get(key)]
        return str(words[0] if words else dict(body))
    text = str(body or "")
    return "a web page" if looks_like_a_page(text) else text


def looks_like_a_page(text: str) -> bool:
    """Is this HTML? Whole pages are no help in an error."""
    return re.match(r"\s*<(!doctype|html)", text, re.IGNORECASE) is not None


def _worth_asking_again(error: "openai.APIStatusError") -> bool | float:
    headers = error.response.headers
    busy = error.status_code in (408, 429) or error.status_code >= 500
    if not busy or headers.get("x-should-retry") == "false":
        return False
    wait = seconds_to_wait(headers, datetime.now(UTC))
    if wait is None:
        return True
    return wait if wait <= LONGEST_WAIT else False


def seconds_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long a server asks to be left alone: in milliseconds, in seconds, or until a date; None if it does not."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            wait = float(headers[name]) / unit
        except (KeyError, ValueError):
            continue
        return max(wait, 0.0) if isfinite(wait) else None
    try:
        date = parsedate_to_datetime(headers["retry-after"])
    except (KeyError, ValueError):
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max((aware - now).total_seconds(), 0.0)


def _usable(key: str) -> str:
    """The key as a header can carry it. The client's own error for another one would hold the key."""
    bare = key.strip()
    if not (bare.isascii() and bare.isprintable() and " " not in bare):
        raise SettingsError(
            "The key of the model's server has characters that HTTP cannot send.",
            hint="Set VEDDER_CHAT_KEY or VEDDER_EMBEDDINGS_KEY to the key alone: no line breaks, no quotes.",
        )
    return bare


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
