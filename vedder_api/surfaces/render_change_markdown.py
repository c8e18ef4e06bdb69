"""`vedder check --against --markdown`: a comment for a pull request. One line that says it, a table, details folded.

GitHub takes 65,536 characters: what does not fit is counted, never cut in the middle.
"""

import re
from collections.abc import Iterator, Sequence

from vedder_api.change_check import ChangeReport
from vedder_api.surfaces.layout import counted
from vedder_api.surfaces.render_change import JUDGED_BY, by_owner, place, sure
from vedder_core.against.told import Breaks

MARK = "<!-- vedder-context-ci -->"
"""By this line a bot finds its own comment again, to replace it."""
TABLE_ROWS = 40
DETAIL_ROWS = 60
WIDEST = 240


def change_markdown(report: ChangeReport) -> str:
    """The whole comment."""
    return "\n".join([MARK, *_comment(report)]) + "\n"


def _comment(report: ChangeReport) -> Iterator[str]:
    sign = {"breaks": "❌", "unjudged": "⚠️", "holds": "✅"}[report.outcome]
    yield f"{sign} **{_plain(report.summary)}**"
    if report.breaks:
        yield ""
        yield from _table(report)
        yield from _details(report)
    yield from _folded(
        f"{counted(len(report.unjudged), 'pair')} could not be judged",
        [f"{_code(one.pair.file)}: {_plain(one.reason)}" for one in report.unjudged],
    )
    yield from _folded(
        f"{counted(len(report.problems), 'problem')} in cluster files",
        [f"{_code(f'{p.file}:{p.line}')} {_plain(p.message)} {_plain(p.hint)}" for p in report.problems],
    )
    already = f"; {counted(len(report.already), 'pair')} did not run before it either" if report.already else ""
    yield ""
    compared = f"compared with {_plain(report.compared_with)}" if report.compared_with else "every pair judged"
    yield (
        f"<sub>{report.touched:,} of {report.pairs:,} pairs touch this change{already}. "
        f"Judged by {_plain(JUDGED_BY[report.judge])}; {compared}.</sub>"
    )
    for note in report.notes[:DETAIL_ROWS]:
        yield f"<sub>{_plain(note)}</sub>"


def _table(report: ChangeReport) -> Iterator[str]:
    yield "| owner | cluster | pairs | missing | probably now |"
    yield "| --- | --- | ---: | --- | --- |"
    groups = list(by_owner(report.breaks))
    for (team, contact, cluster), group in groups[:TABLE_ROWS]:
        missing = list(dict.fromkeys(_code(one.missing) for one in group if one.missing))
        names = list(dict.fromkeys(f"{_code(one.probably)} ({sure(one.confidence)})" for one in group if one.probably))
        owner = _cell(f"{team} ({contact})")
        yield f"| {owner} | {_cell(cluster)} | {len(group)} | {_few(missing)} | {_few(names)} |"
    if len(groups) > TABLE_ROWS:
        yield f"\n... and {len(groups) - TABLE_ROWS} clusters more."


def _details(report: ChangeReport) -> Iterator[str]:
    left = DETAIL_ROWS
    for (team, _, cluster), group in by_owner(report.breaks):
        if left <= 0:
            break
        shown = [_detail(one) for one in group[:left]]
        left -= len(shown)
        yield from _folded(f"{cluster}: {counted(len(group), 'pair')} of {team}", shown, of=len(group))
    untold = len(report.breaks) - DETAIL_ROWS
    if untold > 0:
        yield f"\n{untold:,} more pairs: `vedder check --against ... --json` lists all."


def _detail(one: Breaks) -> str:
    now = f" Probably {_code(one.probably)} now ({sure(one.confidence)})." if one.probably else ""
    return f"{_code(place(one))} “{_plain(one.pair.question)}”: {_plain(one.reason)}{now}"


def _folded(title: str, items: Sequence[str], *, of: int | None = None) -> Iterator[str]:
    if not items:
        return
    yield f"\n<details><summary>{_plain(title)}</summary>\n"
    yield from (f"- {item}" for item in items[:DETAIL_ROWS])
    left = (of or len(items)) - min(len(items), DETAIL_ROWS)
    if left > 0:
        yield f"- ... and {left:,} more"
    yield "\n</details>"


def _few(names: Sequence[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


def _plain(text: str) -> str:
    """On one line, with nothing in it that Markdown or HTML would take for its own; code in backticks stays."""
    line = " ".join(text.split())
    line = line if len(line) <= WIDEST else line[: WIDEST - 3] + "..."
    parts = re.split(r"(`[^`]*`)", line)
    return "".join(part if number % 2 else _escaped(part) for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*_\[\]~])", r"\\\1", text)
    return re.sub(r"@(?=\w)", "@\u200b", text)  # nobody is called by a name in a file


def _code(text: str | None) -> str:
    """A name as code, also in a cell of a table."""
    return f"`{' '.join((text or '').replace('`', chr(39)).split())[:WIDEST]}`".replace("|", "\\|")
