from pathlib import Path

from vedder_core.context.memory import Memory


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
