import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from vedder_api.agent import prompt as module
from vedder_api.agent.prompt import prompt, prompt_hash, prompts, system
from vedder_api.agent.tools.all import TOOLS

ROOT = Path(module.__file__).parents[2]
VALUES = {
    "pair_stopped": {"reason": "its SQL reads what may not be read."},
    "system": {"dialect": "duckdb", "today": "2026-11-21"},
    "understand": {"conversation": "-", "question": "?"},
}
NAMES = {tool.name for tool in TOOLS}


@pytest.mark.parametrize("name", prompts())
def test_every_prompt_renders_and_leaves_no_place_unfilled(name):
    text = prompt(name, **VALUES.get(name, {}))
    assert text
    assert not re.search(r"\$\w", text)


@pytest.mark.parametrize("name", prompts())
def test_prompts_name_only_tools_that_exist(name):
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)*)`", prompts()[name]))
    assert named <= NAMES


def test_the_instructions_name_every_way_to_end_a_turn_and_the_dialect():
    text = system("duckdb", "2026-11-21")
    assert all(f"`{tool}`" in text for tool in ("finish", "ask_user", "not_covered", "run_sql"))
    assert "duckdb" in text
    assert "2026-11-21" in text


def test_a_value_is_never_read_as_a_part_of_the_prompt():
    text = prompt("understand", conversation="$question ${nothing} $$", question="How many?")
    assert "$question ${nothing} $$" in text
    assert text.count("How many?") == 1


def test_a_missing_value_and_an_unwanted_one_are_errors():
    with pytest.raises(KeyError):
        prompt("understand", question="?")
    with pytest.raises(TypeError, match="weather"):
        prompt("understand", question="?", conversation="-", weather="fine")


def test_the_hash_is_the_same_in_every_process():
    code = "from vedder_api.agent.prompt import prompt_hash; print(prompt_hash())"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == prompt_hash()
    assert re.fullmatch(r"[0-9a-f]{64}", prompt_hash())


def test_the_prompts_are_packed_into_the_wheel(tmp_path):
    code = f"from hatchling.build import build_wheel; print(build_wheel({str(tmp_path)!r}))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    with ZipFile(tmp_path / run.stdout.split()[-1]) as wheel:
        packed = {Path(name).stem for name in wheel.namelist() if name.startswith("vedder_api/agent/prompts/")}
    assert packed == set(prompts())
