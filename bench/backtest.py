"""Does the health score predict? Spider's databases as clusters, damaged in graded ways; then they are asked.

Each cluster is one of Spider's databases with half of its questions as pairs, and a rule that its tables have rows. The
rest is `vedder health backtest`: the same copies, pipelines, questions and figures.

    python -m bench.backtest [--databases 6] [--questions 50] [--plot docs/health-backtest.svg]
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from bench.spider import Spider, build, open_spider
from vedder_api.backtest.backtest import SHARES, backtest
from vedder_api.backtest.copies import Workshop
from vedder_api.backtest.findings import Findings, findings
from vedder_api.backtest.plot import specification
from vedder_api.surfaces.render_backtest import findings_parts
from vedder_api.surfaces.terminal import draw
from vedder_core.charts import write_svg
from vedder_core.settings import Settings

FOLDER = Path("build/bench/backtest").absolute()
LEAST_AUC, MOST_FALSE_ALARMS = 0.9, 0.05
MOST_BYTES = 3_000_000
"""Of a database: what matters is how many clusters there are, not how many rows."""

EMBEDDER = "hashed-words"


def main(arguments: Sequence[str]) -> int:
    """0 when the score predicts as wanted, or nothing could be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--databases", type=int, default=6)
    parser.add_argument("--questions", type=int, default=50, help="of each cluster and wording, at most")
    parser.add_argument("--plot", type=Path)
    chosen = parser.parse_args(arguments)
    spider = open_spider()
    if spider is None:
        print("bench.backtest: skipped, there is no `spider` folder in VEDDER_TEST_DATA (default ../shared/data)")
        return 0
    build(spider, _databases(spider, chosen.databases), FOLDER)
    _expect_rows(FOLDER / "clusters")
    os.environ["VEDDER_EMBEDDER"] = EMBEDDER  # for the pipelines' own process
    os.environ.pop("DAGSTER_HOME", None)
    configured = Settings(
        clusters=FOLDER / "clusters", warehouse=f"duckdb:///{FOLDER / 'warehouse.duckdb'}", embedder=EMBEDDER
    )
    seen = backtest(
        Workshop(FOLDER / "copies", configured),
        rows=200_000,
        questions=chosen.questions,
        shares=SHARES,
        progress=lambda line: print(line, flush=True),
    )
    found = findings(tuple(seen))
    if chosen.plot:
        write_svg(specification(found), chosen.plot)
    return report(found)


def report(found: Findings) -> int:
    """Say what was found, and whether it is as wanted."""
    draw(findings_parts(found))
    auc, alarms = found.auc or 0.0, found.false_alarms if found.false_alarms is not None else 1.0
    print(f"\nwanted: AUC at least {LEAST_AUC}, false alarms at most {MOST_FALSE_ALARMS:.0%}, no rise")
    return 1 if auc < LEAST_AUC or alarms > MOST_FALSE_ALARMS or found.rises else 0


def _databases(spider: Spider, number: int) -> list[str]:
    """Some that are small, spread over all of them."""
    size = {name: (spider.folder / "databases" / f"{name}.sqlite").stat().st_size for name in spider.databases()}
    small = [name for name in spider.databases() if size[name] <= MOST_BYTES and len(spider.questions[name]) >= 40]
    return small[:: max(1, len(small) // number)][:number]


def _expect_rows(clusters: Path) -> None:
    """What every curator can say of a table: it has rows."""
    rule = {"expect": "expect_table_row_count_to_be_between", "arguments": {"min_value": 1}}
    for file in clusters.glob("*/cluster.yaml"):
        card = yaml.safe_load(file.read_text())
        for dataset in card["datasets"]:
            dataset["expectations"] = [rule]
        file.write_text(yaml.safe_dump(card, sort_keys=False))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
