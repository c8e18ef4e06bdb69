"""What a worker process takes from itself before it runs anything: memory, files, processor, privileges, network.

The operating system keeps these limits, so they hold where an engine's own do not: inside of a single function call.
"""

import ctypes
import os
import resource
import sys
from pathlib import Path
from typing import Literal

NO_NEW_PRIVILEGES = 38
NEW_USER_NAMESPACE = 0x10000000
NEW_NETWORK_NAMESPACE = 0x40000000
OPEN_FILES = 1024
SPARE_SECONDS = 10


def leave_the_network() -> bool:
    """Leave all networks where the system lets an ordinary process do so (Linux); True where it did.

    Whatever the process executes from now on gains no privileges either.
    """
    if sys.platform != "linux":
        return False
    system = ctypes.CDLL(None, use_errno=True)
    system.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return bool(system.unshare(NEW_USER_NAMESPACE | NEW_NETWORK_NAMESPACE) == 0)


def limit_the_rest(file_bytes: int) -> None:
    """No core dumps, few open files, and no file longer than `file_bytes`."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    _lower(resource.RLIMIT_FSIZE, file_bytes)


def limit_memory(share: int) -> None:
    """Together with what is resident now, at most `share` bytes; where the system counts them so (Linux).

    Address space is what can be limited, so it may grow by what is left of the share.
    """
    if mapped := mapped_bytes():
        _lower(resource.RLIMIT_AS, mapped + max(share - _bytes_of("resident"), 0))


def mapped_bytes() -> int:
    """Bytes of address space in use, which a process seldom gives back; 0 where the system does not say."""
    return _bytes_of("mapped")


def _bytes_of(kind: Literal["mapped", "resident"]) -> int:
    try:
        mapped, resident, *_ = Path("/proc/self/statm").read_text().split()
    except FileNotFoundError:
        return 0
    return int(mapped if kind == "mapped" else resident) * resource.getpagesize()


def limit_processor(seconds: float) -> None:
    """End the process when the query that begins now takes far more than its time; for when nobody else does."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = used.ru_utime + used.ru_stime + (seconds + SPARE_SECONDS) * (os.cpu_count() or 1)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(allowed) + 1 if hard < 0 else min(int(allowed) + 1, hard), hard))


def _lower(kind: int, limit: int) -> None:
    """Set a limit for good; one that is lower already stays."""
    _, hard = resource.getrlimit(kind)
    new = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (new, new))
