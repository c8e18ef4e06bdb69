"""Prompts are Markdown files beside this one, with `$names` for what changes; here they are filled, strictly.

Deliberately not here: what of the context a prompt is given (`context`), and the tools' guides (`tools`).
"""

import hashlib
from functools import cache
from importlib.resources import files
from string import Template

from vedder_api.agent.tools.calling import shapes
from vedder_api.cells import as_json

FOLDER = "prompts"


@cache
def prompts() -> dict[str, str]:
    """The text of every prompt by its name, without the end of its last line."""
    folder = files("vedder_api.agent") / FOLDER
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".md")), key=lambda file: file.name)
    return {file.name.removesuffix(".md"): file.read_text(encoding="utf-8").strip() for file in found}


def prompt(name: str, **values: str) -> str:
    """The prompt with its values in place; values are put in as they are, and never read as a part of the template.

    Raises KeyError for a value that the prompt wants and does not get, TypeError for one that it does not want.
    """
    template = Template(prompts()[name])
    unwanted = values.keys() - set(template.get_identifiers())
    if unwanted:
        raise TypeError(f"The prompt {name} has no place for {', '.join(sorted(unwanted))}.")
    return template.substitute(values)


def system(dialect: str, today: str) -> str:
    """Who the agent is and what it keeps to; `today` is a date."""
    return prompt("system", dialect=dialect, today=today)


@cache
def prompt_hash() -> str:
    """sha256 over everything that a model is told by us: prompts and tools. Receipts cite it."""
    return hashlib.sha256(as_json([prompts(), list(shapes())])).hexdigest()
