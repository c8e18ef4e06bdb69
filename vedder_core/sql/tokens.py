"""The tokens of a SQL text, read once for all that look at them one after the other."""

from functools import lru_cache

from sqlglot import tokenize
from sqlglot.tokenizer_core import Token


@lru_cache(maxsize=16)  # a text that is as long as may be has megabytes of tokens
def tokens_of(sql: str, dialect: str) -> tuple[Token, ...]:
    """Raises sqlglot's TokenError where a quote, a comment or a bracket is not closed."""
    return tuple(tokenize(sql, read=dialect))
