"""Whether a pair's parameters, its phrasings and its SQL agree.

Works on the header as written, so that a pair with another mistake still hears of these.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from vedder_core.problem import did_you_mean, nearest
from vedder_core.sql.parse import ParameterUse
from vedder_core.written_file import WrittenFile
from vedder_core.yaml_tree import KeyPath, Node, kind_of

BLANK = re.compile(r"\{([^{}]*)\}")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def check_parameters(
    header: Node, uses: Iterable[ParameterUse] | None, file: WrittenFile, *, listed: tuple[str, ...] | None
) -> None:
    """Report every parameter that does not fit; `uses` are the blanks in the SQL, None where it cannot be read."""
    declared = header.at(("parameters",)).entries() if header.has(("parameters",)) else {}
    if uses is not None:
        _check_uses(declared, tuple(uses), file)
    for path, question in questions(header):
        _check_blanks(header, path, question, declared, file)
    for name, parameter in declared.items():
        if isinstance(parameter.content, dict | None):
            _check_declaration(f"parameters.{name}", parameter, file, listed)


def questions(header: Node) -> Iterator[tuple[KeyPath, str]]:
    """The question and its phrasings, as far as they are text, each with its path."""
    paths: list[KeyPath] = [("question",)] if header.has(("question",)) else []
    if header.has(("phrasings",)):
        paths += [("phrasings", index) for index in range(len(header.at(("phrasings",)).items()))]
    for path in paths:
        text = header.at(path).content
        if isinstance(text, str) and text.strip():
            yield path, text


def _check_uses(declared: Mapping[str, Node], uses: tuple[ParameterUse, ...], file: WrittenFile) -> None:
    used = {use.name for use in uses}
    for use in uses:
        if use.name not in declared:
            file.report(
                f"The SQL uses `:{use.name}`, which is not declared under `parameters`.",
                line=use.line,
                hint=did_you_mean(use.name, declared)
                or f"Declare it: `{use.name}: {{type: integer}}`, or `{use.name}: {{values: schema.table.column}}`.",
            )
    for name, parameter in declared.items():
        if name not in used:
            instead = nearest(name, used - set(declared))
            file.report(
                f"The SQL never uses `:{name}`.",
                line=parameter.line,
                key=f"parameters.{name}",
                hint=f"It uses `:{instead}`." if instead else "Use it in the SQL, or delete the parameter.",
            )


def _check_blanks(header: Node, path: KeyPath, question: str, declared: Mapping[str, Node], file: WrittenFile) -> None:
    line, key = header.at(path).line, header.key(path)
    blanks = BLANK.findall(question)
    unknown = [name for name in dict.fromkeys(blanks) if name not in declared]
    for name in unknown:
        hint = did_you_mean(name, declared) or f"Declare `{name}` under `parameters`, or leave the braces out."
        file.report(f"`{{{name}}}` is not declared under `parameters`.", line=line, key=key, hint=hint)
    if re.search(r"[{}]", BLANK.sub("", question)):
        file.report("A brace has no partner.", line=line, key=key, hint="A parameter is written `{name}`.")
    elif not unknown:
        _check_left_out(blanks, declared, file, line, key)


def _check_left_out(blanks: list[str], declared: Mapping[str, Node], file: WrittenFile, line: int, key: str) -> None:
    for name, parameter in declared.items():
        default = parameter.entries().get("default")
        if name not in blanks and (default is None or default.content is None):
            file.report(
                f"The text leaves out `{{{name}}}`, which has no default.",
                line=line,
                key=key,
                hint=f"Write `{{{name}}}` where its value stands, or give the parameter a `default`.",
            )


def _check_declaration(key: str, parameter: Node, file: WrittenFile, listed: tuple[str, ...] | None) -> None:
    entries = parameter.entries()
    values, kind, default = (entries.get(name) for name in ("values", "type", "default"))
    if (values is None) == (kind is None):
        message = "has neither `values` nor `type`." if values is None else "has both `values` and `type`."
        hint = "Give the column that holds its values (`values: schema.table.column`), or a `type`, and not both."
        file.report(message, line=parameter.line, key=key, hint=hint)
    if values is not None and isinstance(values.content, str):
        _check_values(f"{key}.values", values, values.content, file, listed)
    if default is not None and not isinstance(default.content, dict | tuple | None):
        _check_default(f"{key}.default", default, kind, file)
    for name in ("minimum", "maximum"):
        bound = entries.get(name)
        if bound is not None:
            _check_bound(f"{key}.{name}", bound, kind, file)
    without = entries.get("without")
    if without is not None and values is None:
        message = "`without` takes values away, but there is no `values` column to take them from."
        file.report(message, line=without.line, key=f"{key}.without", hint="Use `minimum` and `maximum` with a `type`.")


def _check_bound(key: str, bound: Node, kind: Node | None, file: WrittenFile) -> None:
    if kind is None or kind.written not in BOUNDED:
        message = "Only a parameter of the type `integer`, `number` or `date` has a smallest and a largest value."
        file.report(message, line=bound.line, key=key, hint="With `values`, name what does not fit under `without`.")
        return
    fits, wanted = FITS[kind.written]
    if not fits(bound.content):
        message = f"`{bound.written}` does not fit the type `{kind.written}`."
        file.report(message, line=bound.line, key=key, hint=f"Write {wanted}.")


def _check_default(key: str, default: Node, kind: Node | None, file: WrittenFile) -> None:
    if kind is None:
        if isinstance(default.content, bool) and default.written not in ("true", "false"):
            hint = f'Put it in quotes: "{default.written}".'
            file.report(f"YAML reads `{default.written}` as {kind_of(default)}.", line=default.line, key=key, hint=hint)
        return
    fits, wanted = FITS.get(kind.written, (_anything, ""))
    if not fits(default.content):
        message = f"`{default.written}` does not fit the type `{kind.written}`."
        file.report(message, line=default.line, key=key, hint=f"Write {wanted}.")


def _check_values(key: str, values: Node, column: str, file: WrittenFile, listed: tuple[str, ...] | None) -> None:
    parts = column.split(".")
    dataset, _, name = column.rpartition(".")
    if len(parts) < 3 or not all(part.strip() for part in parts):
        near = nearest(dataset, listed or ())
        hint = f"Did you mean `{near}.{name}`?" if near else ""
        file.report(f"`{column}` is not written as `schema.table.column`.", line=values.line, key=key, hint=hint)
    elif listed is not None and dataset_of(column, listed) is None:
        message = f"`{dataset}` is not listed under `datasets` in cluster.yaml."
        file.report(message, line=values.line, key=key, hint=did_you_mean(dataset, listed))


def dataset_of(column: str, listed: Iterable[str]) -> tuple[str, str] | None:
    """`schema.table.column` as a listed dataset and the column's name; None where no such dataset is listed."""
    for name in sorted(listed, key=lambda name: not column.startswith(f"{name}.")):
        if column.casefold().startswith(f"{name.casefold()}."):
            return name, column[len(name) + 1 :]
    return None


BOUNDED = ("integer", "number", "date")


def _anything(_: object) -> bool:
    """A type that is unknown is reported elsewhere."""
    return True


def _integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: object) -> bool:
    return _integer(value) or (isinstance(value, float) and math.isfinite(value))


def _date(value: object) -> bool:
    if not isinstance(value, str):
        return type(value) is date
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _month(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().casefold() in MONTHS
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 12


def _boolean(value: object) -> bool:
    return isinstance(value, bool)


FITS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "integer": (_integer, "a whole number, without quotes"),
    "number": (_number, "a number, without quotes"),
    "date": (_date, "a date such as 2026-03-14"),
    "month": (_month, "the English name of a month, or its number from 1 to 12"),
    "boolean": (_boolean, "true or false"),
}
"""Type of a parameter -> whether a default fits it, and what does."""
