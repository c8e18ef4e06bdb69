"""From SQL text to exactly one query tree, with problems placed at a line and column of that text.

Deliberately not here: what a query may read (`guard`), and what it touches (`references`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import exp, parse, tokenize
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from vedder_core.errors import VedderError

NATIVE_MARKS: Mapping[str, str] = {"duckdb": "$"}
"""Dialects that cannot read `:name` everywhere, and the mark that they use instead."""

LONGEST_SQL = 60_000  # characters; the parser needs > 25 s for some longer chains
MOST_TOKENS = 8_000
DEEPEST_BRACKETS = 40  # the parser gives up at about 100, DuckDB takes seconds at 200

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


class SqlProblem(VedderError):
    """The text is not one query. `line` and `column` count from 1 within the text; 0 where unknown."""

    def __init__(self, message: str, *, hint: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class ParameterUse:
    """A `:name` in SQL and where it stands."""

    name: str
    line: int
    column: int


def parse_query(sql: str, *, dialect: str) -> exp.Query:
    """The one query that a text holds.

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
        raise SqlProblem(f"This is no SELECT but a {kind}.", hint="Vedder only reads: write one SELECT.")
    return query


def _parse(sql: str, dialect: str) -> list[exp.Expr | None]:
    if len(sql) > LONGEST_SQL:
        raise SqlProblem(f"The SQL has {len(sql):,} characters.", hint=f"At most {LONGEST_SQL:,} are read.")
    try:
        tokens = tokenize(sql, read=dialect)
        _refuse_oversize(tokens)
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
        raise SqlProblem("The SQL is nested too deeply.", hint="Split it into WITH clauses.") from error


def _refuse_oversize(tokens: list[Token]) -> None:
    if len(tokens) > MOST_TOKENS:
        raise SqlProblem(f"The SQL has {len(tokens):,} words and signs.", hint=f"At most {MOST_TOKENS:,} are read.")
    depth = 0
    for token in tokens:
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if depth > DEEPEST_BRACKETS:
            raise SqlProblem(
                f"Brackets are nested more than {DEEPEST_BRACKETS} deep.",
                hint="Split the SQL into WITH clauses.",
                line=token.line,
                column=token.col,
            )


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


def _with_native_blanks(sql: str, tokens: list[Token], dialect: str) -> str:
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
    found = _blanks(tokenize(sql, read=dialect))
    return tuple(ParameterUse(word.text, colon.line, colon.col) for colon, word in found if word.text in names)


def _blanks(tokens: list[Token]) -> Iterator[tuple[Token, Token]]:
    """A colon directly before a word and not behind something that could be sliced, keyed or named by it."""
    before = None
    for colon, word in pairwise(tokens):
        starts = before is None or before.token_type not in BEFORE_A_PLAIN_COLON
        if colon.token_type == TokenType.COLON and word.start == colon.end + 1 and word.text.isidentifier() and starts:
            yield colon, word
        before = colon
