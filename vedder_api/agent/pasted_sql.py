"""SQL that somebody pasted as a question: found in the text, so that it can be explained and repaired.

Deliberately not here: what is wrong with it (the guard and the engine's binder say that), and running it.
"""

import re

_FENCED = re.compile(r"```(?:\w+)?\s*\n?(.*?)```", re.DOTALL)
_STARTS = re.compile(
    r"^\s*(?:explain|fix|repair|run|what is wrong with|why does this fail)?\s*:?\s*(select|with)\b", re.I
)
_SHOUTED = re.compile(r"\b(SELECT|WITH)\b.*\bFROM\b", re.DOTALL)
_SIGNS = re.compile(r"[*(,=;<>]|\bfrom\s+\w+\.\w+", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\b", re.IGNORECASE)


def pasted_sql(question: str) -> str | None:
    """The SQL in a question, sound or not; None where there is none. Words like *select* alone make no SQL."""
    if fenced := _FENCED.search(question):
        return fenced[1].strip() or None
    if shouted := _SHOUTED.search(question):
        return question[shouted.start() :].strip()
    if (begins := _STARTS.search(question)) and _FROM.search(question) and _SIGNS.search(question):
        return question[begins.start(1) :].strip()
    return None
