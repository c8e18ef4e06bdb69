"""The tool that tells everything about one dataset."""

from pydantic import BaseModel, Field

from vedder_api.agent.showing import dataset_card
from vedder_api.agent.showing_values import named, prose
from vedder_api.agent.taught import content_of
from vedder_api.agent.tools.finding import datasets_named, echo
from vedder_api.agent.tools.tool import Arguments, Desk, ToolError, ToolResult
from vedder_core.context.entry import TaughtPair

MOST_PAIRS = 10


class LookAtDatasetArguments(Arguments):
    """What `look_at_dataset` takes."""

    name: str = Field(min_length=1, max_length=200, description="The dataset's full name, e.g. `schema.table`.")


class LookAtDataset:
    """Everything known of one dataset of an open cluster: every column with its type, what experts say of it, range,
    share of NULL, distinct count and common values; keys, partitions, freshness, and the vetted pairs that use it.

    Use it before you write SQL on a dataset of which you saw too little. Not for finding out where a value stands:
    use `find_value`. It does not query; for rows use `run_sql`.
    """

    name = "look_at_dataset"
    arguments: type[BaseModel] = LookAtDatasetArguments

    def use(self, given: LookAtDatasetArguments, desk: Desk) -> ToolResult:
        found = datasets_named(given.name, desk)
        cards = [(entry.id, dataset_card(card, entry.cluster, desk.veil, long=True)) for entry, card in found]
        told = [(id_, text) for id_, text in cards if text is not None]
        if not told:
            raise ToolError(f"The warehouse does not have {echo(given.name)} now.", hint="Use another dataset.")
        pairs = _pairs_on(found[0][1].dataset.name, desk)
        text = "\n\n".join([text for _, text in told] + ([pairs] if pairs else []))
        return ToolResult(text, shown=tuple(id_ for id_, _ in told))


def _pairs_on(dataset: str, desk: Desk) -> str:
    """The vetted questions whose SQL reads it, by name: `look_up` shows them whole."""
    entries = desk.snapshot.entries(kinds=("pair",), clusters=sorted(desk.opened))
    pairs = ((entry, content_of(entry)) for entry in entries if dataset in entry.datasets)
    safe = [entry for entry, pair in pairs if isinstance(pair, TaughtPair) and not desk.veil.betrayed_by(pair)]
    lines = [f"- {named(entry.cluster)}: {prose(entry.title)}" for entry in safe[:MOST_PAIRS]]
    more = [f"- and {len(safe) - MOST_PAIRS:,} more"] if len(safe) > MOST_PAIRS else []
    return "\n".join(["Vetted pairs that use it, with `look_up`:", *lines, *more]) if lines else ""
