"""What a text may be before it is parsed: limits that keep the parser and the engine's planner quick.

The parser gives up at about 100 nested brackets, DuckDB takes seconds at 200; some chains cost the parser minutes.
"""

import re
from collections.abc import Iterable, Sequence

from sqlglot.tokenizer_core import Token, TokenType

from vedder_core.errors import VedderError

LONGEST_SQL = 60_000  # characters
MOST_TOKENS = 8_000
DEEPEST_BRACKETS = 40
LONGEST_RUN = 20

UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff0-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]|\r(?!\n)"
)
"""Control, zero-width, bidirectional and line-separator characters: what is read is then not what is seen. A lone
carriage return ends a comment for DuckDB, and not for the parser."""

OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE})
CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END})
UNARY = frozenset(
    {TokenType.NOT, TokenType.DASH, TokenType.PLUS, TokenType.TILDE, TokenType.DCOLON, TokenType.INTERVAL}
)


class SqlProblem(VedderError):
    """The text is not one query. `line` and `column` count from 1 within the text; 0 where unknown."""

    def __init__(self, message: str, *, hint: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.line = line
        self.column = column


class OversizeSql(SqlProblem):
    """The text is too long, or nested too deeply, to be read at all."""


def check_text(sql: str) -> None:
    """Raises OversizeSql for a long text, SqlProblem for one with characters that cannot be seen."""
    if len(sql) > LONGEST_SQL:
        raise OversizeSql(f"The SQL has {len(sql):,} characters.", hint=f"At most {LONGEST_SQL:,} are read.")
    if unseen := UNSEEN.search(sql):
        before = sql[: unseen.start()]
        raise SqlProblem(
            f"The SQL holds a character that cannot be seen (U+{ord(unseen.group()):04X}).",
            hint="Type that place anew; in a text, chr(...) can stand for such a character.",
            line=before.count("\n") + 1,
            column=len(before) - before.rfind("\n"),
        )


def check_tokens(tokens: Sequence[Token]) -> None:
    """Raises OversizeSql for too many words, too deep brackets, or a long run of signs and casts."""
    if len(tokens) > MOST_TOKENS:
        raise OversizeSql(f"The SQL has {len(tokens):,} words and signs.", hint=f"At most {MOST_TOKENS:,} are read.")
    _check_depth(tokens)
    _check_runs(tokens)


def _check_depth(tokens: Iterable[Token]) -> None:
    depth = 0
    for token in tokens:
        kind = token.token_type
        if kind in OPENING:
            depth += 1
            if depth > DEEPEST_BRACKETS:
                raise OversizeSql(
                    f"Brackets are nested more than {DEEPEST_BRACKETS} deep.",
                    hint="Split the SQL into WITH clauses.",
                    line=token.line,
                    column=token.col,
                )
        elif kind in CLOSING:
            depth = max(depth - 1, 0)


def _check_runs(tokens: Iterable[Token]) -> None:
    run = 0
    before = None
    for token in tokens:
        kind = token.token_type
        if kind in UNARY:
            run += 1
            if run > LONGEST_RUN:
                raise OversizeSql(
                    f"More than {LONGEST_RUN} signs or casts follow each other.",
                    hint="Leave out those that change nothing.",
                    line=token.line,
                    column=token.col,
                )
        elif before is not TokenType.DCOLON:  # the word behind a `::` is its type, and goes with it
            run = 0
        before = kind
