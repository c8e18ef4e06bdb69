"""What `vedder-pipelines run` decides before it does anything: what changed, and which clusters are to be built.

Plain code without Dagster, so that a call that finds nothing to do costs little.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from vedder_core.context.catalogs import Catalogs
from vedder_core.context.memory import Memory
from vedder_core.errors import SettingsError
from vedder_core.problem import did_you_mean
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.curated import Curated, read_curated
from vedder_pipelines.inputs import Listing, changed_tables, inputs_of, list_tables, touched
from vedder_pipelines.neighbours import Neighbours
from vedder_pipelines.observing import CatalogChange, observe, remember_catalog
from vedder_pipelines.remembered import BUILT, OBSERVED, PUBLICATIONS


@dataclass(frozen=True)
class Outlook:
    """What there is to do: tables that changed, clusters that are touched, clusters that have no folder any more.

    `catalog` is what changed in the whole catalog, None where nothing did.
    """

    curated: Curated
    listing: Listing
    changed: tuple[str, ...]
    touched: tuple[str, ...]
    gone: tuple[str, ...]
    catalog: CatalogChange | None = None


def look(settings: Settings) -> Outlook:
    """Read the files and the catalog, and compare them with what was built last. Raises VedderError."""
    memory = Memory(settings.context)
    with open_warehouse(settings.warehouse) as warehouse:
        curated = read_curated(settings.clusters, warehouse.dialect)
        listing = list_tables(curated.loaded, warehouse.catalog(), warehouse)
    neighbours = Neighbours.among(curated)
    now = {
        name: inputs_of(
            cluster,
            curated.digests[name],
            listing,
            embedder=settings.embedder,
            forbidden=neighbours.mark(cluster, memory),
        )
        for name, cluster in curated.clusters.items()
    }
    built = BUILT.recall(memory)
    known = {*built, *PUBLICATIONS.recall(memory)}
    return Outlook(
        curated=curated,
        listing=listing,
        changed=tuple(table.name for table in changed_tables(listing, OBSERVED.recall(memory))),
        touched=touched(now, built),
        gone=tuple(sorted(known - set(curated.digests))) if curated.digests else (),
        catalog=observe(memory, Catalogs(settings.context), listing.catalog, curated.loaded),
    )


def remember_observed(settings: Settings, outlook: Outlook) -> None:
    """From now on these tables and this catalog count as reported."""
    memory = Memory(settings.context)
    OBSERVED.remember(memory, {name.casefold(): outlook.listing.mark(name) for name in outlook.changed})
    if outlook.catalog is not None:
        remember_catalog(memory, Catalogs(settings.context), outlook.catalog.catalog)


def chosen(outlook: Outlook, names: Iterable[str], *, everything: bool) -> tuple[str, ...]:
    """The clusters to build: the touched ones, or all; if some are named, only of these. Raises SettingsError."""
    known = outlook.curated.clusters
    wanted = tuple(known) if everything else outlook.touched
    named = set(names)
    for name in sorted(named - set(known)):
        raise SettingsError(f"There is no sound cluster `{name}`.", hint=did_you_mean(name, known))
    return tuple(name for name in wanted if not named or name in named)
