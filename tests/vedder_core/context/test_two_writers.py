"""Two publishers at once, in two processes: both succeed, and no cluster is ever made of both.

This file, run as a script, is the code of such a process: it publishes a version whenever it is told.
"""

import subprocess
import sys
from pathlib import Path
from typing import IO

from vedder_core.cluster import Owner, Thresholds
from vedder_core.context.entry import PAYLOADS, ClusterCard, Entry
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.embedder.hashed import HashedWords

ROUNDS = 12


def version_of(cluster: str, writer: str, turn: int) -> tuple[Entry, ...]:
    """A version with ids of its own and some that both writers use; only the titles tell whose it is."""
    owner = Owner(team="o", contact="#o")
    card = ClusterCard(cluster, "Same", "Same", "domain", owner, Thresholds(), (), 0, 0)
    shown = PAYLOADS["cluster"].dump_json(card).decode()
    slugs = ["both", *(f"{writer}{turn}_{n}" for n in range(3)), *(f"{writer}{n}" for n in range(turn % 3))]
    return (
        Entry(f"{cluster}/cluster", cluster, "cluster", "Same", "Same", shown, "valid", ()),
        *(
            Entry(f"{cluster}/pair/{slug}", cluster, "pair", writer, f"question {slug}", "{}", "valid", ())
            for slug in slugs
        ),
    )


def test_two_publishers_of_two_clusters_both_succeed_from_the_first_commit_on(tmp_path: Path) -> None:
    url = f"{tmp_path / 'context'}"
    with started(url, "ann") as ann, started(url, "bob") as bob:
        assert {said(ann), said(bob)} == {"ready"}
        for turn in range(ROUNDS):
            publish_together((ann, "flights", turn), (bob, "weather", turn))
            seen = ContextReader(url).snapshot().listing()
            expected = {*version_of("flights", "ann", turn), *version_of("weather", "bob", turn)}
            assert len(seen) == len(expected)
            assert set(seen) == expected


def test_of_two_publishers_of_one_cluster_one_wins_whole(tmp_path: Path) -> None:
    url = f"{tmp_path / 'context'}"
    with started(url, "ann") as ann, started(url, "bob") as bob:
        assert {said(ann), said(bob)} == {"ready"}
        for turn in range(ROUNDS):
            publish_together((ann, "flights", turn), (bob, "flights", turn))
            seen = ContextReader(url).snapshot().listing()
            assert len(seen) == len({entry.id for entry in seen})
            assert set(seen) in (set(version_of("flights", "ann", turn)), set(version_of("flights", "bob", turn)))


Writer = tuple["subprocess.Popen[str]", str, int]


def publish_together(*writers: Writer) -> None:
    for process, cluster, turn in writers:
        pipe(process.stdin).write(f"{cluster} {turn}\n")
        pipe(process.stdin).flush()
    for process, _, _ in writers:
        assert said(process) == "published"


def started(url: str, writer: str) -> "subprocess.Popen[str]":
    command = [sys.executable, __file__, url, writer]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: "subprocess.Popen[str]") -> str:
    return pipe(process.stdout).readline().strip()


def pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def publish_when_told(url: str, writer: str) -> None:
    import lancedb  # noqa: F401 (seconds, so that the first publishes meet)

    context = ContextWriter(url, HashedWords())
    print("ready", flush=True)
    for line in sys.stdin:
        cluster, turn = line.split()
        context.publish(cluster, version_of(cluster, writer, int(turn)))
        print("published", flush=True)


if __name__ == "__main__":
    publish_when_told(sys.argv[1], sys.argv[2])
