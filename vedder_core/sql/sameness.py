"""Is this the same SQL, written otherwise? Spaces, comments, case, names of results and of blanks tell nothing.

Deliberately not here: queries that mean the same by another plan, such as a join for a subquery.
"""

from sqlglot import exp

from vedder_core.sql.parse import PARSER_FAULTS, SqlProblem, parse_query


def plain_form(sql: str, *, dialect: str) -> str:
    """One text for all ways to write a query. Of what does not parse, the text without its spaces and case."""
    try:
        query = parse_query(sql, dialect=dialect)
        for place, select in enumerate(query.selects):
            if isinstance(select, exp.Alias) and isinstance(query, exp.Select):
                query.expressions[place].replace(select.this)
        blanks: dict[str, str] = {}
        for blank in query.find_all(exp.Placeholder):
            blank.set("this", blanks.setdefault(blank.name, f"b{len(blanks)}"))
        for name in query.find_all(exp.Identifier):
            name.replace(exp.to_identifier(name.name.casefold(), quoted=True))
        return query.sql(dialect=dialect, comments=False)
    except (SqlProblem, *PARSER_FAULTS):
        return " ".join(sql.split()).casefold()
