"""A doc's file: Markdown, with optional YAML front matter between two `---` lines."""

import re
from pathlib import Path

from vedder_core.cluster import Doc
from vedder_core.cluster_shape import fit
from vedder_core.problem import Problems
from vedder_core.written_file import WrittenFile, read_written
from vedder_core.yaml_lines import read_yaml
from vedder_core.yaml_tree import Node

FENCE = re.compile(r"-{3,}[ \t]*$")


def read_doc(path: Path, problems: Problems) -> Doc | None:
    """The doc in a file, or None once it is reported what is wrong with it.

    A doc without a title takes that of its first heading, else its file's name.
    """
    file = read_written(path, problems)
    parts = _split(file) if file is not None else None
    if file is None or parts is None:
        return None
    matter, body = parts
    if not body:
        file.report("The doc says nothing.", hint="Write some Markdown below the front matter, or delete the file.")
    header = read_yaml(file, matter, first_line=2) if matter else Node(1, {})
    if header is None:
        return None
    given: dict[str, object] = {"slug": path.stem, "body": body}
    if not header.has(("title",)) and isinstance(header.content, dict | None):
        header = Node(header.line, {**header.entries(), "title": Node(header.line, _title(path, body))})
    return fit(Doc, header, file, given=given)


def _split(file: WrittenFile) -> tuple[str, str] | None:
    """Front matter and body; None once it is reported that the front matter never ends."""
    lines = file.text.split("\n")
    if not FENCE.match(lines[0]):
        return "", file.text.strip()
    end = next((number for number, line in enumerate(lines) if number and FENCE.match(line)), None)
    if end is None:
        file.report("The front matter is never closed.", line=1, hint="Write `---` on a line of its own behind it.")
        return None
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]).strip()


def _title(path: Path, body: str) -> str:
    heading = re.search(r"^#{1,6}[ \t]+(\S.*)$", body, re.MULTILINE)
    return heading[1].strip(" \t#") if heading else path.stem.replace("_", " ").capitalize()
