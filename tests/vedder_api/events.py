"""Server-sent events as a client reads them."""

import json
from typing import Any


def events(stream: str) -> list[tuple[str, Any]]:
    """Each event's name and data, comments left out."""
    blocks = [block for block in stream.split("\n\n") if block and not block.startswith(":")]
    fields = [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]
    return [(block["event"], json.loads(block["data"])) for block in fields]
