"""Are broken pairs found, all and only they, and are their repairs right? Thousands of changes to real schemas.

Worlds are Spider's and BIRD's databases with their gold SQL as pairs. Every kind of change of `kinds` is done to a copy
of each; the truth is what the engine itself runs before and after.

    python -m bench.breakage [--engine postgres] [--quick] [--every N] [--only NAME ...] [--show N] ...
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from bench import postgres
from bench.breakage.tally import Tally
from bench.breakage.tasks import LOST, Task, databases, measured
from bench.measure import print_table

QUICK_EVERY = 12
PROCESSES = 2
SHARE_OF_NAMES = 0.95


def main(arguments: Sequence[str]) -> int:
    """0 when every wanted share is reached, or nothing could be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=("duckdb", "postgres"), default="duckdb")
    parser.add_argument("--quick", action="store_true", help="each kind of change once, and every twelfth world")
    parser.add_argument("--every", type=int, default=0, help="every so-manieth world; 1 for all, also when quick")
    parser.add_argument("--only", nargs="*", default=[], help="databases by name")
    parser.add_argument("--perfect", action="store_true", help="repairs are given the true changes, not those found")
    parser.add_argument("--show", type=int, default=12, help="sentences about what went wrong")
    parser.add_argument("--processes", type=int, default=PROCESSES, help="so many worlds at a time")
    chosen = parser.parse_args(arguments)
    names = databases(chosen.engine)
    if not names:
        print("bench.breakage: skipped, there is no `spider` folder in VEDDER_TEST_DATA (default ../shared/data)")
        return 0
    unknown = sorted(set(chosen.only) - set(names))
    if unknown:
        parser.error(f"there is no world {', '.join(unknown)}; there are {', '.join(names)}")
    names = chosen.only or names[:: chosen.every or (QUICK_EVERY if chosen.quick else 1)]
    with ExitStack() as stack:
        try:
            server = stack.enter_context(postgres.server()) if chosen.engine == "postgres" else ""
        except postgres.NoPostgres as missing:
            print(f"bench.breakage: skipped, {missing}")
            return 0
        tasks = [Task(name, chosen.engine, server, chosen.quick, chosen.perfect) for name in names]
        started = time.monotonic()
        tally = measured(tasks, chosen.processes)
        print(f"{len(tasks)} worlds, {chosen.engine}, {time.monotonic() - started:.0f} s")
    return report(tally, show=chosen.show)


COLUMNS = (
    *(
        "changes",
        "cases",
        "broken",
        "found",
        "missed",
        "false alarm",
        "fail only on the data",
        "of these found as drift",
    ),
    *("touched", "judged again", "engine asked"),
)
REPAIRS = (
    *("renames", "renames in the diff", "broken by a rename", "right new name"),
    *("repairs", "repairs that are right", "repairs proven", "wrong repairs proven"),
)


def report(tally: Tally, *, show: int) -> int:
    """Print what was counted, and say whether it is what is wanted."""
    kinds = list(dict.fromkeys(kind for kind, _ in sorted(tally.counts) if kind != "before"))
    before = {name: many for (kind, name), many in tally.counts.items() if kind == "before"}
    print(", ".join(f"{many:,} {name}" for name, many in before.items()))
    for columns in (COLUMNS, REPAIRS):
        rows = [(kind, *(tally.counts[kind, name] for name in columns)) for kind in kinds]
        print_table(("kind", *columns), [*rows, ("all", *(tally.total(name) for name in columns))])
        print()
    for sentence in tally.wrong[:show]:
        print(f"- {sentence}")
    failed = list(_failures(tally))
    for line in failed:
        print(f"MISSED: {line}")
    return 1 if failed else 0


def _failures(tally: Tally) -> Iterator[str]:
    found, broken = tally.total("found"), tally.total("broken")
    print(f"recall {found / max(broken, 1):.4f}, precision {found / max(found + tally.total('false alarm'), 1):.4f}")
    for what in (LOST, "missed", "false alarm", "not judged again", "judged needlessly", "wrong repairs proven"):
        if tally.total(what):
            yield f"{tally.total(what)} {what}, wanted none"
    share = tally.total("renames in the diff") / max(tally.total("renames"), 1)
    print(f"renames found {share:.3f}")
    if share < SHARE_OF_NAMES:
        yield f"{share:.3f} of the renames are found, wanted {SHARE_OF_NAMES}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
