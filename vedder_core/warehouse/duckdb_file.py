"""One DuckDB file, opened read-only behind walls, and reopened when a loader has put a new file in its place.

The file is attached to an in-memory instance of our own: DuckDB hands out the old instance when a path is connected
to twice, and a catalog named like one of its schemas (`nyc.duckdb` with a schema `nyc`) makes every name ambiguous.
What is asked of the file is in the siblings of this module. Worker processes import this too: nothing heavy here.
"""

import itertools
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import duckdb

from vedder_core.errors import SettingsError, VedderError, WarehouseError
from vedder_core.warehouse.duckdb_errors import has_given_up

Connect = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]
Identity = tuple[tuple[int, int, int] | None, ...]
Made = TypeVar("Made")

SPILL_BYTES = 4_000_000_000
"""What one opened file may lay down on disk while it sorts or groups."""

UNCOUNTED_BYTES = 256_000_000
UNITS = {"b": 1} | {
    letter + ending: base**power
    for power, letter in enumerate("kmgt", start=1)
    for ending, base in (("", 1000), ("b", 1000), ("ib", 1024))
}
_openings = itertools.count()


def in_memory() -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """An empty instance of its own; what a `Connect` must give."""
    return duckdb.connect(":memory:")


@dataclass(frozen=True)
class Walls:
    """What an opened file may use: folders whose files its views may read, memory, threads, and where to spill."""

    folders: tuple[Path, ...] = ()
    memory: str = "2GB"
    threads: int | None = None
    spill: Path | None = None

    def __post_init__(self) -> None:
        """Raises SettingsError where `memory` is no size."""
        _bytes(self.memory)

    def share(self) -> int:
        """Bytes that a process with this memory may take in all: the engine's, and what the engine does not count."""
        memory = _bytes(self.memory)
        return memory + memory // 4 + UNCOUNTED_BYTES

    def statements(self) -> Iterator[str]:
        """Settings in the order in which they must be made; nothing can be set after the last one."""
        spill = self.spill or Path(tempfile.gettempdir()) / f"vedder-spill-{os.getpid()}-{next(_openings)}"
        folders = ", ".join(_text(folder.resolve().as_posix()) for folder in self.folders)
        yield "SET GLOBAL errors_as_json = true"
        yield "SET GLOBAL TimeZone = 'UTC'"  # the same question gives the same answer on every machine
        yield "SET GLOBAL autoload_known_extensions = false"
        yield "SET GLOBAL autoinstall_known_extensions = false"
        yield "SET GLOBAL allow_community_extensions = false"
        yield "SET GLOBAL allow_extension_repositories = 'forbidden'"
        yield "SET GLOBAL allow_persistent_secrets = false"
        yield "SET GLOBAL python_enable_replacements = false"
        yield f"SET GLOBAL memory_limit = {_text(self.memory)}"
        yield f"SET GLOBAL threads = {self.threads or min(os.cpu_count() or 1, 4)}"
        yield f"SET GLOBAL temp_directory = {_text(spill.as_posix())}"
        yield f"SET GLOBAL max_temp_directory_size = '{SPILL_BYTES} bytes'"
        yield "SET GLOBAL explain_output = 'all'"  # for the check of scans: an optimized plan hides some
        yield f"SET GLOBAL allowed_directories = [{folders}]"
        yield "SET GLOBAL enable_external_access = false"
        yield "SET GLOBAL lock_configuration = true"


