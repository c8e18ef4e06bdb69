"""An open state database of each kind."""

from collections.abc import Iterator

import pytest

from vedder_core.state.database import State


@pytest.fixture
def state(state_url: str) -> Iterator[State]:
    with State.open(state_url) as state:
        yield state
