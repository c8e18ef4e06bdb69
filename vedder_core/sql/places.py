"""From a position in the SQL that ran back to the place in the SQL that a person wrote.

The guard rewrites names and spacing but never the words of columns and functions, so the n-th time that a word stands
in the one text is the n-th time in the other.
"""

from sqlglot.tokenizer_core import Token

from vedder_core.sql.tokens import tokens_of


def place_of(written: str, ran: str, offset: int, *, dialect: str) -> tuple[int, int] | None:
    """(line, column) from 1 in `written` of the word at `offset` (from 0) in `ran`; None if it is not a word of it."""
    tokens = tokens_of(ran, dialect)
    word = next((token for token in tokens if token.start <= offset <= token.end), None)
    if word is None:
        return None
    earlier = sum(_same(token, word.text) and token.start < word.start for token in tokens)
    matches = [token for token in tokens_of(written, dialect) if _same(token, word.text)]
    return _start(written, matches[min(earlier, len(matches) - 1)]) if matches else None


def place_of_name(written: str, name: str, *, dialect: str) -> tuple[int, int] | None:
    """(line, column) from 1 of the first time that the last part of a dotted `name` stands in `written`."""
    last = name.rpartition(".")[2]
    token = next((token for token in tokens_of(written, dialect) if _same(token, last)), None)
    return _start(written, token) if token else None


def _same(token: Token, text: str) -> bool:
    return bool(token.text.casefold() == text.casefold())


def _start(text: str, token: Token) -> tuple[int, int]:
    before = text[: token.start]
    return before.count("\n") + 1, token.start - (before.rfind("\n") + 1) + 1
