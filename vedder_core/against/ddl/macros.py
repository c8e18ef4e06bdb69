"""CREATE MACRO and DROP MACRO of DuckDB: what the views above them call. FUNCTION is another word for MACRO there.

They are read by their tokens, because what stands in a macro is the engine's to judge. Deliberately not here: what
PostgreSQL's functions do; its views keep their columns whatever becomes of those.
"""

from collections.abc import Iterator, Sequence

from sqlglot.tokenizer_core import Token, TokenType

from vedder_core.against.ddl.becoming import Becoming
from vedder_core.against.ddl.statements import Statement
from vedder_core.problem import did_you_mean
from vedder_core.schema import Routine

KINDS = ("MACRO", "FUNCTION")
BEFORE_THE_KIND = ("OR", "REPLACE", "TEMP", "TEMPORARY")
BEFORE_THE_NAME = ("IF", "NOT", "EXISTS", "TABLE")


def macro(becoming: Becoming, statement: Statement) -> bool:
    """Was it a statement about a macro? Then its macro is put in or taken out. Raises SourceError of what is not
    understood."""
    words = [word.upper() for word in statement.words]
    at = next((place for place, word in enumerate(words) if place and word not in BEFORE_THE_KIND), 0)
    if becoming.dialect != "duckdb" or not at or words[at] not in KINDS:
        return False
    if words[0] == "CREATE":
        if not {"TEMP", "TEMPORARY"} & set(words[1:at]):
            _create(becoming, statement, at + 1)
        return True
    if words[0] == "DROP":
        _drop(becoming, statement, at + 1)
        return True
    raise statement.not_judged()


def _create(becoming: Becoming, statement: Statement, at: int) -> None:
    name, at, optional = _named(becoming, statement, at)
    overloads = list(_overloads(statement, at))
    if not overloads:
        raise statement.problem("cannot be read as a macro.")
    if not (optional and name in becoming.routines):
        signatures, bodies = zip(*overloads, strict=True)
        becoming.routines[name] = Routine(name, signatures, bodies)


def _drop(becoming: Becoming, statement: Statement, at: int) -> None:
    name, _, optional = _named(becoming, statement, at)
    if becoming.routines.pop(name, None) is None and becoming.whole and not optional:
        raise statement.problem(f"drops `{name}`, which is not there.", did_you_mean(name, becoming.routines))


def _named(becoming: Becoming, statement: Statement, at: int) -> tuple[str, int, bool]:
    """The macro's full name as it is listed, the place after it, and whether it need not be (or may be) there."""
    tokens, optional = statement.tokens, False
    while at < len(tokens) and tokens[at].text.upper() in BEFORE_THE_NAME:
        optional, at = optional or tokens[at].text.upper() == "EXISTS", at + 1
    parts: list[str] = []
    while at < len(tokens) and tokens[at].token_type != TokenType.L_PAREN:
        parts += [tokens[at].text] if tokens[at].token_type != TokenType.DOT else []
        at += 1
    if not parts:
        raise statement.problem("names no macro.")
    name = ".".join(parts[-2:] if len(parts) > 1 else (becoming.schema, *parts))
    return next((one for one in becoming.routines if one.casefold() == name.casefold()), name), at, optional


def _overloads(statement: Statement, at: int) -> Iterator[tuple[str, str]]:
    """Each `(signature) AS body`: what it is called with, and what it gives."""
    tokens = statement.tokens
    first = _body(tokens, at)
    if first is None:
        raise statement.problem("cannot be read as a macro.")
    # In a macro that gives rows a comma may also stand before `(a + b) AS c`.
    gives_rows = _gives_rows(tokens, first)
    following = ((place + 1, _body(tokens, place + 1)) for place in commas(tokens, at))
    starts = [(at, first), *((s, body) for s, body in following if body and _gives_rows(tokens, body) == gives_rows)]
    ends = [*(start - 1 for start, _ in starts[1:]), len(tokens)]
    for (start, body), end in zip(starts, ends, strict=True):
        yield _text(statement, start + 1, _closing(tokens, start)), _text(statement, body + gives_rows, end)


def _body(tokens: Sequence[Token], at: int) -> int | None:
    """What follows the AS of an overload that begins here, None where none does."""
    if at >= len(tokens) or tokens[at].token_type != TokenType.L_PAREN:
        return None
    after = _closing(tokens, at) + 1
    return after + 1 if after + 1 < len(tokens) and tokens[after].text.upper() == "AS" else None


def _gives_rows(tokens: Sequence[Token], body: int) -> bool:
    return tokens[body].text.upper() == "TABLE"


def _closing(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for place in range(at, len(tokens)):
        depth += tokens[place].token_type == TokenType.L_PAREN
        depth -= tokens[place].token_type == TokenType.R_PAREN
        if depth == 0:
            return place
    return len(tokens)


def commas(tokens: Sequence[Token], at: int) -> Iterator[int]:
    """Places of the commas from here on that stand in no bracket."""
    depth = 0
    for place in range(at, len(tokens)):
        kind = tokens[place].token_type
        depth += kind in (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE)
        depth -= kind in (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE)
        if kind == TokenType.COMMA and depth == 0:
            yield place


def _text(statement: Statement, start: int, end: int) -> str:
    if start >= end:
        return ""
    base = statement.tokens[0].start
    return statement.text[statement.tokens[start].start - base : statement.tokens[end - 1].end + 1 - base]
