"""LanceDB, as the context store uses it: tables, merge commits that survive company, quoted filters.

The only file that imports `lancedb`, and only when a store is really opened (it takes seconds to load). Deliberately
not here: what the tables mean.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from vedder_core.errors import ContextError
from vedder_core.retrying import attempts

if TYPE_CHECKING:
    import numpy as np
    from lancedb.db import DBConnection
    from lancedb.table import Table as LanceTable
    from numpy.typing import NDArray

T = TypeVar("T")

BITMAPS = ("cluster", "kind", "status")


class Store:
    """One LanceDB database: a folder, or an object store's URL."""

    def __init__(self, url: str) -> None:
        self.url = url

    @cached_property
    def _db(self) -> "DBConnection":
        import lancedb

        with self.failures():
            return lancedb.connect(self.url)

    def open(self, name: str, *, version: int | None = None) -> "Table | None":
        """The table at its latest version or at an older one; None if it was never made.

        Raises ContextError for a version that was cleaned up.
        """
        if "://" not in self.url and not Path(self.url).is_dir():
            return None  # connecting would make the folder
        with self.failures():
            table = self._opened(name)
        if table is None:
            return None
        if version is not None:
            try:
                table.checkout(version)
            except ValueError as error:
                raise ContextError(
                    f"Version {version} of the context at {self.url} is not kept any more.",
                    hint="VEDDER_KEEP_VERSIONS_DAYS says how long versions are kept.",
                ) from error
        return Table(table, self)

    def _opened(self, name: str) -> "LanceTable | None":
        try:
            return self._db.open_table(name)
        except ValueError as error:
            if "not found" in str(error):
                return None
            raise

    def open_or_create(self, name: str, schema: pa.Schema) -> "Table":
        with self.failures():
            return self.open(name) or Table(self._db.create_table(name, schema=schema, exist_ok=True), self)

    def replace(self, name: str, rows: pa.Table) -> "Table":
        """Replace schema and rows in one commit; older versions stay readable. Indexes are lost."""
        with self.failures():
            return Table(self._db.create_table(name, rows, mode="overwrite"), self)

    @contextmanager
    def failures(self) -> Iterator[None]:
        """LanceDB's errors have no class of their own; outside of this file they are all ContextErrors."""
        try:
            yield
        except (RuntimeError, OSError, ValueError) as error:
            raise ContextError(
                f"The context store at {self.url} failed: {str(error).splitlines()[0]}",
                hint="Check that VEDDER_CONTEXT names a folder or an object store that can be read and written.",
            ) from error


