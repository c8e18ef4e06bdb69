"""A server may be killed at any moment: each question ends once, and soon, and no step of it is written twice.

Two servers share one state database. Each of them is asked the same questions under the same keys, as by clients that
got no reply and tried again elsewhere. They die at every boundary of a step, and at random, and are started again. How
they work, die and are counted is in `bench.crashing` and `bench.durability`, which try the same with 200 conversations.
"""

from pathlib import Path

from bench.crashing import FAULTS, QUESTIONS, STEPS, Plan
from bench.durability import RESUMED_WITHIN, trial

CONVERSATIONS = 30
RANDOM_KILLS = 4


def test_each_question_ends_once_however_its_servers_die(state_url: str, tmp_path: Path) -> None:
    plan = Plan(state_url, tmp_path, CONVERSATIONS)
    result = trial(plan, random_kills=RANDOM_KILLS)
    assert result.wrong == []
    assert result.turns.total() == CONVERSATIONS * QUESTIONS
    assert result.turns["done"] + result.turns["interrupted"] == CONVERSATIONS * QUESTIONS
    assert result.steps <= CONVERSATIONS * QUESTIONS * len(STEPS)
    assert result.faults == len(FAULTS)
    assert result.kills >= len(FAULTS)
    assert 0 < result.slowest <= RESUMED_WITHIN
