"""What a person gets to see of an answer: its words and rows, its trust mark with the reason, and how to check it."""

from collections.abc import Sequence

from vedder_api.surfaces.layout import Code, Grid, Line, Part, Tone, counted, lines, listing
from vedder_api.telling import amounts, printable, shown_row
from vedder_core.answer import Answer, AnsweringCluster, Notice, RanQuery, Receipt, Row, Source, Spent, TrustMark

MOST_ROWS = 50
"""More rows than these are for a program to read."""

MOST_FURTHER_ROWS = 5
"""Of a query that an answer cites beside the one that answers."""

TONES: dict[TrustMark, Tone] = {"verified": "good", "grounded": "plain", "exploratory": "warn"}


def answer_parts(answer: Answer) -> tuple[Part, ...]:
    """What it says, the warnings, why it can be trusted, the SQL, what it rests on, the receipt."""
    return (
        *understood_parts(answer.question, answer.understood),
        *lines(answer.text),
        *(() if _is_told(answer) else rows_parts(answer.columns, answer.rows, most=MOST_ROWS)),
        *_cut(answer),
        *(Line(_notice(notice), "warn", "Notice:") for notice in answer.notices),
        Line(_trust(answer), TONES[answer.trust], f"{answer.trust}:"),
        Code(answer.sql),
        *(part for query in answer.further for part in query_parts(query, "Rests on this query too:")),
        *listing("Rests on", [_source(source) for source in answer.sources]),
        Line(_receipt(answer.receipt), "quiet"),
    )


def understood_parts(question: str, understood: str) -> tuple[Part, ...]:
    """How the question reads without the conversation around it, where that is another text."""
    same = understood.strip().casefold() == question.strip().casefold()
    return () if same or not understood else (Line(understood, "quiet", "Understood as:"),)


def rows_parts(columns: Sequence[str], rows: Sequence[Row], *, most: int) -> tuple[Part, ...]:
    """The first rows as a grid, and how many more were given."""
    measured = amounts(columns, rows)
    first = tuple(shown_row(row, measured) for row in rows[:most])
    grid = Grid(tuple(map(printable, columns)), first, measured)
    left = len(rows) - len(first)
    return (grid, Line(f"… and {counted(left, 'more row')}.", "quiet")) if left else (grid,)


def query_parts(query: RanQuery, mark: str) -> tuple[Part, ...]:
    """A query that ran beside the one that answers, with its first rows."""
    more = ", and the warehouse had more" if query.truncated else ""
    grid = rows_parts(query.columns, query.rows, most=MOST_FURTHER_ROWS) if query.rows else ()
    return (Line(f"{counted(len(query.rows), 'row')}{more}", mark=mark), Code(query.asked), *grid)


def spent_words(spent: Spent | None) -> str:
    """What the chat model took, in a few words; nothing where none spoke."""
    if spent is None:
        return ""
    about = "about " if spent.estimated else ""
    again = f" by {counted(spent.requests, 'request')}" if spent.requests > spent.calls else ""
    parts = [f"{counted(spent.calls, 'call')} of {spent.model}{again}"]
    parts.append(f"{about}{spent.prompt_tokens:,} tokens read and {spent.completion_tokens:,} written")
    if spent.money is not None:
        parts.append(f"money {spent.money:g}")
    if spent.context:
        told = ", ".join(f"{name} {tokens:,}" for name, tokens in spent.context.items())
        parts.append(f"told at first about {sum(spent.context.values()):,} tokens ({told})")
    return ", ".join(parts)


def _is_told(answer: Answer) -> bool:
    """Do the words already say the whole result? Only words by rule are sure to."""
    by_rule = answer.receipt.spent is None
    return not answer.rows or (by_rule and len(answer.rows) == 1 and not answer.truncated)


def _cut(answer: Answer) -> tuple[Part, ...]:
    """Words by rule say this themselves; a chat model's perhaps not."""
    silent = answer.truncated and answer.receipt.spent is not None
    return (Line("The warehouse has more rows than are given here.", "warn"),) if silent else ()


def _notice(notice: Notice) -> str:
    return f"{notice.about}: {notice.text}" if notice.about and notice.about not in notice.text else notice.text


def _trust(answer: Answer) -> str:
    """Verified by whom, else why the mark is what it is; then who answers for the clusters."""
    if answer.vetted_by and answer.vetted_on:
        why = f"vetted by {answer.vetted_by} on {answer.vetted_on:%Y-%m-%d}"
    else:
        why = answer.trust_reason.strip().removesuffix(".")
    return "; ".join((why, *map(_owner, answer.clusters)))


def _owner(cluster: AnsweringCluster) -> str:
    return f"{cluster.name}, {cluster.owner.team} ({cluster.owner.contact})"


def _source(source: Source) -> str:
    return f"{source.kind} {source.entry}, “{source.title}”: {source.excerpt}"


def _receipt(receipt: Receipt) -> str:
    filled = ", ".join(f"{name} = {value}" for name, value in receipt.parameters.items())
    took = ", ".join(f"{name} {milliseconds:.0f} ms" for name, milliseconds in receipt.milliseconds.items())
    parts = (
        f"context {receipt.context_version}",
        f"embedder {receipt.embedder}",
        filled,
        f"entries shown {len(receipt.shown):,}" if receipt.shown else "",
        spent_words(receipt.spent),
        took,
    )
    return f"Receipt: {'; '.join(part for part in parts if part)}"
