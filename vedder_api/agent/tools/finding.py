"""What a model names, found on the desk: a cluster, a dataset of an opened one. Else the model is told what to do.

Deliberately not here: anything that searches by meaning (`vedder_core.context.search`).
"""

from collections.abc import Iterable

from vedder_api.agent.showing import shown
from vedder_api.agent.showing_page import Page
from vedder_api.agent.showing_values import cut, harmless, listed, named
from vedder_api.agent.tools.tool import Desk, ToolError
from vedder_core.context.entry import ClusterCard, DatasetCard, Entry
from vedder_core.problem import did_you_mean

LONGEST_ECHO = 60


def echo(said: str) -> str:
    """What a model wrote, given back to it in a message."""
    return f"`{cut(harmless(said), LONGEST_ECHO)}`"


def cluster_named(name: str, desk: Desk) -> ClusterCard:
    """The cluster with this name. Raises ToolError."""
    cards = {card.name: card for card in desk.snapshot.cluster_cards()}
    found = cards.get(name.strip(" `").casefold())
    if found is None:
        raise ToolError(f"There is no cluster {echo(name)}.", hint=did_you_mean(name, cards))
    return found


def datasets_named(name: str, desk: Desk) -> tuple[tuple[Entry, DatasetCard], ...]:
    """The dataset with this name, once for each opened cluster that lists it. Raises ToolError.

    The last part of a name is enough where only one opened dataset has it.
    """
    opened = desk.opened_datasets()
    wanted = name.strip(" `").casefold()
    exact = tuple(found for found in opened if found[1].dataset.name.casefold() == wanted)
    found = exact or tuple(found for found in opened if _last(found[1].dataset.name) == wanted)
    if len({card.dataset.name for _, card in found}) == 1:
        return found
    if found:
        names = tuple(sorted({card.dataset.name for _, card in found}))
        raise ToolError(f"{echo(name)} can be {listed(names, 10)}.", hint="Write the name in full.")
    raise not_open(name, desk) or ToolError(
        f"There is no dataset {echo(name)} in the opened clusters.",
        hint=did_you_mean(name, {card.dataset.name for _, card in opened}) or "Open a cluster first: `open_cluster`.",
    )


def not_open(dataset: str, desk: Desk) -> ToolError | None:
    """The error for a dataset of clusters of which none was opened; None where there is no such dataset."""
    wanted = dataset.strip(" `").casefold()
    closed = [entry for entry in desk.snapshot.entries(kinds=("dataset",)) if entry.cluster not in desk.opened]
    listing = [entry for entry in closed if entry.title.casefold() == wanted]
    listing = listing or [entry for entry in closed if _last(entry.title) == wanted]
    if not listing:
        return None
    clusters = tuple(sorted({entry.cluster for entry in listing}))
    return ToolError(
        f"{named(listing[0].title)} is a dataset of {listed(clusters, 5)}, which was not opened.",
        hint=f"Use `open_cluster` with {named(clusters[0])} first.",
    )


def put_on(page: Page, part: str, entries: Iterable[Entry], desk: Desk, *, most: int | None = None) -> list[str]:
    """Put entries on a page as far as they fit; the ids of those that stand on it now."""
    texts = ((entry.id, shown(entry, desk.veil)) for entry in entries)
    return [id_ for id_, text in texts if text is not None and page.add(part, text, most=most)]


def left_over(clusters: tuple[str, ...], shown: Iterable[str], desk: Desk, *, names: int) -> str:
    """What these clusters have besides the entries `shown`, and how to get it; empty where that is nothing.

    At most so many `names` of datasets; a dataset that another cluster lists as well is told once.
    """
    told = {*shown, *desk.shown}
    entries = desk.snapshot.entries(clusters=clusters)
    known = {entry.title for entry in desk.snapshot.get(told) if entry.kind == "dataset"}
    datasets = tuple(dict.fromkeys(e.title for e in entries if e.kind == "dataset" and e.title not in known))
    counts = [(sum(e.kind == kind and e.id not in told for e in entries), kind) for kind in ("pair", "doc")]
    counted = " and ".join(f"{count:,} {kind}{'' if count == 1 else 's'}" for count, kind in counts if count)
    left = [f"{counted} (`look_up`)"] if counted else []
    left += [f"the datasets {listed(datasets, names)} (`look_at_dataset`)"] if datasets else []
    return f"Not shown of {listed(clusters, names)}: {'; '.join(left)}." if left else ""


def _last(name: str) -> str:
    return name.casefold().rpartition(".")[2]
