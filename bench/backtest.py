"""Does the health score predict? Spider's databases as clusters, damaged in graded ways; then they are asked.

Each cluster is one of Spider's databases with half of its questions as pairs, vetted lately, and a rule that its tables
have rows. Kinds of change that the signals were made with are tried on six small databases, those held out on four
others with more rows. The rest is `vedder health backtest`: the same copies, pipelines, questions and figures.

    python -m bench.backtest [--only known|held-out] [--questions 50] [--plot docs/health-backtest.svg]
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from bench.spider import Spider, build, open_spider
from vedder_api.backtest.backtest import SHARES, backtest
from vedder_api.backtest.copies import Workshop
from vedder_api.backtest.damages.all import HELD_OUT, KNOWN
from vedder_api.backtest.damages.damage import Damage
from vedder_api.backtest.findings import Figures, Findings, Observation, findings
from vedder_api.backtest.plot import specification
from vedder_api.surfaces.render_backtest import findings_parts
from vedder_api.surfaces.terminal import draw
from vedder_core.charts import write_svg
from vedder_core.settings import Settings

FOLDER = Path("build/bench/backtest").absolute()
LEAST_AUC, MOST_FALSE_ALARMS = 0.9, 0.05
SMALL, MOST_BYTES = 6, 3_000_000
"""How many small databases, and how small."""

WITH_ROWS = ("bike_1", "csu_1", "inn_1", "wine_1")
"""Where kinds that were held out are tried: databases with enough rows for distributions."""

HELD_OUT_SHARES = SHARES[1:]
"""Two grades, because these databases take longer."""

VETTED = timedelta(days=30)
"""How long ago somebody vetted the pairs: not so long that this alone speaks against them, and not today."""

EMBEDDER = "hashed-words"


def main(arguments: Sequence[str]) -> int:
    """0 when the score predicts as wanted, or nothing could be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("known", "held-out"))
    parser.add_argument("--questions", type=int, default=50, help="of each cluster and wording, at most")
    parser.add_argument("--plot", type=Path)
    chosen = parser.parse_args(arguments)
    spider = open_spider()
    if spider is None:
        print("bench.backtest: skipped, there is no `spider` folder in VEDDER_TEST_DATA (default ../shared/data)")
        return 0
    os.environ["VEDDER_EMBEDDER"] = EMBEDDER  # for the pipelines' own process
    os.environ.pop("DAGSTER_HOME", None)
    seen: list[Observation] = []
    if chosen.only != "held-out":
        seen += _observed(spider, _small(spider), KNOWN, SHARES, chosen.questions)
    if chosen.only != "known":
        seen += _observed(spider, WITH_ROWS, HELD_OUT, HELD_OUT_SHARES, chosen.questions)
    found = findings(tuple(seen))
    if chosen.plot:
        write_svg(specification(found), chosen.plot)
    return report(found)


def _observed(
    spider: Spider, databases: Sequence[str], damages: Sequence[Damage], shares: Sequence[float], questions: int
) -> Iterator[Observation]:
    """What becomes of these databases under these kinds of damage."""
    name = "known" if damages is KNOWN else "held-out"
    folder = FOLDER / name
    build(spider, databases, folder)
    _curated(folder / "clusters")
    configured = Settings(
        clusters=folder / "clusters", warehouse=f"duckdb:///{folder / 'warehouse.duckdb'}", embedder=EMBEDDER
    )
    yield from backtest(
        Workshop(folder / "copies", configured),
        rows=200_000,
        questions=questions,
        shares=shares,
        damages=damages,
        progress=lambda line: print(f"{name}: {line}", flush=True),
    )


def report(found: Findings) -> int:
    """Say what was found, and whether it is as wanted."""
    draw(findings_parts(found))
    print(f"\nwanted: AUC at least {LEAST_AUC}, false alarms at most {MOST_FALSE_ALARMS:.0%}, no rise")
    known = found.known.observed == 0 or (found.known.auc or 0.0) >= LEAST_AUC
    return 0 if known and all(_is_calm(one) for one in (found.known, found.held_out)) else 1


def _is_calm(one: Figures) -> bool:
    """No rise and few false alarms. The AUC of what was held out is told as it is: nothing was made to reach it."""
    return (one.false_alarms or 0.0) <= MOST_FALSE_ALARMS and not one.rises


def _small(spider: Spider) -> list[str]:
    """Some that are small, spread over all of them."""
    size = {name: (spider.folder / "databases" / f"{name}.sqlite").stat().st_size for name in spider.databases()}
    small = [name for name in spider.databases() if size[name] <= MOST_BYTES and len(spider.questions[name]) >= 40]
    return small[:: max(1, len(small) // SMALL)][:SMALL]


def _curated(clusters: Path) -> None:
    """What every curator does: vet lately, and say of a table that it has rows."""
    day = f"vetted_on: '{datetime.now(UTC).date() - VETTED}'"
    for file in clusters.glob("*/pairs/*.sql"):
        file.write_text(re.sub(r"^vetted_on: .*$", day, file.read_text(), count=1, flags=re.MULTILINE))
    rule = {"expect": "expect_table_row_count_to_be_between", "arguments": {"min_value": 1}}
    for file in clusters.glob("*/cluster.yaml"):
        card = yaml.safe_load(file.read_text())
        for dataset in card["datasets"]:
            dataset["expectations"] = [rule]
        file.write_text(yaml.safe_dump(card, sort_keys=False))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
