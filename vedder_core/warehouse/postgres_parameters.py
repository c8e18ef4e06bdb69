"""A guarded query in the server's own spelling: `$1` for each blank, with a type for each value.

The types are those that the same value has when it is written into the SQL: a text has none until the server finds one
where it stands, so that it compares with dates and enums alike. Each use of a blank is a parameter of its own, since
one name may stand where different types are wanted.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlglot import tokenize
from sqlglot.tokenizer_core import TokenType

from vedder_core.sql.guard import GuardedQuery, ParameterValue
from vedder_core.warehouse.postgres_session import Bindable

BOOL, INT4, INT8, TEXT, DATE, TIMESTAMP, NUMERIC = 16, 23, 20, 25, 1082, 1114, 1700
UNKNOWN = 0


@dataclass(frozen=True, slots=True)
class Spelt:
    """The query as it is sent. `moves` are (place in the sent SQL, characters by which what follows has moved)."""

    query: Bindable
    moves: tuple[tuple[int, int], ...]

    def place(self, sent: int) -> int:
        """The place in the guarded SQL of a place in what was sent."""
        return sent - sum(by for start, by in self.moves if start < sent)

    def with_texts(self) -> Bindable:
        """The same, with the type of texts said, for where the server cannot find one."""
        types = [TEXT if kind == UNKNOWN else kind for kind in self.query.types]
        return Bindable(self.query.sql, types, self.query.values)


def spelt(query: GuardedQuery) -> Spelt:
    """The guarded query with numbers for its blanks."""
    pieces: list[str] = []
    moves: list[tuple[int, int]] = []
    types: list[int] = []
    values: list[bytes | None] = []
    end = length = 0
    for start, stop, name in _blanks(query.sql) if query.parameters else ():
        kind, value = _sent(query.parameters[name])
        types.append(kind)
        values.append(value)
        pieces += [query.sql[end:start], mark := f"${len(values)}"]
        length += start - end + len(mark)
        moves.append((length - 1, len(mark) - (stop - start)))
        end = stop
    pieces.append(query.sql[end:])
    return Spelt(Bindable("".join(pieces), types, values), tuple(moves))


def _blanks(sql: str) -> list[tuple[int, int, str]]:
    """Where each `%(name)s` stands, outside of texts and quoted names; a modulo is written with spaces."""
    tokens = tokenize(sql, read="postgres")
    found = []
    for mod, left, name, right, end in zip(tokens, tokens[1:], tokens[2:], tokens[3:], tokens[4:], strict=False):
        close = (mod.end + 1, left.end + 1, name.end + 1, right.end + 1) == (
            left.start, name.start, right.start, end.start,
        )  # fmt: skip
        shape = (mod.token_type, left.token_type, right.token_type) == (
            TokenType.MOD, TokenType.L_PAREN, TokenType.R_PAREN,
        )  # fmt: skip
        if close and shape and end.text == "s":
            found.append((mod.start, end.end + 1, name.text))
    return found


def _sent(value: ParameterValue) -> tuple[int, bytes | None]:
    """The type and the text of a value."""
    if value is None:
        return UNKNOWN, None
    if isinstance(value, bool):
        return BOOL, b"true" if value else b"false"
    if isinstance(value, int):
        kind = INT4 if -(2**31) <= value < 2**31 else INT8 if -(2**63) <= value < 2**63 else NUMERIC
        return kind, str(value).encode()
    if isinstance(value, float):
        return NUMERIC, str(Decimal(repr(value))).encode()
    if isinstance(value, datetime):
        return TIMESTAMP, value.isoformat().encode()
    if isinstance(value, date):
        return DATE, value.isoformat().encode()
    return UNKNOWN, value.encode()
