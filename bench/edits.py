"""Random edits of SQL: words, quotes, comments, tables, functions, WITH clauses, and pieces of other statements.

Whether an edited statement may run is the guard's question; here it only has to be likely to ask it something new.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """An edited statement. `widening` edits bring in words of other statements, others only disturb."""

    sql: str
    edits: tuple[str, ...]
    widening: bool


def mutate(sql: str, rng: random.Random, pool: Sequence[str]) -> Mutation:
    """One to four random edits of a statement; `pool` are the statements that fragments are taken from."""
    edits = rng.choices(EDITS, k=rng.choices((1, 2, 3, 4), (6, 3, 2, 1))[0])
    for edit in edits:
        sql = edit(sql, rng, pool)
    return Mutation(sql, tuple(edit.__name__ for edit in edits), any(edit in WIDENING for edit in edits))


WORD = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\w+|\s+|.", re.DOTALL)
TABLE = re.compile(r"\b(?:\w+\.)?\w+\.\w+\b|(?<=FROM )\w+|(?<=JOIN )\w+")
TABLES = (
    *("hr.salaries", "main.api_keys", "api_keys", "finance.ledger", "main.orders", "orders", "main.v_leak"),
    *("other.sales.orders", "wh.hr.salaries", '"hr.salaries"', '"/etc/passwd"', "'/etc/passwd'", "sales.v_recent"),
    *("sales.orders", "sales.customers", "streams.plays", "SALES.Orders", "wh.sales.orders", "m_leak()", "recurring.t"),
    *("information_schema.tables", "duckdb_tables()", "pg_catalog.pg_class", "range(5)", "salaries", "sales", "hr"),
    *(
        'sales."Orders"',
        '"Sales".orders',
        "main.m_leak()",
        "pg_stat_activity",
        "ROWS FROM (main.m_leak())",
        "ONLY hr.salaries",
    ),
)
NAMES = ("api_keys", "orders", "salaries", "t", "x", "plays", '"api_keys"', "API_KEYS", "customers", "sales", "_with_0")
FUNCTIONS = (
    *(
        "read_text",
        "query",
        "query_table",
        "main.m_scalar",
        "pragma_storage_info",
        "getenv",
        "current_setting",
        "lower",
    ),
    *(
        "max",
        "sum",
        "histogram",
        "repeat",
        "json_execute_serialized_sql",
        '"read_text"',
        "unnest",
        "list",
        "error",
        "row",
    ),
    *(
        "query_to_xml",
        "public.m_scalar",
        "leak",
        "pg_read_file",
        "date_part",
        "current_user",
        "ctid",
        "tableoid",
        "row_to_json",
    ),
    *("system.main.lower", "COLUMNS", "struct_pack", "sleep_ms", "read_csv", "glob", "nextval", "typeof", "coalesce"),
)
COMMENTS = ("/**/", "/* ; DROP TABLE x */", "-- c\n", "/* /* nested */ */", "--\r", "/*! x */", "\u00a0", "\n\t ")
CHARACTERS = "'\"();,.*-/\\$@:[]{}|&#`\u00a0\u200b\x00eE0 "


def _words(sql: str) -> list[str]:
    return WORD.findall(sql) or [" "]


def change_case(sql: str, rng: random.Random, pool: Sequence[str]) -> str:  # noqa: ARG001
    words = _words(sql)
    at = rng.randrange(len(words))
    words[at] = rng.choice((str.upper, str.lower, str.swapcase))(words[at])
    return "".join(words)


def change_quotes(sql: str, rng: random.Random, pool: Sequence[str]) -> str:  # noqa: ARG001
    words = _words(sql)
    at = rng.randrange(len(words))
    bare = words[at].strip("'\"")
    words[at] = rng.choice((f'"{bare}"', f"'{bare}'", bare, f'"{bare.upper()}"', f"$${bare}$$", f"E'{bare}'"))
    return "".join(words)


def insert_comment(sql: str, rng: random.Random, pool: Sequence[str]) -> str:  # noqa: ARG001
    words = _words(sql)
    words.insert(rng.randrange(len(words) + 1), rng.choice(COMMENTS))
    return "".join(words)


def drop_word(sql: str, rng: random.Random, pool: Sequence[str]) -> str:  # noqa: ARG001
    words = _words(sql)
    del words[rng.randrange(len(words))]
    return "".join(words) or " "


def double_words(sql: str, rng: random.Random, pool: Sequence[str]) -> str:  # noqa: ARG001
    words = _words(sql)
    start = rng.randrange(len(words))
    end = min(len(words), start + rng.randint(1, 8))
    return "".join([*words[:end], *words[start:end], *words[end:]])


def swap_words(sql: str, rng: random.Random, pool: Sequence[str]) -> str:  # noqa: ARG001
    words = _words(sql)
    one, other = rng.randrange(len(words)), rng.randrange(len(words))
    words[one], words[other] = words[other], words[one]
    return "".join(words)


def change_character(sql: str, rng: random.Random, pool: Sequence[str]) -> str:  # noqa: ARG001
    at = rng.randrange(len(sql) + 1)
    return sql[:at] + rng.choice(CHARACTERS) + sql[at + rng.randint(0, 1) :]


def wrap_in_brackets(sql: str, rng: random.Random, pool: Sequence[str]) -> str:  # noqa: ARG001
    bare = sql.rstrip("; \n")
    forms = (
        f"({bare})",
        f"SELECT * FROM ({bare}) AS t",
        f"SELECT ({bare})",
        f"{bare} LIMIT 3",
        f"SELECT EXISTS ({bare})",
    )
    return rng.choice(forms)


def call_function(sql: str, rng: random.Random, pool: Sequence[str]) -> str:  # noqa: ARG001
    words = _words(sql)
    at = rng.randrange(len(words))
    name = rng.choice(FUNCTIONS)
    words[at] = rng.choice((f"{name}({words[at]})", f"{words[at]}.{name}()", f"{name}", f"{name}('hr.salaries')"))
    return "".join(words)


def swap_table(sql: str, rng: random.Random, pool: Sequence[str]) -> str:  # noqa: ARG001
    found = list(TABLE.finditer(sql))
    if not found:
        return f"SELECT * FROM {rng.choice(TABLES)}"
    chosen = rng.choice(found)
    return sql[: chosen.start()] + rng.choice(TABLES) + sql[chosen.end() :]


def wrap_in_clause(sql: str, rng: random.Random, pool: Sequence[str]) -> str:  # noqa: ARG001
    bare, recursive = sql.rstrip("; \n"), rng.choice(("", "", "RECURSIVE "))
    tail = rng.choice((f"SELECT * FROM {rng.choice(NAMES)}", f"SELECT * FROM {rng.choice(TABLES)}", bare))
    return f"WITH {recursive}{rng.choice(NAMES)} AS ({bare}) {tail}"


def add_clause(sql: str, rng: random.Random, pool: Sequence[str]) -> str:
    name = rng.choice(NAMES)
    inside = rng.choice((rng.choice(pool).rstrip("; \n"), f"SELECT * FROM {rng.choice(TABLES)}", "SELECT 1 AS a"))
    arms = rng.choice(("", f" UNION ALL SELECT * FROM {rng.choice(NAMES)}", f" UNION SELECT * FROM {name}"))
    recursive = rng.choice(("", "RECURSIVE "))
    return f"WITH {recursive}{name} AS ({inside}{arms}) {sql}"


def splice(sql: str, rng: random.Random, pool: Sequence[str]) -> str:
    """Words of this statement give way to words of another."""
    words, others = _words(sql), _words(rng.choice(pool))
    at, start = rng.randrange(len(words)), rng.randrange(len(others))
    words[at : at + rng.randint(0, 6)] = [" ", *others[start : start + rng.randint(1, 20)], " "]
    return "".join(words)


def put_together(sql: str, rng: random.Random, pool: Sequence[str]) -> str:
    bare, other = sql.rstrip("; \n"), rng.choice(pool).rstrip("; \n")
    forms = (
        *(f"{bare} UNION ALL {other}", f"({bare}) EXCEPT ({other})", f"SELECT * FROM ({bare}) a, ({other}) b"),
        *(f"SELECT ({other}) FROM ({bare}) a", f"SELECT * FROM ({bare}) a WHERE EXISTS ({other})", f"{bare}; {other}"),
        f"SELECT * FROM ({bare}) a, LATERAL ({other}) b",
    )
    return rng.choice(forms)


Edit = Callable[[str, random.Random, Sequence[str]], str]
WIDENING: tuple[Edit, ...] = (swap_table, wrap_in_clause, add_clause, splice, put_together)
EDITS: tuple[Edit, ...] = (
    *(change_case, change_quotes, insert_comment, drop_word, double_words, swap_words, change_character),
    *(wrap_in_brackets, call_function),
    *WIDENING,
)
