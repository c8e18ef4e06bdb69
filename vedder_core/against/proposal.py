"""What a source says the warehouse will be: the catalog after a change, and what of it the source leaves open.

How sources are read is in the siblings; what a change does to pairs is in `impact`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vedder_core.schema import Catalog
from vedder_core.schema_change import SchemaChange

BY_KEY = frozenset({"postgres"})
"""Dialects in which a table's primary key stands in GROUP BY for all of its columns."""

SourceKind = Literal["snapshot", "ddl", "dbt"]


@dataclass(frozen=True)
class Proposal:
    """`after` is the whole catalog as it would be: what the source does not speak of stands in it as it is now.

    `told` are the tables that the source speaks of, by their names after it; `unsure` says of a table why not all of
    its columns are known. `renames` are those that the source itself states. `whole`: a table that is not in `after`
    is not there; else nothing is known of it. `types` are statements that make the types which its columns name.
    `loosened` are tables of which it is not known if they have a key, by which a query may group.
    """

    kind: SourceKind
    name: str
    after: Catalog
    told: frozenset[str] = frozenset()
    unsure: Mapping[str, str] = field(default_factory=dict)
    renames: tuple[SchemaChange, ...] = ()
    notes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    whole: bool = True
    loosened: frozenset[str] = frozenset()
