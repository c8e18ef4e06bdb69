"""A context of several subjects that have no word in common: what is asked of one is a stranger's to all others."""

from datetime import date

from vedder_core.cluster import Owner, Pair, Thresholds
from vedder_core.context.entry import PAYLOADS, ClusterCard, Entry, EntryKind, Payload, TaughtPair
from vedder_core.context.index import ContextWriter
from vedder_core.verdict import Valid

SUBJECTS = {
    "fleet": "plane engine wing seat hangar pilot",
    "weather": "storm gust rain cloud humidity snow",
    "kitchen": "recipe spice oven dish flour butter",
    "library": "book shelf reader author chapter loan",
    "orchard": "tree apple branch harvest blossom pear",
    "theatre": "actor stage curtain ticket scene costume",
}
ASKED = ("How many {0}s have a {1}?", "Which {0} has the oldest {1}?")


def entry(cluster: str, kind: EntryKind, place: str, text: str, payload: Payload, *datasets: str) -> Entry:
    written = PAYLOADS[kind].dump_json(payload).decode()
    return Entry(f"{cluster}/{kind}/{place}", cluster, kind, text, text, written, "valid", datasets)


def pair(cluster: str, slug: str, sql: str, *questions: str, datasets: tuple[str, ...] = ()) -> Entry:
    taught = Pair(
        slug=slug,
        question=questions[0],
        phrasings=questions[1:],
        teaches="how to ask",
        vetted_by="ana",
        vetted_on=date(2026, 1, 5),
        sql=sql,
    )
    payload = TaughtPair(taught, Valid(()), datasets, (), {})
    return entry(cluster, "pair", slug, "\n".join(questions), payload, *(datasets or (f"{cluster}.all",)))


def subject(name: str, *more: Entry) -> list[Entry]:
    """A cluster with 60 pairs about all that is in one subject, and whatever else."""
    words = SUBJECTS[name].split()
    owner = Owner(team=f"team_{name}", contact=f"#{name}")
    card = ClusterCard(name, name.title(), "", "domain", owner, Thresholds(), (), 60, 0)
    pairs = [
        pair(name, f"{one}_{other}_{number}", f"SELECT '{one}', '{other}', {number}", wording.format(one, other))
        for one in words
        for other in words
        if one != other
        for number, wording in enumerate(ASKED)
    ]
    return [entry(name, "cluster", "card", f"{name.title()}: {SUBJECTS[name]}", card), *pairs, *more]


def publish_all(writer: ContextWriter, **more: Entry) -> None:
    """All subjects; `more` are further entries, by their cluster."""
    for name in SUBJECTS:
        writer.publish(name, subject(name, *([more[name]] if name in more else [])))
