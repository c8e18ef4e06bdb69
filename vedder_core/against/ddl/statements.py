"""The statements of a DDL file, each with its line and its tree. A statement that cannot be read for certain is an
error with file and line: a change that is half understood would be judged wrongly.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp, parse_one, tokenize
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from vedder_core.errors import SourceError
from vedder_core.sql.parse import PARSER_FAULTS

NO_NAMES = frozenset(
    ("COLUMN", "TO", "IF", "CONSTRAINT", "DEFAULT", "NOT", "IDENTITY", "EXPRESSION", "PRIMARY", "PARTITION")
)
"""What may follow DROP or RENAME in an ALTER, and is no column."""
LONGEST = 10_000_000
"""Bytes of one file: more is a dump with data."""
OF_PSQL = re.compile(r"(?m)^\\(?:un)?restrict\b.*$")
"""What `pg_dump` writes around its statements for the program that reads them."""
ONE_DUMP = "Give a file of definitions alone, as `pg_dump --schema-only` writes it."


@dataclass(frozen=True)
class Statement:
    """One statement; `words` are its tokens as written, names without their quotes."""

    file: str
    line: int
    text: str
    tokens: tuple[Token, ...]
    dialect: str

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(token.text for token in self.tokens)

    @property
    def starts(self) -> str:
        """Its first two words in upper case, by which statements are told apart."""
        return " ".join(self.words[:2]).upper()

    def tree(self) -> exp.Expr:
        """Raises SourceError where it does not parse."""
        text = self._with_column()
        try:
            tree = parse_one(text, read=self.dialect)
            if isinstance(tree, exp.Command) and self.starts.startswith("ALTER"):
                tree = parse_one(text, read="postgres")  # which other engines' ALTER follows
        except RecursionError as error:
            raise self.problem("is nested too deeply.") from error
        except (SqlglotError, *PARSER_FAULTS) as error:
            raise self.problem("does not parse.") from error
        return tree

    def problem(self, message: str, hint: str = "") -> SourceError:
        """An error about this statement."""
        begin = " ".join(self.text.split())
        shown = begin if len(begin) <= 60 else begin[:57] + "..."
        return SourceError(
            f"{self.file}:{self.line}: `{shown}` {message}",
            hint=hint or "Only statements that define tables and views are read; leave others out, or check its SQL.",
        )

    def not_judged(self) -> SourceError:
        """An error: nobody knows what this does."""
        return self.problem("cannot be judged: what it would do to the tables is not known.")

    def _with_column(self) -> str:
        """`RENAME a TO b` and `DROP a` with the word COLUMN, which the parser needs to read them right."""
        if not self.starts.startswith("ALTER"):
            return self.text
        text, base = self.text, self.tokens[0].start
        for number in reversed(range(len(self.tokens) - 1)):
            word, after = self.tokens[number], self.tokens[number + 1]
            follows = self.words[number + 2].upper() if number + 2 < len(self.tokens) else ""
            leaves_out = word.text.upper() == "DROP" or (word.text.upper() == "RENAME" and follows == "TO")
            # A column may be called `date` or `number`, which are no names to the parser.
            if leaves_out and (after.token_type == TokenType.IDENTIFIER or after.text.upper() not in NO_NAMES):
                at = word.end + 1 - base
                text = f"{text[:at]} COLUMN{text[at:]}"
        return text


def statements(sql: str, *, file: str, dialect: str) -> Iterator[Statement]:
    """Every statement of a text. Raises SourceError of a text that is no SQL."""
    if len(sql) > LONGEST:
        raise SourceError(f"{file} is too long to be a file of definitions.", hint=ONE_DUMP)
    sql = OF_PSQL.sub(lambda line: " " * len(line[0]), sql) if dialect == "postgres" else sql
    try:
        tokens = tokenize(sql, read=dialect)
    except (SqlglotError, *PARSER_FAULTS) as error:
        raise SourceError(f"{file} is no SQL: a quote or a comment is not closed.", hint=ONE_DUMP) from error
    gathered: list[Token] = []
    for token in tokens:
        if token.token_type != TokenType.SEMICOLON:
            gathered.append(token)
        elif gathered:
            yield _statement(sql, gathered, file, dialect)
            gathered = []
    if gathered:
        yield _statement(sql, gathered, file, dialect)


def _statement(sql: str, tokens: list[Token], file: str, dialect: str) -> Statement:
    begin, line = tokens[0].start, sql.count("\n", 0, tokens[0].start) + 1
    words = [token.text.upper() for token in tokens]
    if words[:2] == ["ALTER", "MATERIALIZED"]:  # is altered as a view is; in as many letters, so that places stay
        word = tokens.pop(1)
        sql = f"{sql[: word.start]}{' ' * (word.end + 1 - word.start)}{sql[word.end + 1 :]}"
    elif words[0] == "CREATE" and words[-1] == "DATA" and "WITH" in words[-3:]:
        del tokens[words.index("WITH", len(words) - 3) :]  # WITH [NO] DATA tells nothing of columns
    return Statement(file, line, sql[begin : tokens[-1].end + 1], tuple(tokens), dialect)
