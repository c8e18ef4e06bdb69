"""The claim, on PostgreSQL: what one cluster hides or guards is told by no other that lists the table.

The archive hides badges and guards grades; the desk lists the same table and says nothing of either.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from dagster import ExecuteInProcessResult

from tests.shop_files import write_files
from tests.vedder_core.warehouse.postgres_worlds import Database, database
from tests.vedder_pipelines.test_neighbours import CARD, stored
from vedder_api.overview import cluster_page, health_list
from vedder_api.parts import Parts
from vedder_api.repairs import repair_list
from vedder_core.answer import Answer, NotCovered
from vedder_core.context.entry import TaughtPair
from vedder_core.context.index import ContextReader
from vedder_core.settings import Settings
from vedder_core.verdict import Broken, Drifted, Valid
from vedder_pipelines.automation import BUILD
from vedder_pipelines.definitions import graph

MEMBERS = """
CREATE TABLE shop.members AS SELECT i AS id, 'zebra-' || i % 5 AS badge,
    CASE i % 2 WHEN 0 THEN 'passed' ELSE 'failed' END AS grade, CASE i % 4 WHEN 0 THEN 'north' ELSE 'south' END AS ward
    FROM generate_series(0, 99) t (i)
"""
WARDS = "CREATE TABLE shop.wards AS SELECT i AS ward, (i * 37) % 100 AS points FROM generate_series(0, 99) t (i)"
QUESTIONS = {
    "all": "How many members are there?|SELECT count(*) AS n FROM shop.members",
    "points": "How many points have the wards?|SELECT sum(points * ward) AS n FROM shop.wards",
    "passed": "How many members have passed?|SELECT count(*) AS n FROM shop.members WHERE grade = 'passed'",
    "badges": "How many members by badge?|SELECT badge, count(*) AS n FROM shop.members GROUP BY badge",
}
FILES = {
    "archive/cluster.yaml": CARD.format(
        title="archive", table="shop.members", columns="badge: {hidden: true}, grade: {sensitive: true}", least=1
    ),
    "desk/cluster.yaml": CARD.format(title="desk", table="shop.members", columns="", least=1)
    + "  - {name: shop.wards, description: One row a ward.}\n",
    **{f"desk/pairs/{slug}.sql": text for slug, text in QUESTIONS.items()},
}
SECRETS = ("zebra", "lynx")
"""The values of the hidden column, and the new ones of the guarded column."""


@dataclass(frozen=True)
class Town:
    """Cluster files over a database, and what is built of them and shown."""

    root: Path
    own: Database

    @property
    def settings(self) -> Settings:
        return Settings(
            clusters=self.root / "clusters",
            warehouse=self.own.url(),
            context=str(self.root / "context"),
            state=f"sqlite:///{self.root}/vedder.db",
            embedder="hashed-words",
        )

    def build(self) -> ExecuteInProcessResult:
        return graph(self.settings).resolve_job_def(BUILD).execute_in_process()

    def pairs(self) -> dict[str, TaughtPair]:
        listing = ContextReader(self.settings.context).snapshot().listing(kinds=("pair",), clusters=("desk",))
        return {one.pair.slug: one for one in (entry.carried() for entry in listing) if isinstance(one, TaughtPair)}

    def shown(self) -> str:
        """What the API tells: both clusters' pages, health, repairs, and an outcome for each question."""
        with Parts(self.settings) as parts:
            snapshot, asker = parts.shelf().snapshot(), parts.asker()
            pages = [cluster_page(snapshot, parts.healths, name) for name in ("archive", "desk")]
            asked = [asker.answer(text.partition("|")[0]) for text in QUESTIONS.values()]
            assert isinstance(asked[0], Answer)
            assert all(isinstance(one, NotCovered) for one in asked[2:])
            return str((pages, health_list(snapshot, parts.healths), repair_list(snapshot), asked))


@pytest.fixture
def town(postgres_server: str, tmp_path: Path) -> Iterator[Town]:
    write_files(tmp_path / "clusters", FILES)
    with database(postgres_server) as own:
        own.change("CREATE SCHEMA shop", MEMBERS, WARDS)
        yield Town(tmp_path, own)


def test_neither_values_nor_new_names_are_told_by_the_cluster_that_says_nothing(town: Town) -> None:
    runs = [town.build()]
    town.own.change(
        "UPDATE shop.members SET grade = 'lynx' WHERE grade = 'passed'",
        "ALTER TABLE shop.members RENAME badge TO tagno",
        "ALTER TABLE shop.wards RENAME points TO points_won",
    )
    runs.append(town.build())
    pairs = town.pairs()
    assert {slug: type(one.verdict) for slug, one in pairs.items()} == {
        "all": Valid, "points": Broken, "passed": Drifted, "badges": Broken,
    }  # fmt: skip
    assert [slug for slug, one in pairs.items() if one.repair is not None] == ["points"]
    kept = stored(town) + "".join(str(event) for run in runs for event in run.all_events)
    shown = town.shown()
    assert "north" in kept, "what may be told is seen by this test"
    assert "is called `points_won` now" in shown
    assert [secret for secret in SECRETS if secret in kept + shown] == []
    assert "tagno" not in shown
