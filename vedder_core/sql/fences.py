"""SQL out of what a model wrote: without the Markdown fence round it. What the SQL may do is the guard's question."""

import re

FENCED = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})[^\n`]*\n(?P<inside>.*?)(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)", re.S | re.M
)
QUOTED = re.compile(r"`(?P<inside>[^`]+)`")


def unfenced(text: str) -> str:
    """The inside of the first fenced block, or of one pair of backticks round it all; any other text as it is."""
    bare = text.removeprefix("\ufeff").strip()
    found = FENCED.search(bare) if bare.startswith(("```", "~~~")) or "\n```" in bare else QUOTED.fullmatch(bare)
    return found["inside"].strip() if found else text.removeprefix("\ufeff")
