"""The detector of datasets that are not to be used any more."""

from collections.abc import Iterator

from vedder_core.verdict import Drift
from vedder_pipelines.drift.detectors.detector import Seen


class DeprecatedDataset:
    """A dataset that the pair reads was declared out of use since it was vetted: by `deprecated_by` in cluster.yaml,
    or by the word DEPRECATED in the comment of the table or view.

    Evidence: who says so, and what to use. Threshold: said now, and not when the pair was vetted. At the first look
    at a cluster it counts as not said before, so that what is deprecated already is found once.
    Silent about: a dataset that was deprecated when the pair was vetted again.
    The curator moves the pair to the successor, or vets it again as it stands.
    """

    name = "deprecated_dataset"
    advice = "Move the pair to its successor, or vet it again as it stands."

    def find(self, seen: Seen) -> Iterator[Drift]:
        for name in seen.uses.datasets:
            was, now = seen.was.datasets.get(name), seen.now.datasets.get(name)
            before = was.deprecated if was is not None else ""
            if now is None or not now.deprecated or now.deprecated == before:
                continue
            yield Drift(
                self.name,
                f"`{name}` is not to be used any more: {now.deprecated}. {self.advice}",
                dataset=name,
                was=before or "in use",
                found=now.deprecated,
                threshold="said since the pair was vetted",
            )
