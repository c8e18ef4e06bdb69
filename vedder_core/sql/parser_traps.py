"""Short texts that take the parser minutes, or all memory: refused by their tokens, before it sees them.

It reads what follows a JOIN without ON twice, so each such one doubles its time, and so does each bracket behind a
type's name, as in `ARRAY[ARRAY[1]]`; it names every column of a PIVOT; and a chain of brackets and dots costs it the
square of its length. All of that happens in the process that answers.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import prod

from sqlglot.parser import Parser
from sqlglot.tokenizer_core import Token, TokenType

from vedder_core.sql.text_limits import OversizeSql

MOST_OPEN_JOINS = 8
MOST_PIVOTED = 10_000
LONGEST_CHAIN = 50
DEEPEST_TYPES = 10

OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
WITHOUT_ON = frozenset({TokenType.CROSS, TokenType.NATURAL, TokenType.POSITIONAL})
SIDES = frozenset({TokenType.LEFT, TokenType.RIGHT, TokenType.FULL, TokenType.INNER, TokenType.OUTER})
IN_A_CHAIN = frozenset({TokenType.DOT, TokenType.VAR, TokenType.IDENTIFIER})


def check_traps(tokens: Sequence[Token]) -> None:
    """Raises OversizeSql at the first of them."""
    _check_joins(tokens)
    _check_chains(tokens)
    _check_types(tokens)
    for place, token in enumerate(tokens):
        if token.token_type is TokenType.PIVOT and _pivoted(tokens[place + 1 :]) > MOST_PIVOTED:
            raise _trap(token, f"A PIVOT makes more than {MOST_PIVOTED:,} columns.", "Group instead, or name fewer.")


def _check_joins(tokens: Sequence[Token]) -> None:
    """An ON ends a JOIN of its own level alone: those that none has ended still count further out."""
    waiting, left = [0], 0
    for place, token in enumerate(tokens):
        kind = token.token_type
        if kind in OPENING:
            waiting.append(0)
        elif kind in CLOSING and len(waiting) > 1:
            left += waiting.pop()
        elif kind is TokenType.JOIN and not _needs_no_on(tokens, place):
            waiting[-1] += 1
        elif kind in (TokenType.ON, TokenType.USING):
            waiting[-1] = max(0, waiting[-1] - 1)
        if left + sum(waiting) > MOST_OPEN_JOINS:
            raise _trap(token, f"More than {MOST_OPEN_JOINS} JOINs have no ON.", "Write ON directly behind each table.")


def _needs_no_on(tokens: Sequence[Token], place: int) -> bool:
    while place > 0 and tokens[place - 1].token_type in SIDES:
        place -= 1
    return place > 0 and tokens[place - 1].token_type in WITHOUT_ON


def _check_chains(tokens: Sequence[Token]) -> None:
    """Brackets that follow one another, such as `a[1].b(2)[3]`, counted on each level of nesting."""
    chains = [0]
    before: TokenType | None = None
    for token in tokens:
        kind = token.token_type
        if kind in OPENING:
            chains[-1] += 1
            if chains[-1] > LONGEST_CHAIN:
                raise _trap(token, f"More than {LONGEST_CHAIN} brackets follow one another.", "Split it up.")
            chains.append(0)
        elif kind in CLOSING:
            if len(chains) > 1:
                chains.pop()
        elif kind not in IN_A_CHAIN and before is not TokenType.DOT:
            chains[-1] = 0
        before = kind


def _check_types(tokens: Sequence[Token]) -> None:
    """Brackets behind the names of types that stand in one another: the parser takes each for a type at first."""
    opened: list[bool] = []
    for before, token in pairwise(tokens):
        if token.token_type in OPENING:
            opened.append(before.token_type in Parser.TYPE_TOKENS)
            if sum(opened) > DEEPEST_TYPES:
                raise _trap(token, f"More than {DEEPEST_TYPES} types stand in one another.", "Use WITH clauses.")
        elif token.token_type in CLOSING and opened:
            opened.pop()


def _pivoted(tokens: Sequence[Token]) -> int:
    """How many columns a PIVOT makes of the bracket that follows it: each aggregate for each combination of values."""
    aggregates = 1
    for kind, depth in _levels(tokens):
        if depth < 1 or kind is TokenType.FOR:
            break
        aggregates += kind is TokenType.COMMA and depth == 1
    return aggregates * prod(_lists(tokens))


def _levels(tokens: Sequence[Token]) -> Iterator[tuple[TokenType, int]]:
    depth = 0
    for token in tokens:
        depth += (token.token_type in OPENING) - (token.token_type in CLOSING)
        yield token.token_type, depth


def _lists(tokens: Sequence[Token]) -> Iterator[int]:
    """How many values each IN (...) of the bracket has."""
    values, before = 0, None
    for kind, depth in _levels(tokens):
        if depth < 1:
            break
        if kind is TokenType.L_PAREN and depth == 2 and before is TokenType.IN:
            values = 1
        elif kind is TokenType.COMMA and depth == 2 and values:
            values += 1
        elif depth == 1 and values:
            yield values
            values = 0
        before = kind


def _trap(token: Token, message: str, hint: str) -> OversizeSql:
    return OversizeSql(message, hint=hint, line=token.line, column=token.col)
