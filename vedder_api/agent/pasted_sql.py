"""SQL that somebody pasted as a question: found in the text, so that it can be explained and repaired.

Deliberately not here: what is wrong with it (the guard and the engine's binder say that), and running it.
"""

import re

FENCE = "```"
_LANGUAGE = re.compile(r"\w*[ \t]*\n")
_STARTS = re.compile(r"(?:explain|fix|repair|run|what is wrong with|why does this fail)?[\s:]*\b(select|with)\b", re.I)
_SHOUTED = re.compile(r"\b(?:SELECT|WITH)\b")
_SIGNS = re.compile(r"[*(,=;<>]|\bfrom\s+\w+\.\w+", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\b", re.IGNORECASE)


def pasted_sql(question: str) -> str | None:
    """The SQL in a question, sound or not; None where there is none. Words like *select* alone make no SQL."""
    _, opening, rest = question.partition(FENCE)
    inside, closing, _ = rest.partition(FENCE)
    if opening and closing:
        language = _LANGUAGE.match(inside)
        return inside[language.end() if language else 0 :].strip() or None
    shouted, signs = _SHOUTED.search(question), _SIGNS.search(question)
    if shouted and "FROM" in question[shouted.end() :] and (signs or not question.isupper()):
        return question[shouted.start() :].strip()
    if (begins := _STARTS.match(question.lstrip())) and _FROM.search(question) and signs:
        return question.lstrip()[begins.start(1) :].strip()
    return None
