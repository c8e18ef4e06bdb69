"""Changes after which every pair says what it said: the score has to stay."""

from pathlib import Path

from vedder_api.backtest.damages.damage import Change, file_of, table_of, texts_of
from vedder_api.backtest.subject import Subject


class TablesReloaded:
    """Every table is written again in another order. Nothing is another answer."""

    name, harmful = "tables reloaded", False

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        tables = subject.victims(self.name, share, of=tuple(subject.tables()))
        return Change(
            tuple(
                f"CREATE OR REPLACE TABLE {t} AS SELECT * FROM {t} ORDER BY hash(rowid)"  # noqa: S608 (quoted)
                for t in map(table_of, tables)
            )
        )


class ColumnsAdded:
    """Tables get a column that no pair knows."""

    name, harmful = "columns added", False

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        tables = subject.victims(self.name, share, of=tuple(subject.tables()))
        return Change(tuple(f"ALTER TABLE {table_of(name)} ADD COLUMN loaded_in_batch INTEGER" for name in tables))


class FilesReformatted:
    """Pairs get a comment and other white space; they mean what they meant."""

    name, harmful = "files reformatted", False

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:
        texts = texts_of(subject, subject.victims(self.name, share), clusters)
        return Change(files={file_of(subject, slug): f"{str(one).rstrip()}\n-- seen\n" for slug, one in texts.items()})


class OthersChanged:
    """Nothing happens to this cluster."""

    name, harmful = "nothing", False

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        return Change()
