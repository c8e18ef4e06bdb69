"""Which changes of band are to be told, to whom, and what became of it. Plain code without Dagster.

A drop is remembered as told only once the server took it: a crash in between may tell it twice, never not at all.
Addresses are served side by side, and one that fails gets no more in the same round, so that it holds up no other.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from threading import Lock

from vedder_core.cluster import Cluster
from vedder_core.context.health_history import HealthHistory
from vedder_core.context.memory import Memory
from vedder_core.health import Band, Health
from vedder_pipelines.alerts.channels import Channel, Channels
from vedder_pipelines.alerts.message import RANK, BandChange, Json, payload
from vedder_pipelines.alerts.posting import NotTold, post
from vedder_pipelines.alerts.told import Told
from vedder_pipelines.remembered import TOLD

MOST_POSTS = 30
"""In one round: more drop at once when something else is wrong, and Slack takes one post a second."""
MOST_ROUNDS = 6
"""With the waits between them these are more than an hour."""
FIRST_PAUSE = timedelta(minutes=2)
SIDE_BY_SIDE = 16
ROUND_SECONDS = 30.0
"""No post begins later: a tick must end within a minute. What is left is for the next round."""
Post = Callable[[Channel, Json, str], None]


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did, one sentence each for whoever looks; `given_up` is what nobody will be told of any more."""

    told: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    given_up: tuple[str, ...] = ()
    unrouted: tuple[str, ...] = ()


def tell_changes(
    clusters: Mapping[str, Cluster],
    history: HealthHistory,
    memory: Memory,
    channels: Channels,
    now: datetime,
    post_one: Post = lambda channel, message, key: post(channel, message, key=key),
) -> Round:
    """One round over all clusters. A cluster that is seen for the first time is only remembered."""
    known = TOLD.recall(memory)
    latest = {name: health for name, health in history.latest(clusters).items() if health.band is not None}
    TOLD.remember(memory, _silent(latest, known, recoveries=channels.recoveries))
    changed = [name for name, health in latest.items() if name in known and _is_news(health, known[name], channels)]
    routed = {name: channels.of(clusters[name].owner.team) for name in sorted(changed)}
    unrouted = tuple(f"`{name}` is {latest[name].band}" for name, channel in routed.items() if channel is None)
    due = {
        name: channel
        for name, channel in routed.items()
        if channel is not None and ((at := known[name].not_before) is None or at <= now)
    }
    queues = _queues(due)
    changes = {n: _change(clusters[n], latest[n], known[n], history, channels) for queue in queues for n in queue}

    ends, writing = time.monotonic() + ROUND_SECONDS, Lock()

    def serve(queue: list[str]) -> dict[str, NotTold | None]:
        done: dict[str, NotTold | None] = {}
        for name in queue:
            if time.monotonic() > ends:
                break
            done[name] = _posted(due[name], changes[name], post_one)
            if done[name] is not None:
                break
            with writing:
                TOLD.remember(memory, {name: _told(latest[name])})
        return done

    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="vedder-alerts") as pool:
        outcomes = dict(chain.from_iterable(done.items() for done in pool.map(serve, queues)))
    failed = {name: failure for name, failure in outcomes.items() if failure is not None}
    after = {name: _failed(known[name], latest[name], failure, now) for name, failure in failed.items()}
    TOLD.remember(memory, after)
    lost = [name for name in failed if after[name].rounds == 0]
    return Round(
        told=tuple(f"`{name}` is {latest[name].band}" for name, failure in outcomes.items() if failure is None),
        waiting=tuple(f"`{name}`: {failure.reason}" for name, failure in failed.items() if name not in lost),
        given_up=tuple(f"`{name}` is {latest[name].band}: {failed[name].reason}" for name in lost),
        unrouted=unrouted,
    )


def _silent(latest: Mapping[str, Health], known: Mapping[str, Told], *, recoveries: bool) -> dict[str, Told]:
    """What is remembered without a word: clusters not seen before, recoveries, and drops that passed untold."""
    found = {}
    for name, health in latest.items():
        last = known.get(name)
        if last is None or (RANK[_band(health)] < RANK[last.band] and not recoveries):
            found[name] = _told(health)
        elif _band(health) == last.band and last.rounds:
            found[name] = replace(last, rounds=0, not_before=None)
    return found


def _is_news(health: Health, last: Told, channels: Channels) -> bool:
    change = RANK[_band(health)] - RANK[last.band]
    return change > 0 or (change < 0 and channels.recoveries)


def _queues(due: Mapping[str, Channel]) -> list[list[str]]:
    """The clusters of each address. All addresses get their turn before one gets a second: the cap starves nobody."""
    by_address: dict[str, list[str]] = {}
    for name, channel in due.items():
        by_address.setdefault(channel.url.get_secret_value(), []).append(name)
    turns = chain.from_iterable(zip_longest(*by_address.values()))
    chosen = set([name for name in turns if name is not None][:MOST_POSTS])
    return [[name for name in names if name in chosen] for names in by_address.values() if chosen & set(names)]


def _change(cluster: Cluster, now: Health, last: Told, history: HealthHistory, channels: Channels) -> BandChange:
    """With the last reading before this one whose band the owner knows."""
    earlier = [h for h in history.history(cluster.name) if h.measured_at < now.measured_at and h.band == last.band]
    link = f"{channels.dagster.rstrip('/')}/assets/{cluster.name}/health" if channels.dagster else None
    return BandChange(cluster, last.band, _band(now), earlier[-1] if earlier else None, now, link)


def _posted(channel: Channel, change: BandChange, post_one: Post) -> NotTold | None:
    try:
        post_one(channel, payload(change, channel.takes), change.key)
    except NotTold as failure:
        return failure
    return None


def _failed(last: Told, health: Health, failure: NotTold, now: datetime) -> Told:
    """Later once more; after the last round the band counts as told, and whoever watches the sensor is warned."""
    rounds = last.rounds + 1
    if rounds >= MOST_ROUNDS:
        return _told(health)
    pause = max(FIRST_PAUSE * 2 ** (rounds - 1), timedelta(seconds=failure.wait or 0.0))
    return replace(last, rounds=rounds, not_before=now + pause)


def _told(health: Health) -> Told:
    return Told(_band(health), health.measured_at)


def _band(health: Health) -> Band:
    if health.band is None:
        raise ValueError(f"The health of {health.cluster} was not measured.")
    return health.band


def sentences(title: str, items: Iterable[str]) -> str:
    """Some of the items behind a title; nothing where there are none."""
    listed = list(items)
    more = f" and {len(listed) - 10} more" if len(listed) > 10 else ""
    return f"{title}: {'; '.join(listed[:10])}{more}." if listed else ""
