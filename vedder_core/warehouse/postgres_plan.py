"""The check of the plan: a query may read its datasets and what lies below those, and nothing else.

The guard has settled the names before, and an empty search path leaves names without a schema no meaning but the
engine's own. This asks the server what they came to. Views run with their owner's rights, so a granted view is granted
with all that it reads: its expansion in the catalog says what that is.
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator

from vedder_core.errors import QueryRefused
from vedder_core.sql.tables import ROW_MAKERS_IN_POSTGRES
from vedder_core.warehouse.postgres_session import Bindable, Session, Until
from vedder_core.warehouse.postgres_tables import find_below

EXPLAIN = "EXPLAIN (VERBOSE, FORMAT JSON) "
MOST_BYTES = 64_000_000
FOREIGN_NAME = re.compile(r'((?:"(?:[^"]|"")*"|[\w$]+)\.(?:"(?:[^"]|"")*"|[\w$]+))')
ROW_MAKERS = ROW_MAKERS_IN_POSTGRES | {"generate_series"}
"""Functions that may stand where a table stands: they make rows of what they are given. A view may use others."""

log = logging.getLogger(__name__)


def check_scans(session: Session, query: Bindable, datasets: frozenset[str], until: Until) -> None:
    """Raises QueryRefused where the plan reads something else than the datasets; names nothing of it.

    In one transaction with the query: the locks that planning takes keep every view what it was.
    """
    chunks = session.ask(Bindable(EXPLAIN + query.sql, query.types, query.values), until, most_bytes=MOST_BYTES)
    rows = [chunk.get_value(row, 0) or b"" for chunk in chunks for row in range(chunk.ntuples)]
    scanned: set[str] = set()
    made: set[str] = set()
    for step in _steps(json.loads(b"".join(rows))):
        scanned.update(_relations(step))
        made.update(_functions(step))
    strange = scanned - datasets
    if strange or made:
        below = find_below(session.connection, datasets)
        strange -= {name for each in below for name in each.names}
        strange |= made if not any(each.views for each in below) else set()
    if strange:
        log.debug("The plan of a guarded query reads more than its datasets: %s", ", ".join(sorted(strange)))
        raise QueryRefused(
            "The query reads more than the datasets that it names.",
            hint="Read the cluster's datasets only, and by their own names.",
        )


def _steps(said: object) -> Iterator[dict[str, object]]:
    """Each step of the plan, with subqueries and WITH clauses."""
    waiting = [said]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            if "Node Type" in part:
                yield part
            waiting.extend(value for value in part.values() if isinstance(value, dict | list))


def _relations(step: dict[str, object]) -> Iterable[str]:
    if "Relation Name" in step:
        return [f"{step.get('Schema')}.{step['Relation Name']}"]
    if "Relations" in step:  # a join or an aggregate that a foreign server computes
        names = FOREIGN_NAME.findall(str(step["Relations"]))
        return [name.replace('""', "\0").replace('"', "").replace("\0", '"') for name in names] or ["a foreign scan"]
    return ["a foreign scan"] if step["Node Type"] == "Foreign Scan" else []


def _functions(step: dict[str, object]) -> Iterable[str]:
    name = step.get("Function Name")
    known = name is None or (name in ROW_MAKERS and step.get("Schema") == "pg_catalog")
    return [] if known else [str(name)]
