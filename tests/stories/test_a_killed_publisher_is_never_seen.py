"""A publisher may be killed at any moment: whoever reads sees a complete version of a cluster, the old or the new.

The publishers and the reader are processes of their own; this file, run as a script, is their code.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import IO

from vedder_core.cluster import Owner, Thresholds
from vedder_core.context.entry import PAYLOADS, ClusterCard, Entry
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.embedder.hashed import HashedWords

KILLS = 45
LONGEST_LIFE = 0.4  # seconds; enough for some dozens of publishes


def version_of_a_cluster(number: int) -> tuple[Entry, ...]:
    """Entries that all carry the number of their version and how many they are; versions differ in size."""
    size = 3 + number % 9
    card = ClusterCard(
        "flights", "Flights", f"{number}", "domain", Owner(team="o", contact="#o"), Thresholds(), (), 0, 0
    )
    shown = PAYLOADS["cluster"].dump_json(card).decode()
    title = f"{number} of {size + 1}"
    pairs = (
        Entry(f"flights/pair/{i}", "flights", "pair", title, f"question {(number + i) % 20}", "{}", "valid", ())
        for i in range(number % 4, number % 4 + size)
    )
    return (Entry("flights/cluster", "flights", "cluster", title, "Flights", shown, "valid", ()), *pairs)


def test_every_read_sees_one_complete_version_while_publishers_are_killed(tmp_path: Path) -> None:
    url = f"{tmp_path / 'context'}"
    ContextWriter(url, HashedWords()).publish("flights", version_of_a_cluster(0))
    chance = random.Random(20130107)
    with started("nursery", url) as nursery, started("reader", url) as reader:
        said(reader)
        for _ in range(KILLS):
            tell(nursery)
            publisher = int(said(nursery))
            time.sleep(chance.uniform(0, LONGEST_LIFE))  # the moment of death is the experiment
            os.kill(publisher, signal.SIGKILL)
        tell(reader)
        seen = json.loads(said(reader))
    assert seen["torn"] == []
    assert seen["reads"] > 200
    assert seen["versions"] > KILLS
    last = version_of_a_cluster(10**9)
    ContextWriter(url, HashedWords()).publish("flights", last)
    assert set(ContextReader(url).snapshot().listing()) == set(last)


def started(role: str, url: str) -> "subprocess.Popen[str]":
    command = [sys.executable, __file__, role, url]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: "subprocess.Popen[str]") -> str:
    line = pipe(process.stdout).readline()
    assert line, "the process ended"
    return line


def tell(process: "subprocess.Popen[str]") -> None:
    pipe(process.stdin).write("go on\n")
    pipe(process.stdin).flush()


def pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def nursery(url: str) -> None:
    """Gives birth to a publisher whenever told. Loading LanceDB takes seconds, so it is loaded once, and not used."""
    import lancedb  # noqa: F401

    for birth, _ in enumerate(iter(sys.stdin.readline, ""), 1):
        child = os.fork()
        if not child:
            publish_on_and_on(url, birth * 10_000, os.getppid())
            os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)


def publish_on_and_on(url: str, first: int, parent: int) -> None:
    writer = ContextWriter(url, HashedWords())
    for number in count(first):
        if os.getppid() != parent:
            return  # the test is over, or failed
        writer.publish("flights", version_of_a_cluster(number))
        if number % 7 == 3:
            writer.maintain(timedelta(hours=1))


def read_until_told(url: str) -> None:
    embedder = HashedWords()
    reader = ContextReader(url, embedder)
    vector = embedder.embed(["question 7"])[0]
    reads, versions, torn = 0, set[str](), list[list[str]]()
    print("ready", flush=True)
    os.set_blocking(sys.stdin.fileno(), False)
    while not sys.stdin.readline():
        snapshot = reader.snapshot()
        titles = [entry.title for entry in snapshot.listing()]
        near = {match.entry.title for match in snapshot.vector(vector, limit=100)}
        whole = len(set(titles)) == 1 and titles[0].endswith(f" of {len(titles)}") and near == set(titles)
        torn += [] if whole else [titles]
        versions.update(titles)
        reads += 1
    print(json.dumps({"reads": reads, "versions": len(versions), "torn": torn}), flush=True)


if __name__ == "__main__":
    {"nursery": nursery, "reader": read_until_told}[sys.argv[1]](sys.argv[2])
