"""Damage to a cluster's files that the signals were never made for: written after them, as `held_out_data`.

What a careless team commits. Docs that contradict pairs are deliberately not here: the model that asks only imitates
pairs, so that no question fails of them.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from vedder_api.backtest.damages.damage import Change, PairText, file_of, texts_of
from vedder_api.backtest.subject import Subject
from vedder_core.cluster import Pair

Edit = Callable[[Subject, str], str | None]
"""From a pair's slug to its SQL as somebody leaves it, None where there is nothing to edit."""


class FiltersDropped:
    """Somebody tidied the WHERE away, in a share of the pairs that have one."""

    name, harmful = "filters dropped", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:
        return Change(files={file: str(one) for file, one in _edited(self.name, subject, share, clusters, _unfiltered)})


class SignedWithoutLooking:
    """The WHERE is gone, in a share of the pairs that have one, and a person set `vetted_on` to today."""

    name, harmful = "signed unread", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:
        today = {"vetted_on": datetime.now(UTC).date()}
        edited = _edited(self.name, subject, share, clusters, _unfiltered)
        return Change(files={file: str(one.having(today)) for file, one in edited})


class JoinKeysWrong:
    """A join on a column that is no key of it, in a share of the pairs that join."""

    name, harmful = "wrong join key", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:
        return Change(files={file: str(one) for file, one in _edited(self.name, subject, share, clusters, _misjoined)})


class PairsCopied:
    """A branch was merged half: beside a share of the pairs lies an older copy under another name, without its filter
    (or with one row of its result)."""

    name, harmful = "older copies merged", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:
        victims = subject.victims(self.name, share)
        old = {slug: self._old(subject, slug, clusters) for slug in victims}
        return Change(files={file_of(subject, f"old_{slug}"): one for slug, one in old.items()})

    @staticmethod
    def _old(subject: Subject, slug: str, clusters: Path) -> str:
        whole, sql = PairText.read(subject, slug, clusters), subject.pairs[slug].pair.sql.rstrip().rstrip(";")
        sql = _unfiltered(subject, slug) or f"SELECT * FROM ({sql}) LIMIT 1"  # noqa: S608 (a pair's own)
        return str(PairText(whole.header, f"\n{sql}\n"))


class PhrasingsAstray:
    """A share of the questions was pasted into another pair, as a phrasing of it."""

    name, harmful = "phrasings astray", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:
        fixed = tuple(slug for slug, pair in subject.pairs.items() if not pair.pair.parameters)
        order = subject.victims(self.name, 1, of=fixed)
        if len(order) < 2:
            return Change()
        files: dict[str, str | None] = {}
        for slug, there in zip(order, (*order[1:], order[0]), strict=True):
            if slug in subject.victims(self.name, share, of=fixed):
                keys = PairText.read(subject, there, clusters).keys()
                wordings = [*_texts(keys.get("phrasings")), subject.pairs[slug].pair.question]
                files[file_of(subject, there)] = str(
                    PairText.read(subject, there, clusters).having({"phrasings": wordings})
                )
        return Change(files=files)


class DefaultsChanged:
    """The value that fills a blank when nobody names one is another, in a share of the pairs that have such a blank."""

    name, harmful = "defaults changed", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:
        having = tuple(slug for slug, one in subject.pairs.items() if _other_defaults(subject, one.pair))
        texts = texts_of(subject, subject.victims(self.name, share, of=having), clusters)
        return Change(
            files={
                file_of(subject, slug): str(one.having({"parameters": _changed(one, subject, slug)}))
                for slug, one in texts.items()
            }
        )


def _edited(kind: str, subject: Subject, share: float, clusters: Path, edit: Edit) -> Iterator[tuple[str, PairText]]:
    """The files of a share of the pairs that such an edit changes, with it."""
    edits = {slug: sql for slug in subject.pairs if (sql := edit(subject, slug)) is not None}
    victims = subject.victims(kind, share, of=tuple(edits))
    for slug, one in texts_of(subject, victims, clusters).items():
        yield file_of(subject, slug), PairText(one.header, f"\n{edits[slug]}\n")


def _unfiltered(subject: Subject, slug: str) -> str | None:
    """The pair's SQL without its outermost WHERE."""
    tree = _tree(subject, slug)
    if tree is None or tree.args.get("where") is None or subject.pairs[slug].pair.parameters:
        return None
    tree.set("where", None)
    return tree.sql(dialect=subject.dialect)


def _misjoined(subject: Subject, slug: str) -> str | None:
    """The pair's SQL with its first join on another column of the joined table, one of the same type."""
    tree = _tree(subject, slug)
    joins = (tree.args.get("joins") or ()) if tree is not None else ()
    join = next((one for one in joins if one.args.get("on") is not None), None)
    if tree is None or join is None:
        return None
    joined = join.this.alias_or_name.casefold()
    ending = f".{join.this.name.casefold()}"
    tables = [table for name, table in subject.tables().items() if name.casefold().endswith(ending)]
    columns = {c.name.casefold(): c for table in tables[:1] for c in table.columns}
    for column in join.args["on"].find_all(exp.Column):
        own = columns.get(column.name.casefold())
        others = [c for c in columns.values() if own is not None and c.type == own.type and c.name != own.name]
        if column.table.casefold() == joined and others:
            column.set("this", exp.to_identifier(others[0].name, quoted=True))
            return tree.sql(dialect=subject.dialect)
    return None


def _tree(subject: Subject, slug: str) -> exp.Select | None:
    try:
        tree = parse_one(subject.pairs[slug].pair.sql, read=subject.dialect)
    except SqlglotError:
        return None
    return tree if isinstance(tree, exp.Select) else None


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _changed(one: PairText, subject: Subject, slug: str) -> dict[str, object]:
    """The parameters as they are written, with other defaults."""
    written, others = one.keys().get("parameters"), _other_defaults(subject, subject.pairs[slug].pair)
    known = written if isinstance(written, dict) else {}
    return {name: {**said, "default": others[name]} if name in others else said for name, said in known.items()}


def _other_defaults(subject: Subject, pair: Pair) -> Mapping[str, object]:
    """By blank, another value that may fill it."""
    found: dict[str, object] = {}
    for name, parameter in pair.parameters.items():
        match parameter.default:
            case None | bool():
                continue
            case int() | float() as number:
                found[name] = number + 1
            case date() as day:
                found[name] = day - timedelta(days=1)
            case str() as value if parameter.values is not None:
                dataset, _, column = parameter.values.rpartition(".")
                profile = subject.profile(dataset)
                known = profile.column(column) if profile is not None else None
                values = [one.value for one in (known.common_values if known is not None else ()) if one.value != value]
                if values:
                    found[name] = values[0]
            case _:
                continue
    return found
