"""Start the Dagster UI, its daemon and Vedder's API together, say where to look, and stop all three on Ctrl-C.

Run as `python -m demo.up`. For one machine and one person; a deployment runs the three as services of their own.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from pathlib import Path

UI_PORT = int(os.environ.get("VEDDER_DEMO_UI_PORT", "3000"))
API_PORT = int(os.environ.get("VEDDER_PORT", "8000"))
LONGEST_START = 300  # seconds: the UI loads the whole graph before it listens
LONGEST_STOP = 10  # seconds until a program that does not end is killed

READY = f"""
Vedder is up.

  Lineage, runs, checks    http://127.0.0.1:{UI_PORT}/asset-groups
  The API and its docs     http://127.0.0.1:{API_PORT}/docs

Ask, in another terminal:

  .venv/bin/vedder ask "How many flights left JFK in July?"
  .venv/bin/vedder ask "How many flights left EWR in March?"
  .venv/bin/vedder ask "How many passengers flew in July?"
  curl -s http://127.0.0.1:{API_PORT}/v1/ask -H 'Content-Type: application/json' \\
       -d '{{"question": "How many flights left JFK in July?"}}'

Break something, and watch what it does to the pairs:

  .venv/bin/python -m demo.rename_column nyc.weather wind_speed wind_speed_mph
  DAGSTER_HOME=$PWD/build/dagster .venv/bin/vedder-pipelines run

Ctrl-C stops everything.
"""


def main() -> int:
    """Exit code 0 after Ctrl-C, 1 when a program could not be started or ended by itself."""
    for port in (UI_PORT, API_PORT):
        if _listens(port):
            print(f"Port {port} is taken. Stop what listens there, or set VEDDER_DEMO_UI_PORT and VEDDER_PORT.")
            return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logs = Path("build/logs")
    logs.mkdir(parents=True, exist_ok=True)
    programs = {name: _start(command, logs / f"{name}.log") for name, command in _commands().items()}
    try:
        return _watch(programs, logs)
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(programs.values())


def _commands() -> dict[str, list[str]]:
    bin_folder = Path(sys.executable).parent
    workspace = ["-w", "workspace.yaml"]
    ui = [str(bin_folder / "dagster-webserver"), *workspace, "-h", "127.0.0.1", "-p", str(UI_PORT)]
    daemon = [str(bin_folder / "dagster-daemon"), "run", *workspace]
    api = [str(bin_folder / "vedder"), "serve", "--port", str(API_PORT)]
    return {"dagster-ui": ui, "dagster-daemon": daemon, "api": api}


def _start(command: Sequence[str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as output:
        # A session of its own, so that what a program starts ends with it and Ctrl-C reaches this one alone.
        return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)


def _watch(programs: "dict[str, subprocess.Popen[bytes]]", logs: Path) -> int:
    waiting = {
        "the API": f"http://127.0.0.1:{API_PORT}/readyz",
        "the Dagster UI": f"http://127.0.0.1:{UI_PORT}/server_info",
    }
    deadline = time.monotonic() + LONGEST_START
    print(f"Starting {' and '.join(waiting)} ...", flush=True)
    while True:
        ended = next((name for name, program in programs.items() if program.poll() is not None), None)
        if ended is not None:
            print(f"{ended} ended. Its last words are in {logs / f'{ended}.log'}:\n")
            print("".join((logs / f"{ended}.log").read_text().splitlines(keepends=True)[-15:]))
            return 1
        if waiting and (waiting := {name: url for name, url in waiting.items() if not _answers(url)}) == {}:
            print(READY, flush=True)
        if waiting and time.monotonic() > deadline:
            print(f"Not ready after {LONGEST_START} s: {', '.join(waiting)}. See {logs}.")
            return 1
        time.sleep(0.5)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _stop(programs: "Iterable[subprocess.Popen[bytes]]") -> None:
    running = [program for program in programs if program.poll() is None]
    for program in running:
        os.killpg(program.pid, signal.SIGTERM)
    for program in running:
        try:
            program.wait(LONGEST_STOP)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
