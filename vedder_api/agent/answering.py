"""From the model's last word to an answer: what it rests on, how far to trust it, and what to beware of.

Nothing here is the model's own but the words; trust mark, sources and notices are found by rule.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from vedder_api.agent.evidence import sources_of_sql
from vedder_api.agent.figures import unfounded
from vedder_api.agent.notices.about import About
from vedder_api.agent.notices.all import notices
from vedder_api.agent.tools.tool import Desk, Finish
from vedder_api.agent.trust import trust
from vedder_api.agent.vetted import Asked, answering
from vedder_core.answer import Answer, Notice, RanQuery, Receipt, Shown, Spent
from vedder_core.context.entry import DatasetCard
from vedder_core.sql.guard import ParameterValue

WRITTEN_OUT = (
    "A vetted pair's own SQL, with every word accounted for of the question as the chat model wrote it out from the "
    "conversation."
)


DOUBTED = (
    "A vetted pair's own SQL, but when the pipelines asked the questions of its cluster again, too many of them were "
    "answered by another question's pair."
)


def from_model(asked: Asked, ending: Finish, desk: Desk, spent: Spent | None) -> Answer:
    """The answer that the model finished with: its words, over queries that ran."""
    cited = [desk.queries[name] for name in ending.queries]
    main, further = cited[0], tuple(cited[1:])
    cards = _cards(desk)
    mark, why = trust(cited, shown=desk.shown.values(), cards=cards, dialect=desk.warehouse.dialect)
    used = {name.casefold() for query in cited for name in query.datasets}
    clusters = (entry.cluster for entry, card in desk.opened_datasets() if card.dataset.name.casefold() in used)
    return Answer(
        question=asked.question,
        understood=asked.understood,
        text=ending.text,
        trust=mark,
        trust_reason=why,
        clusters=answering(desk.snapshot, clusters),
        vetted_by=None,
        vetted_on=None,
        sql=main.asked,
        columns=main.columns,
        rows=main.rows,
        truncated=main.truncated,
        further=further,
        sources=sources_of_sql(
            cited, shown=desk.shown.values(), cards=desk.opened_datasets(), dialect=desk.warehouse.dialect
        ),
        notices=(*_notices(cited, cards, desk), *unfounded(ending.text, asked.understood, cited, _docs(desk))),
        receipt=Receipt(
            context_version=desk.snapshot.version,
            embedder=desk.snapshot.embedder,
            sql_asked=main.asked,
            sql_run=main.ran,
            parameters={},
            asked_at=asked.at,
            milliseconds=asked.clock.milliseconds,
            shown=tuple(Shown(entry.id, entry.content_hash) for entry in desk.shown.values()),
            spent=spent,
            covered=desk.covered,
        ),
    )


def noticed(answer: Answer, desk: Desk, parameters: Mapping[str, ParameterValue]) -> Answer:
    """A vetted pair's answer with its notices: a vetted query can meet late data, too."""
    ran = RanQuery(
        id="q1",
        asked=answer.sql,
        ran=answer.receipt.sql_run,
        datasets=tuple(source.title for source in answer.sources if source.kind == "dataset"),
        columns=answer.columns,
        rows=answer.rows,
        truncated=answer.truncated,
        milliseconds=answer.receipt.milliseconds.get("query", 0.0),
    )
    return replace(answer, notices=_notices([ran], _cards(desk), desk, parameters))


def doubted(answer: Answer, desk: Desk) -> Answer:
    """A vetted answer; no longer verified where questions of its cluster, asked again, met the wrong pair too often."""
    calibration = desk.snapshot.calibration
    unsure = [c for c in answer.clusters if calibration is not None and not calibration.of(c.name).fast_path.sure]
    if not unsure:
        return answer
    return replace(answer, trust="grounded", trust_reason=f"{DOUBTED} Its owner is {unsure[0].owner.team}.")


def written_out(answer: Answer, spent: Spent) -> Answer:
    """A vetted answer to a question that the model wrote out where no rule could, with what it owes to the model."""
    notice = Notice("written_out", "The chat model wrote the question out: see that it says what you asked.")
    receipt = replace(answer.receipt, spent=spent)
    notices = (notice, *answer.notices)
    return replace(answer, trust="grounded", trust_reason=WRITTEN_OUT, notices=notices, receipt=receipt)


def _docs(desk: Desk) -> Iterator[str]:
    return (entry.text for entry in desk.shown.values() if entry.kind == "doc")


def _cards(desk: Desk) -> Mapping[str, DatasetCard]:
    return {card.dataset.name: card for _, card in desk.opened_datasets()}


def _notices(
    queries: list[RanQuery],
    cards: Mapping[str, DatasetCard],
    desk: Desk,
    parameters: Mapping[str, ParameterValue] | None = None,
) -> tuple[Notice, ...]:
    looked_at = desk.looked_at(sorted(desk.opened))
    about = About(cards, desk.warehouse.dialect, datetime.now(UTC), parameters or {}, looked_at, desk.veil)
    found = dict.fromkeys(notice for query in queries for notice in notices(query, about))
    return tuple(notice for notice in found if not desk.veil.betrays(notice.text))
