"""Several processes that ask at the same time, each with a connection of its own."""

from collections.abc import Sequence

from bench.crashing import spawning
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State


def at_once(asked: Sequence[tuple[str, str]], url: str) -> None:
    """Ask each question under its key as `ann`, in a process of its own; each must end well."""
    processes = [spawning().Process(target=_ask, args=(url, *one)) for one in asked]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * len(asked)


def _ask(url: str, question: str, key: str) -> None:
    with State.open(url) as state:
        Conversations(state).ask(question, caller="ann", key=key)
