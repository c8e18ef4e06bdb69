"""From SQL text to exactly one query tree, with problems placed at a line and column of that text.

Deliberately not here: how long and deep a text may be (`text_limits`), what a query may read (`guard`), and what it
touches (`references`).
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import exp, parse
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from vedder_core.sql.names import fold_names
from vedder_core.sql.parser_traps import check_traps
from vedder_core.sql.postgres_tree import mended
from vedder_core.sql.text_limits import OversizeSql, SqlProblem, check_text, check_tokens
from vedder_core.sql.tokens import tokens_of

__all__ = ["PARSER_FAULTS", "ParameterUse", "SqlProblem", "parameters_in", "parse_query"]

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # its warnings carry the SQL, and so values, into logs

NATIVE_MARKS: Mapping[str, str] = {"duckdb": "$"}
"""Dialects that cannot read `:name` everywhere, and the mark that they use instead."""

INSTEAD: Mapping[type[exp.Expr], str] = {
    exp.Pivot: "Write SELECT * FROM t PIVOT (sum(x) FOR y IN ('a', 'b')), or UNPIVOT (x FOR name IN (a, b)).",
    exp.Values: "Write SELECT * FROM (VALUES ...) AS t(a, b).",
    exp.Describe: "Columns and profiles are in the dataset's card.",
    exp.Summarize: "Columns and profiles are in the dataset's card.",
}
"""What to write in place of statements that only read, and are no SELECT."""

PARSER_FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What the parser and its writer of SQL raise by mistake on some texts that are no SQL, instead of their own errors."""

BEFORE_A_PLAIN_COLON = frozenset(
    {
        TokenType.VAR,
        TokenType.IDENTIFIER,
        TokenType.NUMBER,
        TokenType.STRING,
        TokenType.R_PAREN,
        TokenType.R_BRACKET,
        TokenType.R_BRACE,
    }
)


@dataclass(frozen=True, slots=True)
class ParameterUse:
    """A `:name` in SQL and where it stands."""

    name: str
    line: int
    column: int


def parse_query(sql: str, *, dialect: str) -> exp.Query:
    """The one query that a text holds, with its names as the engine reads them (`names`).

    Raises SqlProblem: too long or nested too deeply, does not parse, several statements, or not a query.
    """
    statements = [statement for statement in _parse(sql, dialect) if statement is not None]
    if not statements:
        raise SqlProblem("There is no SQL.", hint="Write one SELECT.")
    if len(statements) > 1:
        raise SqlProblem(
            f"There are {len(statements)} statements, but one is wanted.",
            hint="Keep one SELECT; make the others WITH clauses or pairs of their own.",
        )
    query = statements[0]
    if not isinstance(query, exp.Query):
        kind = "statement" if isinstance(query, exp.Command) else f"{query.key.upper()} statement"
        raise SqlProblem(f"This is no SELECT but a {kind}.", hint=INSTEAD.get(type(query), "Write one SELECT."))
    return fold_names(mended(query) if dialect == "postgres" else query, dialect)


def _parse(sql: str, dialect: str) -> list[exp.Expr | None]:
    check_text(sql)
    try:
        tokens = tokens_of(sql, dialect)
        check_tokens(tokens)
        check_traps(tokens)
        native = _with_native_blanks(sql, tokens, dialect)
        return list(parse(native, read=dialect, error_message_context=len(sql)))
    except ParseError as error:
        raise _misparsed(error) from error
    except TokenError as error:
        raise SqlProblem(
            "The SQL cannot be read: a quote, comment or bracket is not closed.",
            hint="Look for the one that is opened and never closed; everything behind it is taken for a part of it.",
        ) from error
    except RecursionError as error:
        raise OversizeSql("The SQL is nested too deeply.", hint="Split it into WITH clauses.") from error
    except PARSER_FAULTS as error:
        raise SqlProblem("The SQL does not parse.", hint="Check the spelling, commas and brackets.") from error


def _misparsed(error: ParseError) -> SqlProblem:
    """The place is counted from the text before it: behind a `$name`, DuckDB tokens have wrong lines and columns."""
    detail = error.errors[0] if error.errors else {}
    near, before = str(detail.get("highlight") or ""), str(detail.get("start_context") or "")
    return SqlProblem(
        f"The SQL does not parse{f' near `{near}`' if near else ''}.",
        hint=_plainly(str(detail.get("description") or "")),
        line=before.count("\n") + 1 if near else 0,
        column=len(before) - before.rfind("\n") if near else 0,
    )


def _plainly(description: str) -> str:
    """The parser's remark without the names of its own classes."""
    plain = re.sub(r"<Token [^>]*text: SENTINEL[^>]*>", "the end", description)
    plain = re.sub(r"<Token [^>]*text: ([^,]*),[^>]*>", r"`\1`", plain)
    if not plain or "<class" in plain or "Invalid expression" in plain:
        return "Check the spelling, commas and brackets around that place."
    return plain if plain.endswith(".") else f"{plain}."


def _with_native_blanks(sql: str, tokens: Sequence[Token], dialect: str) -> str:
    """The text with `:name` in the engine's own spelling of the same length, so that positions stay true.

    DuckDB reads `SELECT :x` as the start of a prefix alias (`alias: expression`); it spells parameters `$x`.
    """
    mark = NATIVE_MARKS.get(dialect)
    if mark is None:
        return sql
    letters = list(sql)
    for colon, _ in _blanks(tokens):
        letters[colon.start] = mark
    return "".join(letters)


def parameters_in(sql: str, *, dialect: str, query: exp.Query | None = None) -> tuple[ParameterUse, ...]:
    """The `:name` blanks of a query, in order of appearance. Raises SqlProblem when the text does not parse.

    The tree says which names are blanks (so `a::int`, `x[1:n]` and `{'k': v}` are none), the tokens say where.
    `query` is the tree of the same text, where the caller has it already.
    """
    tree = parse_query(sql, dialect=dialect) if query is None else query
    names = {blank.name for blank in tree.find_all(exp.Placeholder)}
    found = _blanks(tokens_of(sql, dialect))
    return tuple(ParameterUse(word.text, colon.line, colon.col) for colon, word in found if word.text in names)


def _blanks(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """A colon directly before a word and not behind something that could be sliced, keyed or named by it."""
    before = None
    for colon, word in pairwise(tokens):
        starts = before is None or before.token_type not in BEFORE_A_PLAIN_COLON
        if colon.token_type == TokenType.COLON and word.start == colon.end + 1 and word.text.isidentifier() and starts:
            yield colon, word
        before = colon
