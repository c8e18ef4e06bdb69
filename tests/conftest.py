"""The two kinds of state database that every test of what is kept there runs on."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres.server())
        except postgres.NoPostgres as missing:
            pytest.skip(str(missing))
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new state database: a file, or a database on the one server of all tests."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'state' / 'vedder.db'}"
        return
    with postgres.database(request.getfixturevalue("postgres_server")) as url:
        yield url
