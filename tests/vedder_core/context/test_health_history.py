from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from vedder_core.context.health_history import JSON, HealthHistory
from vedder_core.health import Action, Health, Reading

BEGAN = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)


def health(cluster: str, score: float | None, days: int) -> Health:
    readings = (
        Reading("pair validity", score, 2.0, ("3 of 4 pairs bind.",), (Action("Repair `delay`.", 0.1),)),
        Reading("coverage", None, 1.0),
    )
    return Health(cluster, score, "degraded" if score else None, readings, BEGAN + timedelta(days=days), 7)


def test_readings_come_back_whole_and_in_the_order_of_time(tmp_path: Path) -> None:
    history = HealthHistory(f"{tmp_path}")
    assert history.history("flights") == ()
    assert history.latest() == {}
    late, early, other = health("flights", 0.75, 2), health("flights", None, 1), health("weather", 0.7, 1)
    for one in (late, early, other):
        history.append(one)
    assert HealthHistory(f"{tmp_path}").history("flights") == (early, late)
    assert history.latest() == {"flights": late, "weather": other}


def test_the_newest_readings_are_found_by_the_microsecond_and_only_for_those_who_are_asked_for(tmp_path: Path) -> None:
    history = HealthHistory(f"{tmp_path}")
    first = replace(health("o'hare", 0.5, 0), measured_at=BEGAN.replace(microsecond=7))
    last = replace(first, score=0.9, measured_at=BEGAN.replace(microsecond=8).astimezone(timezone(timedelta(hours=5))))
    other = replace(health("weather", 0.7, 0), measured_at=first.measured_at)
    for one in (last, first, other):
        history.append(one)
    assert history.latest(["o'hare", "gone"]) == {"o'hare": last}
    assert history.latest() == {"o'hare": last, "weather": other}
    assert history.latest([]) == {}


def test_a_history_of_before_actions_had_gains_is_still_read(tmp_path: Path) -> None:
    history = HealthHistory(f"{tmp_path}")
    history.append(health("flights", 0.75, 1))
    text = JSON.dump_json(health("flights", 0.75, 2)).decode()
    action = '{"text":"Repair `delay`.","gain":0.1,"turn":null,"names":[],"tells":[]}'
    assert action in text
    (reading, _) = JSON.validate_json(text.replace(action, '"Repair `delay`."')).readings
    assert reading.actions == (Action("Repair `delay`."),)
