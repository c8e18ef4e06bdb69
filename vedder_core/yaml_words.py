"""Why a text is not YAML, in words that help whoever wrote it. The YAML parser's own words stay here."""

import re
from dataclasses import dataclass

import yaml

MUST_QUOTE = re.compile(r"""^\s*(?:- +)*(?:[^\s"'#:]+: +|- +)(?P<value>[{\[@`%*&!|>].*)$""")
"""A line whose value begins with a character that means something to YAML."""


@dataclass
class Misread(Exception):
    """Why a text cannot be read as YAML; `line` counts from 0 within that text."""

    message: str
    line: int
    hint: str


def misread(error: yaml.YAMLError | Misread, text: str) -> Misread:
    """What is wrong with `text`, which made the YAML parser fail with `error`."""
    if isinstance(error, Misread):
        return error
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Misread("This is not YAML.", 0, str(error).splitlines()[0])
    lines = text.split("\n")
    here = min(error.problem_mark.line, len(lines) - 1)
    began = min(error.context_mark.line, here) if error.context_mark is not None else here
    return (
        _tab(lines, here)
        or _unclosed(error.problem or "", lines, began)
        or _starred(lines, here)
        or _unquoted(lines, here)
        or _misplaced(error.problem or "", lines, here, began)
    )


def _tab(lines: list[str], here: int) -> Misread | None:
    for number in (here, here + 1):
        if number < len(lines) and "\t" in lines[number][: len(lines[number]) - len(lines[number].lstrip())]:
            return Misread("The line is indented with a tab.", number, "YAML wants spaces.")
    return None


def _unclosed(problem: str, lines: list[str], began: int) -> Misread | None:
    if problem == "found unexpected end of stream":
        return Misread(f"A quote is opened and never closed: {_shown(lines[began])}", began, "Close it.")
    bracket = re.fullmatch(r"did not find expected ',' or '([\]}])'", problem)
    if bracket is None:
        return None
    return Misread(
        f"A bracket is opened that cannot be read up to its `{bracket[1]}`: {_shown(lines[began])}",
        began,
        f"Close it with `{bracket[1]}`, and put texts inside it in quotes.",
    )


def _starred(lines: list[str], here: int) -> Misread | None:
    if not re.match(r"\s*\*(\s|$)", lines[here]):
        return None
    return Misread("The line begins with `*`.", here, "A header is plain YAML: leave out the stars of a comment.")


def _unquoted(lines: list[str], here: int) -> Misread | None:
    found = MUST_QUOTE.match(lines[here])
    if found is None:
        return None
    value = found["value"].rstrip()
    begins = "a backtick" if value[0] == "`" else f"`{value[0]}`"
    return Misread(
        f"YAML does not read this as text, because it begins with {begins}.",
        here,
        f'Put the text in quotes: "{value}".' if '"' not in value else "Put the text in quotes.",
    )


def _misplaced(problem: str, lines: list[str], here: int, began: int) -> Misread:
    fits_not = "The line does not fit those above it"
    if problem == "mapping values are not allowed in this context":
        if lines[here].count(": ") > 1:
            return Misread(f"A second `: ` in one line: {_shown(lines[here])}", here, "Put the text in quotes.")
        return Misread(f"{fits_not}: {_shown(lines[here])}", here, "Check its indentation, and the line above.")
    if problem == "could not find expected ':'":
        return Misread(
            f"The line is neither `key: value` nor an item of a list: {_shown(lines[began])}",
            began,
            "Add the `:`, or indent the line if it continues the text above it.",
        )
    if problem == "found unknown escape character":
        return Misread(f"A `\\` in double quotes: {_shown(lines[here])}", here, "Write `\\\\`, or use single quotes.")
    if problem.startswith("did not find expected") or "not allowed in this context" in problem:
        return Misread(f"{fits_not}: {_shown(lines[here])}", here, "Check the indentation and the quotes.")
    return Misread(f"This is not YAML ({problem}): {_shown(lines[here])}", here, "")


def _shown(line: str) -> str:
    line = line.strip()
    return f"`{line}`" if len(line) <= 60 else f"`{line[:57]}...`"