class Table:
    """One table at one version, or at the latest one when it was opened without a version."""

    def __init__(self, table: "LanceTable", store: Store) -> None:
        self._table = table
        self._store = store

    @property
    def version(self) -> int:
        return int(self._table.version)

    @property
    def schema(self) -> pa.Schema:
        return self._table.schema

    def latest(self) -> "Table":
        """Step to the latest version."""
        with self._store.failures():
            self._table.checkout_latest()  # type: ignore[no-untyped-call]
        return self

    def rows(self, where: str | None = None, *, columns: Sequence[str] | None = None) -> pa.Table:
        query = self._table.search()
        if where:
            query = query.where(where)
        if columns:
            query = query.select(list(columns))
        with self._store.failures():
            return query.to_arrow()

    def count(self) -> int:
        with self._store.failures():
            return self._table.count_rows()

    def near(self, vector: "NDArray[np.float32]", where: str, *, limit: int) -> pa.Table:
        """Nearest rows first, with `_distance` = 1 - cosine."""
        query: Any = self._table.search(vector, vector_column_name="vector", query_type="vector")
        return self._ranked(query.distance_type("cosine"), where, limit)

    def matching(self, words: str, where: str, *, limit: int) -> pa.Table:
        """Best BM25 `_score` first. `words` are words, no query language; rows need not be indexed yet."""
        query = self._table.search(words, query_type="fts", fts_columns="text")
        return self._ranked(query, where, limit)

    def _ranked(self, query: Any, where: str, limit: int) -> pa.Table:
        with self._store.failures():
            found: pa.Table = query.where(where, prefilter=True).limit(limit).to_arrow()
        return found

    def append(self, rows: pa.Table) -> None:
        with self._store.failures():
            _committed(lambda: self._table.add(rows))

    def merge(
        self, rows: pa.Table, *, on: Sequence[str], update_where: str | None = None, delete_where: str | None = None
    ) -> int:
        """One commit: matched rows updated (where said), new ones inserted, unmatched ones deleted (where said).

        A concurrent commit on the same rows makes the whole merge run again on top of it. Gives the new version.
        """

        def execute() -> int:
            merge = self._table.merge_insert(list(on)).when_matched_update_all(where=update_where)
            merge = merge.when_not_matched_insert_all()
            if delete_where is not None:
                merge = merge.when_not_matched_by_source_delete(delete_where)
            return int(merge.execute(rows).version)

        with self._store.failures():
            return _committed(execute)

    def delete(self, where: str) -> int:
        with self._store.failures():
            return int(_committed(lambda: self._table.delete(where)).version)

    def index(self) -> None:
        """Make the scalar and full-text indexes that are not there yet."""
        from lancedb.index import FTS, Bitmap

        def create(column: str) -> None:
            if not self.latest()._is_indexed(column):
                self._table.create_index(column, config=FTS() if column == "text" else Bitmap(), replace=False)

        with self._store.failures():
            for column in (*BITMAPS, "text"):
                _committed(partial(create, column))

    def index_keys(self, column: str) -> None:
        """Make the index that finds single keys if it is not there yet."""
        from lancedb.index import BTree

        def create() -> None:
            if not self.latest()._is_indexed(column):
                self._table.create_index(column, config=BTree(), replace=False)

        with self._store.failures():
            _committed(create)

    def index_vectors(self) -> None:
        """Make the vector index if it is not there yet. Vectors stay whole in it, so that no neighbour is made up."""
        from lancedb.index import IvfFlat

        def create() -> None:
            if not self.latest()._is_indexed("vector"):
                self._table.create_index("vector", config=IvfFlat(distance_type="cosine"), replace=False)

        with self._store.failures():
            _committed(create)

    def _is_indexed(self, column: str) -> bool:
        return any(column in index.columns for index in self._table.list_indices())

    def optimize(self, keep: timedelta) -> None:
        """Compact, bring new rows into the indexes, drop versions older than `keep` (never the latest)."""
        with self._store.failures():
            _committed(lambda: self.latest()._table.optimize(cleanup_older_than=keep))


def _committed(commit: Callable[[], T]) -> T:
    """Commit, again and again while others commit first. LanceDB's own retries do not cover every kind of commit."""
    for attempt in attempts(_is_conflict, most=30, first_wait=0.05, longest_wait=1):
        with attempt:
            return commit()
    raise AssertionError("the last attempt returns or raises")


def _is_conflict(error: Exception) -> bool:
    return isinstance(error, RuntimeError | OSError) and "conflict" in str(error)


def words_of(text: str) -> list[str]:
    """The words of a text as the full-text index reads them: without case, accents and endings."""
    from lancedb import tokenize

    return [token.text for token in tokenize(text, remove_stop_words=False)]


def telling(words: Iterable[str]) -> set[str]:
    """Those of these words that the full-text index keeps: it leaves out the commonest ones (*the*, *how*)."""
    from lancedb import tokenize

    return {token.text for token in tokenize(" ".join(words), stem=False)}


def one_of(column: str, values: Iterable[str]) -> str:
    """A filter: the column holds one of the values, whatever is in them."""
    listed = ", ".join(map(_text, values))
    return f"{column} IN ({listed})" if listed else "false"


def below(column: str, above: str) -> str:
    """A filter: the column begins with `above/`. Written as a range, which an index of the column answers."""
    return f"{column} >= {_text(f'{above}/')} AND {column} < {_text(f'{above}0')}"  # 0 is the character behind /


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def key_field(name: str, place: int = 1) -> "pa.Field[Any]":
    """A column of the table's key. LanceDB then sees that two concurrent merges insert the same row."""
    key = {"lance-schema:unenforced-primary-key:position": str(place)}
    return pa.field(name, pa.string(), nullable=False, metadata=key)
