"""One file that a person wrote: its text, and where its problems go.

Deliberately not here: what the text means.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from vedder_core.problem import Problems

MOST_BYTES = 4_000_000
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
"""What YAML allows nowhere, and what no editor shows."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """The text of a file, with `\\n` between its lines whatever the editor wrote."""

    path: Path
    text: str
    problems: Problems

    def report(self, message: str, *, line: int = 0, key: str = "", hint: str = "") -> None:
        self.problems.report(self.path, message, line=line, key=key, hint=hint)

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty where there is none."""
        lines = self.text.split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""


def read_written(path: Path, problems: Problems) -> WrittenFile | None:
    """The file at `path`, or None once it is reported why it cannot be read: no access, too large, or no UTF-8."""
    try:
        content = path.read_bytes()
    except OSError as error:
        problems.report(path, f"The file cannot be opened: {error.strerror}.", hint="Check its place and its rights.")
        return None
    if len(content) > MOST_BYTES:
        problems.report(
            path,
            f"The file has {len(content):,} bytes; more than {MOST_BYTES:,} are not read.",
            hint="Data does not belong in cluster files; split what a person wrote into several clusters.",
        )
        return None
    return _decoded(path, content, problems)


def _decoded(path: Path, content: bytes, problems: Problems) -> WrittenFile | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.report(
            path,
            f"Byte 0x{content[error.start]:02x} at offset {error.start} is not UTF-8.",
            line=content.count(b"\n", 0, error.start) + 1,
            hint="Save the file with the encoding UTF-8.",
        )
        return None
    file = WrittenFile(path, text.replace("\r\n", "\n").replace("\r", "\n"), problems)
    odd = UNPRINTABLE.search(file.text)
    if odd is not None:
        file.report(
            f"An invisible character (U+{ord(odd[0]):04X}) stands in this line.",
            line=file.text.count("\n", 0, odd.start()) + 1,
            hint="Delete it; it often comes along when text is pasted.",
        )
        return None
    return file
