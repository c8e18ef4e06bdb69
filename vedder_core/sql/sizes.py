"""How large a value a query can build in one call. An engine's scalar functions do not stop at a deadline, and their
memory is not counted, so what one call may make is limited before anything runs.

A size says how many times longer than a stored or written value a value can be. It is followed through expressions,
subqueries and WITH clauses. Joins, sorts and recursion are not judged: they stop at deadlines and memory limits.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlglot import exp

from vedder_core.errors import QueryRefused
from vedder_core.sql.scope import TableUse

LARGEST_SIZE = 10_000
MOST_STEPS = 1_000_000
LONGEST_COMPARED = 100
DEEPEST_TREE = 400  # more levels than this take the engine's planner, and our own walks, too long
MOST_ARMS = 200  # UNIONs

TEXTS_OF_MANY_ROWS = 1_000
"""The size of what an aggregate strings together: data decide, a thousand values is a guess that keeps texts of them
from being compared in quadratic time, and still lets them be trimmed and replaced in."""

BUILDERS: Mapping[str, int] = {"pad": 1, "list_resize": 1, "array_resize": 1, "bitstring": 1, "equi_width_bins": 2}
"""Functions whose result is as long as an argument says, and which one."""

STRUNG = frozenset(["groupconcat", "list_string_agg", "arraytostring", "array_to_string_comma_default"])
COMPARING = frozenset(
    [
        "levenshtein",
        "damerau_levenshtein",
        "jaro_similarity",
        "jarowinklersimilarity",
        "jaccard",
        "hamming",
        "mismatches",
    ]
)
WORTH_A_LOOK = frozenset(
    {*BUILDERS, *COMPARING, "repeat", "replace", "regexpreplace", "format", "printf", "generateseries"}
    | {"explodinggenerateseries"}
)

PADDING_TYPES = frozenset({exp.DType.CHAR, exp.DType.NCHAR, exp.DType.BPCHAR, exp.DType.BIT})

SECONDS = {"MINUTE": 60, "HOUR": 3_600, "DAY": 86_400, "WEEK": 604_800, "MONTH": 2_419_200, "QUARTER": 7_776_000}
SECONDS |= {"YEAR": 31_536_000, "DECADE": 315_360_000, "CENTURY": 3_153_600_000}


def check_sizes(tree: exp.Query, nodes: Sequence[exp.Expr], uses: Iterable[TableUse]) -> None:
    """Raises QueryRefused if one call could build too large a value, or if the query has too many parts."""
    if sum(isinstance(node, exp.SetOperation) for node in nodes) > MOST_ARMS:
        raise _too_large(f"More than {MOST_ARMS} SELECTs are put together.", "Use one VALUES list, or IN.")
    _check_padding_types(nodes)
    called = [node for node in nodes if isinstance(node, exp.Func) and _called(node) in WORTH_A_LOOK]
    for node in called:
        if isinstance(node, exp.GenerateSeries):
            _check_steps(node)
    if any(not isinstance(node, exp.GenerateSeries) for node in called):
        _Sizes({id(use.node): use.cte for use in uses if use.cte is not None}).of(tree, 1)


class _Sizes:
    """Sizes below one tree; each WITH clause is measured once. The recursive use of a clause counts as 1."""

    def __init__(self, clauses: Mapping[int, exp.CTE]) -> None:
        self._clauses = clauses
        self._measured: dict[int, int] = {}

    def of(self, node: exp.Expr, around: int) -> int:
        """The size of what an expression gives, where the columns that it can see have at most the size `around`."""
        if isinstance(node, exp.Column):
            return around
        if isinstance(node, exp.Table):
            cte = self._clauses.get(id(node))
            return self._of_clause(cte, around) if cte is not None else self._largest(node.iter_expressions(), around)
        if isinstance(node, exp.Select):
            return self._of_select(node, around)
        size = self._largest((part for part in node.iter_expressions() if not isinstance(part, exp.With)), around)
        return self._of_call(node, size) if isinstance(node, exp.Func) else size

    def _largest(self, parts: Iterable[exp.Expr], around: int) -> int:
        return max((self.of(part, around) for part in parts), default=1)

    def _of_clause(self, cte: exp.CTE, around: int) -> int:
        if id(cte) not in self._measured:
            self._measured[id(cte)] = 1
            self._measured[id(cte)] = self.of(cte.this, around)
        return self._measured[id(cte)]

    def _of_select(self, select: exp.Select, around: int) -> int:
        sources = [part for part in (select.args.get("from_"), *(select.args.get("joins") or ())) if part is not None]
        seen = max(around, self._largest(sources, around))
        known = {id(source) for source in sources}
        rest = (part for part in select.iter_expressions() if id(part) not in known and not isinstance(part, exp.With))
        return max(seen, self._largest(rest, seen))

    def _of_call(self, call: exp.Func, size: int) -> int:
        name = _called(call)
        if name in COMPARING and size > LONGEST_COMPARED:
            raise _too_large("Texts that the query builds are compared.", "Compare columns as they are stored.")
        if name in STRUNG:
            return size * TEXTS_OF_MANY_ROWS
        if name in BUILDERS:
            return max(size if name != "pad" else 1, _literal_size(call, _arguments(call)[BUILDERS[name] :]))
        if name in ("format", "printf"):
            return max(size, _width(call))
        factor = _factor(call, name)
        if factor > 1 and size * factor > LARGEST_SIZE:
            raise _too_large(
                f"The query builds values more than {LARGEST_SIZE:,} times as long as stored ones.", "Repeat less."
            )
        return size * factor


def _check_padding_types(nodes: Iterable[exp.Expr]) -> None:
    """A cast to `char(n)` or `bit(n)` makes a value as long as it says, in engines that fill them up."""
    for node in nodes:
        if type(node) is exp.DataType and node.this in PADDING_TYPES:
            size = _whole(node.expressions[0].this) if node.expressions else 1
            if size is None or size > LARGEST_SIZE:
                raise _too_large(f"The size of a type must be at most {LARGEST_SIZE:,}.", "Use TEXT.")


def _called(node: exp.Expr) -> str:
    return str(node.name).casefold() if isinstance(node, exp.Anonymous) else str(node.key)


def _arguments(call: exp.Func) -> list[exp.Expr]:
    return list(call.expressions) if isinstance(call, exp.Anonymous) else list(call.iter_expressions())


def _factor(call: exp.Func, name: str) -> int:
    if name == "repeat":
        return _literal_size(call, [call.args["times"]])
    if name in ("replace", "regexpreplace"):
        written, by = call.args.get("expression"), call.args.get("replacement")
        if not isinstance(by, exp.Literal):
            return 1  # a stored value, or one whose own size was counted
        length = len(by.name)
        if name == "regexpreplace":
            return max(1, length - by.name.count("\\"))
        return max(1, length // max(1, len(written.name))) if isinstance(written, exp.Literal) else max(1, length)
    return 1


def _literal_size(call: exp.Func, arguments: Sequence[exp.Expr]) -> int:
    size = _whole(arguments[0]) if arguments else None
    if size is None or size > LARGEST_SIZE:
        raise _too_large(
            f"The size in {_name(call)} must be a number of at most {LARGEST_SIZE:,}.", "Write the number out."
        )
    return max(size, 1)


def _width(call: exp.Func) -> int:
    """The widest that a format makes a value; it must be written out for that."""
    form = _arguments(call)[0] if _arguments(call) else None
    if not isinstance(form, exp.Literal) or re.search(r"%[^a-zA-Z%]*\*|\{[^{}]*\{", form.name.replace("{{", "")):
        raise _too_large(f"The format of {_name(call)} must be written out, with its widths.", "Write it as one text.")
    widest = max((int(digits) for digits in re.findall(r"\d+", form.name)), default=1)
    if widest > LARGEST_SIZE:
        raise _too_large(f"The width in {_name(call)} must be at most {LARGEST_SIZE:,}.", "Pad less.")
    return max(widest, 1)


def _check_steps(series: exp.GenerateSeries) -> None:
    start, end, step = (series.args.get(key) for key in ("start", "end", "step"))
    if isinstance(step, exp.Interval):
        _check_period(start, end, step)
        return
    first, last, by = _whole(start), _whole(end), _whole(step) if step is not None else 1
    if first is None or last is None or not by:
        if _is_list(series) and not (step is None and _counts(end)):
            raise _too_large(
                "A list of numbers needs bounds that are written out.", "Or use it in FROM, with a condition."
            )
    elif abs(last - first) // abs(by) > MOST_STEPS:
        raise _too_large(f"More than {MOST_STEPS:,} numbers are generated.", "Generate fewer.")


def _check_period(start: exp.Expr | None, end: exp.Expr | None, step: exp.Interval) -> None:
    unit = step.args.get("unit")
    number = step.this.name if isinstance(step.this, exp.Literal) else ""
    seconds = SECONDS.get(unit.name.upper().removesuffix("S"), 0) if isinstance(unit, exp.Var) else 0
    if not number.isdecimal() or not int(number) or not seconds:
        raise _too_large(
            "The step of a series must be a whole number of minutes or more.", "For example INTERVAL 1 DAY."
        )
    first, last = _moment(start), _moment(end)
    if first and last and abs((last - first).total_seconds()) / (int(number) * seconds) > MOST_STEPS:
        raise _too_large(f"More than {MOST_STEPS:,} moments are generated.", "Take a shorter period or longer steps.")


def _is_list(series: exp.GenerateSeries) -> bool:
    """PostgreSQL makes rows of it, wherever it stands."""
    return type(series) is exp.GenerateSeries and not isinstance(series.parent, exp.Table | exp.Lateral)


def _counts(end: exp.Expr | None) -> bool:
    """Is this the length of something that is there already?"""
    if isinstance(end, exp.Add | exp.Sub):
        return _counts(end.this) and (_whole(end.expression) or MOST_STEPS) < MOST_STEPS
    counted = ("length", "len", "array_length", "arraysize", "cardinality", "strlen")
    return isinstance(end, exp.Func) and _called(end) in counted


def _whole(node: exp.Expr | None) -> int | None:
    if isinstance(node, exp.Neg):
        below = _whole(node.this)
        return None if below is None else -below
    if isinstance(node, exp.Paren):
        return _whole(node.this)
    written = node.name if isinstance(node, exp.Literal) and not node.is_string else ""
    return int(written) if written.isdecimal() else None


def _moment(node: exp.Expr | None) -> datetime | None:
    literal = node.this if isinstance(node, exp.Cast) else node
    if not isinstance(literal, exp.Literal):
        return None
    try:
        return datetime.fromisoformat(literal.name).replace(tzinfo=None)
    except ValueError:
        return None


def _name(call: exp.Func) -> str:
    return "lpad or rpad" if isinstance(call, exp.Pad) else _called(call)


def _too_large(message: str, hint: str) -> QueryRefused:
    return QueryRefused(message, hint=hint, code="size")
