"""A shop in a DuckDB file, pairs over it, and looks at them: the test changes the data in between."""

from dataclasses import dataclass, field, replace
from datetime import date

import duckdb

from vedder_core.cluster import Cluster, ColumnNote, Dataset, Freshness, Owner, Pair, Parameter, Watch
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.drift.watching import DriftReport, Watched, kept_of_broken, watch_cluster
from vedder_pipelines.profiling import profile_cluster
from vedder_pipelines.validation import judge_cluster

DDL = """
CREATE SCHEMA shop;
CREATE TABLE shop.customers AS
    SELECT i AS id, ['FR', 'DE', 'US'][i % 3 + 1] AS country, 'c' || i || '@example.org' AS email FROM range(60) t(i);
CREATE TABLE shop.orders AS
    SELECT i AS id, i % 60 AS customer, 5 + (i * 37) % 200 + 0.5 AS amount,
        DATE '2026-01-01' + (i % 181)::INTEGER AS day,
        ['paid', 'open', 'cancelled'][i % 3 + 1] AS state
    FROM range(900) t(i);
"""


@dataclass
class Shop:
    """`vet` writes a pair, `change` runs SQL on the data, `look` watches all pairs as the pipeline does."""

    file: str
    pairs: dict[str, Pair] = field(default_factory=dict)
    remembered: dict[str, Watched] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    least: int = 1
    files: str = ""
    deprecated_by: str | None = None
    run_pairs: bool = True
    freshness: Freshness | None = None

    def vet(self, sql: str, slug: str = "pair", on: date = date(2026, 7, 1), **parameters: dict[str, object]) -> "Shop":
        self.pairs[slug] = Pair(
            slug=slug,
            question="What about it?",
            parameters={name: Parameter.model_validate(given) for name, given in parameters.items()},
            teaches="a test",
            vetted_by="Ada",
            vetted_on=on,
            sql=sql,
        )
        return self

    def change(self, sql: str) -> "Shop":
        with duckdb.connect(self.file) as connection:
            connection.execute(sql)
        return self

    def url(self) -> str:
        return f"duckdb:///{self.file}?workers=0" + (f"&files={self.files}" if self.files else "")

    def cluster(self) -> Cluster:
        notes = {name: ColumnNote(sensitive=True) for name in self.sensitive}
        orders = {
            "columns": {**notes, **{name: ColumnNote(hidden=True) for name in self.hidden}},
            "min_rows_per_value": self.least,
            "freshness": self.freshness,
        }
        return Cluster(
            name="shop",
            title="Shop",
            summary="Orders.",
            owner=Owner(team="sales", contact="#sales"),
            datasets=(
                Dataset(name="shop.orders", description="x", deprecated_by=self.deprecated_by, **orders),
                Dataset(name="shop.customers", description="x"),
            ),
            pairs=tuple(self.pairs.values()),
            watch=Watch(run_pairs=self.run_pairs),
        )

    def kept_of_broken(self) -> dict[str, Watched]:
        """What is to be remembered otherwise of pairs that bind no more."""
        cluster = self.cluster()
        with open_warehouse(self.url()) as warehouse:
            catalog = warehouse.catalog()
            profiles = profile_cluster(cluster, catalog, warehouse, {}, lambda _: None).profiles
            judged = judge_cluster(cluster, catalog, warehouse, {}).judged
        return dict(kept_of_broken(cluster, catalog, profiles, judged, self.remembered))

    def look(self) -> DriftReport:
        cluster = self.cluster()
        with open_warehouse(self.url()) as warehouse:
            catalog = warehouse.catalog()
            profiles = profile_cluster(cluster, catalog, warehouse, {}, lambda _: None).profiles
            judged = judge_cluster(cluster, catalog, warehouse, {})
            report = watch_cluster(cluster, catalog, warehouse, judged, profiles, self.remembered)
        self.remembered = {**self.remembered, **report.watched}
        return report

    def found(self) -> list[tuple[str, str | None]]:
        """Detector and column of each finding, after a look."""
        return [(one.detector, one.column) for d in self.look().drifted.values() for one in d.drifts]

    def said(self) -> str:
        """All sentences for the curator, after a look."""
        return "\n".join(one.said for d in self.look().drifted.values() for one in d.drifts)

    def vetted_again(self, on: date) -> "Shop":
        self.pairs = {slug: pair.model_copy(update={"vetted_on": on}) for slug, pair in self.pairs.items()}
        return self

    def forgotten(self) -> "Shop":
        return replace(self, remembered={})