@dataclass
class Opened:
    """One opened state of the file; `facts` remembers what was found out about exactly this state.

    A cursor whose use went well is kept in `spare`: setting the path of a hundred schemas takes as long as binding.
    """

    connection: duckdb.DuckDBPyConnection
    catalog: str
    identity: Identity
    opening: ExitStack
    users: int = 0
    facts: dict[str, object] = field(default_factory=dict)
    search_path: str = ""
    spare: list[duckdb.DuckDBPyConnection] = field(default_factory=list)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor that nobody else uses."""
        try:
            return self.spare.pop()
        except IndexError:
            cursor = self.connection.cursor()
        cursor.execute(f"SET search_path = {_text(self.search_path)}")
        return cursor

    def close(self) -> None:
        while self.spare:
            self.spare.pop().close()
        self.opening.close()

    def fact(self, name: str, make: Callable[[], Made]) -> Made:
        """What `make` gives, made once for this state of the file."""
        if name not in self.facts:
            self.facts[name] = make()
        return self.facts[name]  # type: ignore[return-value]


class DuckDBFile:
    """Gives cursors on the newest state of one file; a state that nobody uses any more is closed."""

    def __init__(self, path: Path, walls: Walls, connect: Connect = in_memory) -> None:
        self.path = path
        self._walls = walls
        self._connect = connect
        self._lock = threading.Lock()
        self._newest: Opened | None = None

    @contextmanager
    def use(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, Opened]]:
        """A cursor of its own on the newest state. Raises WarehouseError where the file cannot be opened."""
        opened = self._enter()
        try:
            cursor = opened.cursor()
            try:
                yield cursor, opened
            except BaseException:
                cursor.close()
                raise
            cursor.abort()  # a result of which not all was read would be in the way of the next user
            opened.spare.append(cursor)
        except (duckdb.Error, VedderError) as error:
            if has_given_up(error):
                self._abandon(opened)
            raise
        finally:
            self._leave(opened)

    def close(self) -> None:
        """Close the file; a query that is still running keeps its own state until it ends."""
        with self._lock:
            newest, self._newest = self._newest, None
            if newest is not None and newest.users == 0:
                newest.close()

    def _enter(self) -> Opened:
        identity = _identity(self.path)
        with self._lock:
            if self._newest is None or self._newest.identity != identity:
                fresh = self._open(identity)
                if self._newest is not None and self._newest.users == 0:
                    self._newest.close()
                self._newest = fresh
            self._newest.users += 1
            return self._newest

    def _abandon(self, opened: Opened) -> None:
        """Let nobody else have a state whose engine has given up; the next one opens the file anew."""
        with self._lock:
            if self._newest is opened:
                self._newest = None

    def _leave(self, opened: Opened) -> None:
        with self._lock:
            opened.users -= 1
            if opened.users == 0 and opened is not self._newest:
                opened.close()

    def _open(self, identity: Identity) -> Opened:
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(self._connect())
                catalog = _attach(connection, self.path)
                for statement in self._walls.statements():
                    connection.execute(statement)
                search_path = search_path_of(connection, catalog)
            except duckdb.Error as error:
                raise WarehouseError(
                    f"The warehouse file {self.path} cannot be opened.",
                    hint="Check that it is a DuckDB file of this DuckDB version, and that no loader is writing to it.",
                ) from error
            return Opened(
                connection=connection,
                catalog=catalog,
                identity=identity,
                opening=stack.pop_all(),
                facts=_facts(self.path, identity),
                search_path=search_path,
            )


@lru_cache(maxsize=4)
def _facts(path: Path, identity: Identity) -> dict[str, object]:  # noqa: ARG001
    """What this process found out about one state of a file, for every opening of it: a sensor opens it each minute."""
    return {}


def _identity(path: Path) -> Identity:
    """What changes when another file, or other content, lies at this path; a write-ahead log counts as content."""
    marks: list[tuple[int, int, int] | None] = []
    for part in (path, path.with_name(path.name + ".wal")):
        try:
            found = part.stat()
        except FileNotFoundError:
            marks.append(None)
        else:
            marks.append((found.st_ino, found.st_mtime_ns, found.st_size))
    if marks[0] is None:
        raise WarehouseError(
            f"There is no warehouse file at {path}.",
            hint="Build it first (`make demo` does), or set VEDDER_WAREHOUSE to where it is.",
        )
    return tuple(marks)


def _attach(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """Attach the file under its own name, so that views which spell it out still bind; another where that clashes."""
    taken = {"memory", "system", "temp"}
    name = path.stem.casefold()
    if name not in taken:
        connection.execute(f"ATTACH {_text(path.resolve().as_posix())} AS {quoted(path.stem)} (READ_ONLY)")
        schemas = connection.execute("SELECT lower(schema_name) FROM duckdb_schemas() WHERE NOT internal").fetchall()
        taken |= {str(schema) for (schema,) in schemas} | {"main"}
    catalog = path.stem
    if name in taken:
        if name not in ("memory", "system", "temp"):
            connection.execute(f"DETACH {quoted(catalog)}")
        catalog = next(free for free in _other_names(path.stem) if free.casefold() not in taken)
        connection.execute(f"ATTACH {_text(path.resolve().as_posix())} AS {quoted(catalog)} (READ_ONLY)")
    connection.execute(f"USE {quoted(catalog)}")
    connection.execute("DETACH memory")  # else a query could fill it: the file alone is read-only
    return catalog


def search_path_of(connection: duckdb.DuckDBPyConnection, catalog: str) -> str:
    """The engine's own functions first: a macro of the file that is named like one, even like `+`, is never meant."""
    schemas = connection.execute(
        "SELECT schema_name FROM duckdb_schemas() WHERE database_name = $catalog ORDER BY schema_name <> 'main', 1",
        {"catalog": catalog},
    ).fetchall()
    return ",".join(["system.main", *(f"{quoted(catalog)}.{quoted(str(schema))}" for (schema,) in schemas)])


def _other_names(stem: str) -> Iterator[str]:
    return (f"{stem}_file{'_' * n}" for n in itertools.count())


def _bytes(memory: str) -> int:
    """A size as the engine reads it: `2GB`, `512 MiB`."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", memory.casefold())
    if found is None or found[2] not in UNITS:
        raise SettingsError(f"`memory={memory}` is no size of memory.", hint="Write it like 2GB or 512MiB.")
    return int(float(found[1]) * UNITS[found[2]])


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
