"""Taught pairs for the tests of the fast path, as the context would carry them."""

from collections.abc import Mapping, Sequence
from datetime import date

from vedder_core.cluster import Pair, Parameter
from vedder_core.context.entry import TaughtPair
from vedder_core.matching.phrasing import Candidate, candidate
from vedder_core.verdict import Broken, Valid

AIRPORTS = ("JFK", "EWR", "LGA")


def taught(
    question: str,
    *phrasings: str,
    values: Mapping[str, Sequence[str]] | None = None,
    slug: str = "one",
    sql: str = "SELECT 1",
    broken: bool = False,
    **parameters: Parameter,
) -> Candidate:
    pair = Pair(
        slug=slug,
        question=question,
        phrasings=phrasings,
        parameters=parameters,
        teaches="how to ask",
        vetted_by="ana",
        vetted_on=date(2026, 1, 5),
        sql=sql,
    )
    verdict = Broken("gone") if broken else Valid(("n",))
    allowed = {name: tuple(spelled) for name, spelled in (values or {}).items()}
    return candidate(f"nyc/pair/{slug}", TaughtPair(pair, verdict, (), (), allowed))


def of(column: str = "nyc.flights.origin") -> Parameter:
    return Parameter(values=column)
