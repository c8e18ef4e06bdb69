"""Which parts of OpenAI's chat interface a server takes: learned from its refusals, one part at a time."""

import re
from dataclasses import dataclass, replace
from typing import Literal

REFUSALS = (400, 404, 415, 422, 500, 501)
"""The statuses with which servers refuse a parameter; they do not agree on one."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What to send: streaming, the count of tokens in a stream, temperature 0, and the name of the limit."""

    stream: bool = True
    usage: bool = True
    temperature: bool = True
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"

    def without(self, refusal: str) -> "Dialect | None":
        """The dialect that leaves out what a refusal names; None where it names nothing that can be left out."""
        said = refusal.casefold()
        if self.stream and self.usage and re.search(r"stream_options|include_usage", said):
            return replace(self, usage=False)
        if self.limit == "max_tokens" and _refuses_the_limit(said):
            return replace(self, limit="max_completion_tokens")
        if self.temperature and re.search(r"\btemperature\b", said):
            return replace(self, temperature=False)
        if self.stream and re.search(r"\bstream(ing|ed)?\b", said):
            return replace(self, stream=False)
        return None


def _refuses_the_limit(said: str) -> bool:
    """Is the name refused, and not the number?"""
    refused = re.search(r"max_completion_tokens|unsupported|not (supported|permitted|allowed)|unrecogni|unknown", said)
    return bool(refused and re.search(r"\bmax_(completion_)?tokens\b", said))
