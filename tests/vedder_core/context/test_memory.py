import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import lancedb

from vedder_core.context.memory import MEMORY, TIDY_EVERY, Memory


def test_what_is_remembered_is_recalled_by_kind_and_key(tmp_path: Path) -> None:
    memory = Memory(f"{tmp_path}")
    assert memory.recall("profile") == {}
    memory.remember("profile", {"nyc.flights": "1", "nyc.planes": "2"})
    memory.remember("verdict", {"nyc.flights": "valid"})
    memory.remember("profile", {"nyc.flights": "it's 3"})
    assert Memory(f"{tmp_path}").recall("profile") == {"nyc.flights": "it's 3", "nyc.planes": "2"}
    assert memory.recall("profile", ["nyc.planes", "nyc.gone"]) == {"nyc.planes": "2"}
    assert memory.recall("profile", []) == {}
    assert memory.recall("verdict") == {"nyc.flights": "valid"}


def test_forgetting_is_part_of_the_same_commit_and_touches_one_kind(tmp_path: Path) -> None:
    memory = Memory(f"{tmp_path}")
    memory.remember("profile", {"a": "1", "b": "2"})
    memory.remember("verdict", {"a": "valid"})
    memory.remember("profile", {"c": "3"}, forget=["a", "c", "never there"])
    assert memory.recall("profile") == {"b": "2", "c": "3"}
    memory.remember("profile", {}, forget=["b"])
    assert memory.recall("profile") == {"c": "3"}
    assert memory.recall("verdict") == {"a": "valid"}


def test_nothing_to_remember_writes_nothing(tmp_path: Path) -> None:
    Memory(f"{tmp_path / 'context'}").remember("profile", {})
    assert not (tmp_path / "context").exists()


def test_what_lies_below_a_name_is_recalled_and_nothing_beside_it(tmp_path: Path) -> None:
    memory = Memory(f"{tmp_path}")
    memory.remember("verdict", {"it's/a": "1", "it's/b/c": "2", "it's": "3", "it's2/a": "4", "it's-/a": "5"})
    memory.remember("profile", {"it's/a": "6"})
    assert memory.recall_below("verdict", "it's") == {"it's/a": "1", "it's/b/c": "2"}
    assert memory.recall_below("verdict", "gone") == {}
    assert Memory(f"{tmp_path / 'empty'}").recall_below("verdict", "it's") == {}


def test_a_compacted_memory_says_what_an_uncompacted_one_said(tmp_path: Path) -> None:
    """Looked up by its index or not: also what was written, changed and forgotten since the index was made."""
    memory, other, expected = Memory(f"{tmp_path}"), Memory(f"{tmp_path}"), dict[str, str]()
    rng = random.Random(1)
    for step in range(3 * TIDY_EVERY):
        fresh = {f"c{rng.randrange(5)}/p{rng.randrange(9)}": f"{step}" for _ in range(rng.randrange(6))}
        gone = [f"c{rng.randrange(5)}/p{rng.randrange(9)}" for _ in range(rng.randrange(3))]
        (memory if step % 2 else other).remember("verdict", fresh, forget=gone)
        expected = {key: value for key, value in expected.items() if key not in gone} | fresh
        if step == TIDY_EVERY // 2:
            memory.compact(timedelta(0))
        assert other.recall("verdict") == expected
        assert other.recall("verdict", gone) == {key: expected[key] for key in gone if key in expected}
        of_one = {key: value for key, value in expected.items() if key.startswith("c1/")}
        assert other.recall_below("verdict", "c1") == of_one


def test_many_small_commits_do_not_stay_many_small_parts(tmp_path: Path) -> None:
    memory = Memory(f"{tmp_path}")
    for number in range(2 * TIDY_EVERY):
        memory.remember("verdict", {f"c/{number}": "valid"})
    said: Any = lancedb.connect(tmp_path).open_table(MEMORY).stats()
    assert said["fragment_stats"]["num_fragments"] <= TIDY_EVERY
    assert len(memory.recall("verdict")) == 2 * TIDY_EVERY
