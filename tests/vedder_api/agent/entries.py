"""Entries of a context for tests that need a few of them and no store."""

from datetime import date

from vedder_core.cluster import Pair
from vedder_core.context.entry import PAYLOADS, DatasetCard, Entry, Passage, Status, TaughtPair
from vedder_core.verdict import Valid


def pair(
    slug: str, sql: str, *datasets: str, columns: tuple[str, ...] = (), status: Status = "valid", cluster: str = "port"
) -> Entry:
    written = Pair(
        slug=slug, question=f"What of {slug}?", teaches="How.", vetted_by="Ana", vetted_on=date(2026, 1, 5), sql=sql
    )
    taught = TaughtPair(written, Valid(("n",)), datasets, columns, {})
    payload = PAYLOADS["pair"].dump_json(taught).decode()
    return Entry(f"{cluster}/pair/{slug}", cluster, "pair", written.question, slug, payload, status, datasets)


def doc(slug: str, *datasets: str, columns: tuple[str, ...] = (), cluster: str = "port") -> Entry:
    passage = Passage(slug, slug.title(), "guide", 0, f"About {slug}.", datasets, columns)
    payload = PAYLOADS["doc"].dump_json(passage).decode()
    return Entry(f"{cluster}/doc/{slug}/0", cluster, "doc", passage.title, passage.text, payload, "valid", datasets)


def dataset(card: DatasetCard, *, cluster: str = "port") -> Entry:
    name = card.dataset.name
    payload = PAYLOADS["dataset"].dump_json(card).decode()
    return Entry(f"{cluster}/dataset/{name}", cluster, "dataset", name, name, payload, "valid", (name,))
