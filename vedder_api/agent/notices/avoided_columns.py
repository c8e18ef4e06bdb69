"""Notice: the query reads a column that experts say to avoid."""

from collections.abc import Iterator

from vedder_api.agent.notices.about import About
from vedder_core.answer import Notice, RanQuery


def avoided_columns(query: RanQuery, about: About) -> Iterator[Notice]:
    """Each such column with its expert's note, which says what to use instead."""
    shape = about.shape(query)
    for column in sorted(shape.columns()) if shape is not None else ():
        card = about.card(column.dataset)
        notes = {name.casefold(): note for name, note in card.dataset.columns.items()} if card is not None else {}
        note = notes.get(column.column.casefold())
        if note is not None and note.use == "avoid" and not note.hidden:
            why = f": {note.note}" if note.note else "."
            said = f"`{column.dataset}.{column.column}` is better avoided, its experts say{why}"
            yield Notice("avoided_columns", said, column.dataset)
