"""When the pipelines last looked is known from the health's history."""

from datetime import UTC, datetime

from vedder_api.looked_at import LookedAtTimes
from vedder_core.context.health_history import HealthHistory
from vedder_core.health import Health, Reading


def health(cluster: str, day: int) -> Health:
    reading = Reading("pair_validity", 1.0, 1.0)
    return Health(cluster, 1.0, "healthy", (reading,), datetime(2026, 1, day, tzinfo=UTC))


def test_the_oldest_of_several_clusters_counts_and_one_that_was_never_measured_makes_it_unknown(tmp_path):
    history = HealthHistory(str(tmp_path))
    for one in (health("a", 1), health("a", 4), health("b", 3)):
        history.append(one)
    looked_at = LookedAtTimes(history)
    assert looked_at(["a"]) == datetime(2026, 1, 4, tzinfo=UTC)
    assert looked_at(["a", "b"]) == datetime(2026, 1, 3, tzinfo=UTC)
    assert looked_at(["a", "c"]) is None
    assert looked_at([]) is None


def test_without_a_context_nobody_knows(tmp_path):
    assert LookedAtTimes(HealthHistory(str(tmp_path / "none")))(["a"]) is None
