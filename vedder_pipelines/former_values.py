"""What may still be kept of a profile from earlier: a column that was hidden or withheld since has no values in it.

Deliberately not here: which columns those are; clusters and `vedder_core.privacy` say so.
"""

from collections.abc import Mapping
from dataclasses import replace

from vedder_core.cluster import Cluster, Dataset
from vedder_core.privacy import withheld_before_looking
from vedder_core.profile import ColumnProfile, Profile
from vedder_core.schema import Column
from vedder_core.schema_change import ColumnRenamed, SchemaDiff
from vedder_core.warehouse.measured import partitions_told


def still_told(profile: Profile, cluster: Cluster, now: Mapping[str, Profile], changes: SchemaDiff) -> Profile:
    """The profile without what the cluster withholds by now, also under the name that a column has now."""
    dataset = cluster.dataset(profile.dataset)
    if dataset is None or profile == now.get(dataset.name):
        return profile
    hidden = {name.casefold() for name in dataset.hidden_columns()}
    own = [(column, _named(column.name, profile.dataset, changes)) for column in profile.columns]
    columns = tuple(
        _without_values(column, _reason(column, names, dataset, now.get(dataset.name)), dataset.min_rows_per_value)
        for column, names in own
        if hidden.isdisjoint(name.casefold() for name in names)
    )
    keys = tuple(name for name in profile.key_candidates if name.casefold() not in hidden)
    return replace(
        profile,
        columns=columns,
        key_candidates=keys,
        partitions=partitions_told(profile.partitions, columns, dataset),
    )


def _named(column: str, table: str, changes: SchemaDiff) -> tuple[str, ...]:
    became = changes.column_now(table, column)
    return (column, became.now) if isinstance(became, ColumnRenamed) else (column,)


def _reason(column: ColumnProfile, names: tuple[str, ...], dataset: Dataset, now: Profile | None) -> str | None:
    for name in names:
        seen = now.column(name) if now is not None else None
        reason = withheld_before_looking(dataset, Column(name, column.type)) or (seen.withheld if seen else None)
        if reason is not None:
            return reason
    return column.withheld


def _without_values(column: ColumnProfile, withheld: str | None, least: int) -> ColumnProfile:
    if withheld is not None:
        return replace(
            column,
            minimum=None,
            maximum=None,
            common_values=(),
            common_mark=None,
            complete=False,
            withheld=withheld,
        )
    common = tuple(one for one in column.common_values if one.rows >= least)
    if common == column.common_values:
        return column
    return replace(column, minimum=None, maximum=None, common_values=common, complete=False)
