"""Changes that a good team makes every week, and that the signals were never tried on: no alarm is wanted.

Written together with `held_out_data` and `held_out_files`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from vedder_api.backtest.damages.damage import Change, PairText, file_of, table_of
from vedder_api.backtest.damages.held_out_data import became_view
from vedder_api.backtest.subject import TEXT, Subject
from vedder_core.schema import Table
from vedder_core.sql.resolved import BaseColumn
from vedder_core.warehouse.duckdb_copy import quoted


class TablesGrew:
    """A tenth more rows like those that are there, under new keys, in a share of the tables that have a key of one
    column: rows of others would be there twice.
    """

    name, harmful = "tables grew", False

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        keys = {name: _new_keys(subject, name) for name in subject.tables()}
        growing = tuple(name for name, own in keys.items() if own and all(own.values()))
        return Change(tuple(_grown(subject, name) for name in subject.victims(self.name, share, of=growing)))


def _grown(subject: Subject, dataset: str) -> str:
    table, keys = table_of(dataset), _new_keys(subject, dataset)
    columns = [keys.get(c.name) or quoted(c.name) for c in subject.tables()[dataset].columns]
    return f"INSERT INTO {table} SELECT {', '.join(columns)} FROM {table} WHERE rowid % 10 = 0"  # noqa: S608 (quoted)


def _new_keys(subject: Subject, dataset: str) -> dict[str, str | None]:
    """For each column that tells the rows apart, new values of it; None where there are none."""
    profile = subject.profile(dataset)
    found: dict[str, str | None] = {}
    for key in profile.key_candidates if profile is not None else ():
        column, name = BaseColumn(dataset, key), quoted(key)
        if subject.is_number(column):
            found[key] = f"{name} + (SELECT max({name}) - min({name}) + 1 FROM {table_of(dataset)})"  # noqa: S608
        else:
            found[key] = f"{name} || ' II'" if subject.type_of(column).startswith(TEXT) else None
    return found


class ColumnsReordered:
    """A share of the tables was built again with its columns in another order."""

    name, harmful = "columns reordered", False

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        tables = subject.victims(self.name, share, of=tuple(subject.tables()))
        return Change(tuple(map(self._turned, (subject.tables()[name] for name in tables))))

    @staticmethod
    def _turned(table: Table) -> str:
        name, columns = table_of(table.name), ", ".join(quoted(c.name) for c in reversed(table.columns))
        return f"CREATE OR REPLACE TABLE {name} AS SELECT {columns} FROM {name}"  # noqa: S608 (quoted)


class TablesBecameViews:
    """A share of the tables moved, and a view with all of their rows stands in their place."""

    name, harmful = "tables became views", False

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        tables = subject.victims(self.name, share, of=tuple(subject.tables()))
        return Change(tuple(statement for name in tables for statement in became_view(name, where="true")))


class PhrasingsVetted:
    """A share of the pairs got another wording, and was vetted again."""

    name, harmful = "phrasings vetted", False

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:
        files = {slug: self._worded(subject, slug, clusters) for slug in subject.victims(self.name, share)}
        return Change(files={file_of(subject, slug): one for slug, one in files.items()})

    @staticmethod
    def _worded(subject: Subject, slug: str, clusters: Path) -> str:
        whole, pair = PairText.read(subject, slug, clusters), subject.pairs[slug].pair
        wordings = [*pair.phrasings, f"Please tell: {pair.question}"]
        return str(whole.having({"phrasings": wordings, "vetted_on": datetime.now(UTC).date()}))


class FilesWritten:
    """A share of the tables got a first pair that counts its rows, and the cluster a doc."""

    name, harmful = "pairs and docs written", False

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        tables = subject.victims(self.name, share, of=tuple(subject.tables()))
        return Change(files=dict(self._written(subject, tables)))

    @staticmethod
    def _written(subject: Subject, tables: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        yield (
            f"{subject.cluster}/docs/how_to_read.md",
            "---\ntitle: How to read these tables\n---\nLook at a few rows.\n",
        )
        for name in tables:
            bare = name.rpartition(".")[2].lower()
            header = f"question: How many rows does the table {bare} hold in this load?\nteaches: How large it is.\n"
            header += f"vetted_by: Spider\nvetted_on: {datetime.now(UTC).date()}\n"
            sql = f"SELECT count(*) AS number FROM {table_of(name)}"  # noqa: S608 (quoted)
            yield f"{subject.cluster}/pairs/rows_of_{bare}.sql", f"/*\n{header}*/\n{sql}\n"
