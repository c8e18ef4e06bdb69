"""The detector of pairs whose own result collapsed."""

from collections.abc import Iterator

from vedder_core.verdict import Drift
from vedder_pipelines.drift.detectors.detector import Seen, times

FEWEST_SUPPORT = 5
CHANCE = 1e-3
FEWEST_ROWS = 50
LEFT = 0.02


class ResultCollapsed:
    """The pair, run with the same values as when it was vetted, gives nothing any more, almost nothing, or fails.

    Evidence: rows of its result, whether there is anything in them but 0 and NULL, how many rows its outermost SELECT
    is made of, and how many its joins bring together, then and now. Threshold: something then and nothing now, with at
    least 5 rows behind it (or met by its joins) then of which none is left; or at least 50 rows then and less than 2 %
    of them now. Rows that were deleted from its datasets must not explain it by chance (1 in 1,000). A pair that ran
    then and that the engine refuses to run now, too.
    Silent about: results that were empty when vetted, lists that run empty while the rows behind them are there
    (customers without orders), and datasets that shrank as much.
    The curator runs the pair, and looks at what else was found of its datasets.
    """

    name = "result_collapsed"
    advice = "Run the pair and look at the data behind it: what it asks for is not there."

    def find(self, seen: Seen) -> Iterator[Drift]:
        was, now = seen.was.result, seen.now.result
        if was is None:
            return
        dataset = seen.uses.datasets[0] if seen.uses.datasets else ""
        if seen.now.failed:
            yield self._drift(dataset, times(was.rows), seen.now.failed, f"the warehouse {seen.now.failed}")
        elif now is not None and not was.hollow and now.hollow and self._lost_support(seen):
            found = "no rows" if not now.rows else "nothing but 0 and NULL"
            yield self._drift(dataset, times(was.rows), found, f"gave {times(was.rows)}, and now {found}")
        elif now is not None and was.rows >= FEWEST_ROWS and now.rows < LEFT * was.rows and not self._shrank(seen):
            found = times(now.rows)
            yield self._drift(dataset, times(was.rows), found, f"gave {times(was.rows)}, and now {found}")

    def _lost_support(self, seen: Seen) -> bool:
        """Are the rows that it was made of gone, more of them than deletions explain?"""
        was, now = seen.was.support, seen.now.support
        if any(before > 0 and after == 0 for before, after in (seen.rows(name) for name in seen.uses.datasets)):
            return True
        if seen.now.met == 0 and (seen.was.met or 0) >= FEWEST_SUPPORT:
            return True  # its joins bring nothing together any more
        if was is None or now is None or was < FEWEST_SUPPORT or now > 0:
            return False
        lost = max((seen.lost(name) for name in seen.uses.datasets), default=0.0)
        return lost**was < CHANCE

    def _shrank(self, seen: Seen) -> bool:
        return any(seen.lost(name) > 0.9 for name in seen.uses.datasets)

    def _drift(self, dataset: str, was: str, found: str, what: str) -> Drift:
        return Drift(
            self.name,
            f"When it was vetted, the pair {what}. {self.advice}",
            dataset=dataset,
            was=was,
            found=found,
            threshold="nothing left, which deleted rows do not explain",
        )
