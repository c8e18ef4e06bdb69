"""What is told of a cluster that changed its band: as plain JSON, and as Slack's text and blocks.

Everything in it stands in the cluster's health, which its owner sees anyway. Text from files is escaped.
"""

import hashlib
from dataclasses import dataclass

from vedder_core.cluster import Cluster
from vedder_core.health import Band, Health
from vedder_pipelines.alerts.channels import Form

RANK: dict[Band, int] = {"healthy": 0, "degraded": 1, "critical": 2}
Json = dict[str, object]
MOST_SIGNALS = 3
LONGEST = 600
"""Characters of one text; Slack refuses a block of more than 3,000."""


@dataclass(frozen=True, slots=True)
class BandChange:
    """A cluster's health now, and the last one that was in another band (`before`, None where it is not kept)."""

    cluster: Cluster
    band_before: Band
    band: Band
    before: Health | None
    now: Health
    link: str | None = None

    @property
    def dropped(self) -> bool:
        return RANK[self.band] > RANK[self.band_before]

    @property
    def key(self) -> str:
        """The same for every try of telling this change, so that whoever gets it twice can know."""
        said = f"{self.cluster.name}\x1f{self.band_before}\x1f{self.band}\x1f{self.now.measured_at.isoformat()}"
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def signals(self) -> list[tuple[str, float | None, float, str]]:
        """(signal, before, now, evidence) of those that lost the score most, the greatest loss first."""
        values = {r.signal: r.value for r in self.before.readings} if self.before is not None else {}
        found = []
        for reading in self.now.readings:
            was = values.get(reading.signal)
            if reading.value is None or (was is not None and was == reading.value):
                continue
            change = ((1.0 if was is None else was) - reading.value) * reading.weight
            if (change > 0) == self.dropped and change:
                found.append((abs(change), reading, was))
        found.sort(key=lambda one: -one[0])
        return [
            (r.signal, was, r.value or 0.0, r.evidence[0] if r.evidence else "") for _, r, was in found[:MOST_SIGNALS]
        ]

    def action(self) -> str | None:
        """What would raise the score most."""
        actions = self.now.actions()
        return actions[0].text if actions else None


def payload(change: BandChange, form: Form) -> Json:
    """What is posted."""
    return slack(change) if form == "slack" else plain(change)


def plain(change: BandChange) -> Json:
    """For any endpoint; keys are added, never renamed."""
    cluster = change.cluster
    return {
        "id": change.key,
        "kind": "band_drop" if change.dropped else "band_recovery",
        "cluster": cluster.name,
        "title": cluster.title,
        "team": cluster.owner.team,
        "contact": cluster.owner.contact,
        "band": {"before": change.band_before, "now": change.band},
        "score": {"before": change.before.score if change.before is not None else None, "now": change.now.score},
        "signals": [
            {"signal": signal, "before": was, "now": now, "evidence": evidence}
            for signal, was, now, evidence in change.signals()
        ],
        "action": change.action(),
        "measured_at": change.now.measured_at.isoformat(),
        "link": change.link,
        "text": headline(change),
    }


def headline(change: BandChange) -> str:
    """One line that says it."""
    fell = "fell" if change.dropped else "rose"
    return (
        f"{change.cluster.title} ({change.cluster.name}) {fell} from {change.band_before}{_score(change.before)} to "
        f"{change.band}{_score(change.now)}"
    )


def slack(change: BandChange) -> Json:
    """For an incoming webhook; `text` is what a notification shows."""
    owner = change.cluster.owner
    sign = {"healthy": ":large_green_circle:", "degraded": ":large_yellow_circle:", "critical": ":red_circle:"}
    blocks = [_section(f"{sign[change.band]} *{_escaped(headline(change))}*")]
    moved = [
        f"• {_escaped(signal)}: {'not measured' if was is None else f'{was:.2f}'} → {now:.2f}"
        + (f": {_escaped(evidence)}" if evidence else "")
        for signal, was, now, evidence in change.signals()
    ]
    if moved:
        blocks.append(_section("*What changed most*\n" + "\n".join(moved)))
    action = change.action()
    if action and change.dropped:
        blocks.append(_section(f"*What helps most*\n{_escaped(action)}"))
    foot = f"Owner: {_escaped(owner.team)} ({_escaped(owner.contact)})"
    link = f" · <{_escaped(change.link)}|Open in Dagster>" if change.link else ""
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": foot + link}]})
    return {"text": f"{_escaped(headline(change))}. Owner: {_escaped(owner.contact)}", "blocks": blocks}


def _section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:2900]}}


def _score(health: Health | None) -> str:
    return "" if health is None or health.score is None else f" ({health.score:.2f})"


def _escaped(text: str) -> str:
    """Nothing in it is a link or calls a person: Slack marks both with angle brackets."""
    short = " ".join(text.split())
    short = short if len(short) <= LONGEST else f"{short[: LONGEST - 3]}..."
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
