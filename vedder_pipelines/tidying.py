"""Keeps the context store small and true: what has no folder any more leaves it, and so do old versions."""

from collections.abc import Collection
from datetime import timedelta

import dagster as dg

from vedder_core.context.index import ContextWriter
from vedder_core.context.memory import Memory
from vedder_pipelines.remembered import BUILT, CATALOG, HELD, OF_CLUSTERS, PUBLICATIONS
from vedder_pipelines.resources import ClusterFiles, ContextResource

KEPT = timedelta(hours=1)
"""Of what only the pipelines read, old versions are kept for runs that are under way, and for nothing else."""


def withdraw_gone(writer: ContextWriter, memory: Memory, folders: Collection[str]) -> tuple[str, ...]:
    """Take clusters whose folder is gone out of the context. A cluster that merely cannot be read keeps what it has.

    Without any folder nothing is withdrawn: then it is the folder of all clusters that is missing.
    """
    if not folders:
        return ()
    known = {*PUBLICATIONS.recall(memory), *BUILT.recall(memory)}
    gone = tuple(sorted(known - set(folders)))
    for name in gone:
        writer.withdraw(name)
    for shelf in OF_CLUSTERS if gone else ():
        shelf.remember(memory, {}, forget=[key for key in shelf.keys(memory) if key.partition("/")[0] in gone])
    return gone


@dg.op
def withdraw_and_compact(context: dg.OpExecutionContext, files: ClusterFiles, store: ContextResource) -> None:
    """Withdraw removed clusters, compact the store, and drop versions that are older than is kept."""
    for name in withdraw_gone(store.writer(), store.memory(), files.read().digests):
        context.log.info(f"{name} has no folder any more and was taken out of the context.")
    store.writer().maintain(store.keep())
    memory = store.memory()
    store.catalogs().keep({*HELD.recall(memory).values(), *CATALOG.recall(memory).values()}, KEPT)
    for private in (memory, store.history()):
        private.compact(KEPT)


@dg.job(description="Takes removed clusters out of the context, compacts it, and drops old versions.")
def tidy_context() -> None:
    """The job around the one step."""
    withdraw_and_compact()
