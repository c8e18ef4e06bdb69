"""The files below the clusters folder as a repair would leave them, and the difference as `git apply` takes it.

Nothing is written: a person applies what a person has read. Line ends and the last line stay as they are.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from vedder_core.pair_file import BEFORE_HEADER
from vedder_pipelines.repair.reading import Edit, Unclear, applied

OLD_FILE = "--- a/"
HUNK = re.compile(r"@@ -(\d+)")


@dataclass(frozen=True)
class Lines:
    """A file's text with `\\n` between its lines, as everybody reads it, and the way back to how it lies there."""

    place: str
    stored: str
    text: str

    def edited(self, edits: Iterable[Edit]) -> str:
        """The stored text with edits that were found in the plain one."""
        at = list(self._places())
        end = "\r\n" if self.stored.count("\r\n") * 2 > self.stored.count("\n") else "\n"
        return applied(self.stored, [Edit(at[e.start], at[e.end], e.text.replace("\n", end)) for e in edits])

    def _places(self) -> Iterator[int]:
        """For each place in the plain text, and its end, the place in the stored one."""
        number = 1 if self.stored.startswith("\ufeff") else 0
        while number < len(self.stored):
            yield number
            number += 2 if self.stored.startswith("\r\n", number) else 1
        yield len(self.stored)


def read_lines(folder: Path, place: str) -> Lines:
    """The file at a place below the clusters folder. Raises Unclear."""
    try:
        stored = (folder / place).read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Unclear(f"{place} cannot be read.") from error
    plain = stored.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return Lines(place, stored, plain)


def sql_start(lines: Lines, sql: str) -> int:
    """Where the pair's SQL begins in its file. Raises Unclear where the file holds another."""
    begin = BEFORE_HEADER.match(lines.text)
    end = lines.text.find("*/", begin.end()) if begin else -1
    rest = lines.text[end + 2 :]
    if end < 0 or rest.strip() != sql:
        raise Unclear(f"{lines.place} is not the file that the pair was read from.")
    return end + 2 + len(rest) - len(rest.lstrip())


def header_of(lines: Lines) -> tuple[int, str]:
    """Where a pair's header begins, and its YAML."""
    begin = BEFORE_HEADER.match(lines.text)
    start = begin.end() if begin else 0
    return start, lines.text[start : lines.text.find("*/", start)]


def value_edits(start: int, text: str, path: tuple[str, ...], changed: Mapping[str, str]) -> Iterator[Edit]:
    """Edits of the values at a path of a YAML text that begins at `start`; `*` in a path is any key or item."""
    first = text.partition("\n")[0]
    skipped = len(first) + 1 if not first.strip() else 0
    try:
        tree = yaml.compose(text[skipped:], Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise Unclear("The header is no YAML.") from error
    for node in _at(tree, path) if tree is not None else ():
        now = changed.get(node.value)
        if now is None:
            continue
        begin, end = start + skipped + node.start_mark.index, start + skipped + node.end_mark.index
        yield Edit(begin, end, as_yaml(now, node.style))


def _at(node: yaml.Node, path: tuple[str, ...]) -> Iterator[yaml.ScalarNode]:
    if not path:
        if isinstance(node, yaml.ScalarNode):
            yield node
        return
    step, below = path[0], path[1:]
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if step in ("*", key.value):
                yield from _at(value, below)
    elif isinstance(node, yaml.SequenceNode) and step == "*":
        for item in node.value:
            yield from _at(item, below)


def as_yaml(value: str, style: str | None) -> str:
    """The value in the quotes that the old one had, or in those that it needs."""
    if style == "'" and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    if style is None:
        return str(yaml.safe_dump(value, allow_unicode=True, width=100_000)).removesuffix("\n").removesuffix("\n...")
    if style == '"':
        return str(yaml.safe_dump(value, default_style='"', allow_unicode=True, width=100_000)).removesuffix("\n")
    raise Unclear("A value in the header is written over several lines.")


def unified(place: str, before: str, after: str) -> str:
    """A unified diff of one file; nothing where nothing changed."""
    if before == after:
        return ""
    old, new = (text.split("\n") for text in (before, after))
    lines = [f"diff --git a/{place} b/{place}\n"]
    found = difflib.unified_diff(_ended(old), _ended(new), f"a/{place}", f"b/{place}")
    lines += [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found]
    return "".join(lines)


def still_applies(diff: str, folder: Path) -> bool:
    """Would `git apply` take it? Not where the lines that it replaces, or those around them, were edited since."""
    stored: list[str] = []
    at = 0
    for line in _lines_of(diff):
        if line.startswith(OLD_FILE):
            try:
                stored = _ended(read_lines(folder, line.removeprefix(OLD_FILE).rstrip("\n")).stored.split("\n"))
            except Unclear:
                return False
        elif hunk := HUNK.match(line):
            at = int(hunk[1]) - 1
        elif line[:1] in (" ", "-"):
            if at >= len(stored) or stored[at].rstrip("\n") != line[1:].rstrip("\n"):
                return False
            at += 1
    return True


def _lines_of(diff: str) -> list[str]:
    """A line may hold a carriage return, which ends none."""
    return [f"{line}\n" for line in diff.split("\n")[:-1]]


def _ended(lines: list[str]) -> list[str]:
    """Lines with their ends; the last one has none where the file does not end with a line break."""
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended
