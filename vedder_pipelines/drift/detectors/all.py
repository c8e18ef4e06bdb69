"""The detectors, in the order in which their findings are told: what explains most comes first."""

from vedder_pipelines.drift.detectors.collapsed import ResultCollapsed
from vedder_pipelines.drift.detectors.deprecated import DeprecatedDataset
from vedder_pipelines.drift.detectors.detector import Detector
from vedder_pipelines.drift.detectors.lost_key import LostKey
from vedder_pipelines.drift.detectors.null_burst import NullBurst
from vedder_pipelines.drift.detectors.partition import MovedPartition
from vedder_pipelines.drift.detectors.unit_shift import UnitShift
from vedder_pipelines.drift.detectors.vanished_literal import VanishedLiteral

DETECTORS: tuple[Detector, ...] = (
    DeprecatedDataset(),
    VanishedLiteral(),
    LostKey(),
    UnitShift(),
    NullBurst(),
    MovedPartition(),
    ResultCollapsed(),
)
