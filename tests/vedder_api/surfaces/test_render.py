"""What people get to see of each outcome: why to trust it, what to beware of, what it took."""

from dataclasses import replace

import pytest

from tests.vedder_api.outcomes import NOTICE, SPENT, answer, clarify, gave_up, not_covered, ran, verified
from vedder_api.surfaces.layout import Grid, Line, Listing, Part
from vedder_api.surfaces.render import outcome_parts
from vedder_api.surfaces.render_answer import spent_words
from vedder_api.surfaces.terminal import draw
from vedder_core.answer import Outcome


def marked(parts: tuple[Part, ...], mark: str) -> list[Line]:
    return [part for part in parts if isinstance(part, Line) and part.mark == mark]


def test_a_verified_answer_names_who_vetted_it() -> None:
    (trust,) = marked(outcome_parts(verified()), "verified:")
    assert trust == Line("vetted by Ana Ruiz on 2026-01-05; flights, flight_ops (#flight-ops)", "good", "verified:")


def test_an_answer_that_nobody_vetted_says_why_it_has_its_mark() -> None:
    parts = outcome_parts(replace(answer(), trust="exploratory", trust_reason="Nothing vetted is near."))
    (trust,) = marked(parts, "exploratory:")
    assert (trust.text, trust.tone) == ("Nothing vetted is near; flights, flight_ops (#flight-ops)", "warn")


def test_notices_stand_between_the_words_and_the_trust_mark() -> None:
    parts = outcome_parts(replace(answer(), notices=(NOTICE,)))
    marks = [part.mark for part in parts if isinstance(part, Line) and part.mark]
    assert marks == ["Understood as:", "Notice:", "grounded:"]
    assert marked(parts, "Notice:") == [Line("nyc.flights was loaded two days late.", "warn", "Notice:")]


def test_a_notice_names_its_dataset_where_its_text_does_not() -> None:
    notice = replace(NOTICE, text="Loaded two days late.")
    (shown,) = marked(outcome_parts(replace(answer(), notices=(notice,))), "Notice:")
    assert shown.text == "nyc.flights: Loaded two days late."


def test_a_follow_up_says_how_it_was_understood() -> None:
    (understood,) = marked(outcome_parts(answer()), "Understood as:")
    assert understood.text == "How many flights left JFK in July?"
    same = replace(answer(), question="how many flights left JFK in july? ")
    assert marked(outcome_parts(same), "Understood as:") == []


def test_the_rows_are_shown_where_a_chat_model_chose_the_words() -> None:
    assert any(isinstance(part, Grid) for part in outcome_parts(answer("Sixty-eight.", 68)))
    assert not any(isinstance(part, Grid) for part in outcome_parts(verified()))


def test_more_rows_than_people_read_are_counted() -> None:
    parts = outcome_parts(answer("Many.", *range(60)))
    grid = next(part for part in parts if isinstance(part, Grid))
    assert len(grid.rows) == 50
    assert Line("… and 10 more rows.", "quiet") in parts


def test_rows_that_were_cut_are_said_to_be() -> None:
    assert Line("The warehouse has more rows than are given here.", "warn") in outcome_parts(
        replace(answer("Some.", 1), truncated=True)
    )


def test_every_query_that_an_answer_rests_on_is_shown() -> None:
    parts = outcome_parts(replace(answer(), further=(ran("q2", (1,), (2,)), ran("q3", truncated=True))))
    further = [line.text for line in marked(parts, "Rests on this query too:")]
    assert further == ["2 rows", "0 rows, and the warehouse had more"]


def test_the_receipt_tells_the_model_its_tokens_its_money_and_what_it_was_told() -> None:
    *_, receipt = outcome_parts(answer())
    assert isinstance(receipt, Line)
    assert receipt.text.removeprefix("Receipt: ").split("; ") == [
        "context 7",
        "embedder hashed",
        "entries shown 1",
        (
            "3 calls of some-model, 4,120 tokens read and 310 written, money 0.0123, "
            "told at first about 2,300 tokens (instructions 700, pairs 1,600)"
        ),
        "query 3 ms",
    ]


@pytest.mark.parametrize(
    ("outcome", "mark"),
    [(not_covered(), "Not covered."), (clarify(), "Please clarify."), (gave_up(), "Gave up (steps).")],
)
def test_where_there_is_no_answer_it_says_why_and_who_may_know(outcome: Outcome, mark: str) -> None:
    parts = outcome_parts(outcome)
    assert len(marked(parts, mark)) == 1
    assert Listing("Who may know", ("Flights (flights): flight_ops, #flight-ops",)) in parts
    assert isinstance(parts[-1], Line)
    assert parts[-1].text.startswith("Context 7; 3 calls of some-model")


def test_requests_beyond_the_calls_are_told() -> None:
    retried = replace(SPENT, requests=5)
    assert spent_words(retried).startswith("3 calls of some-model by 5 requests, 4,120 tokens read")
    assert "request" not in spent_words(replace(SPENT, requests=3))


def test_a_clarification_lists_the_ways_it_can_be_meant() -> None:
    assert Listing("It can mean", ("of departure", "of arrival")) in outcome_parts(clarify())


def test_a_turn_that_gave_up_shows_what_it_tried_and_no_rows_as_if_they_answered() -> None:
    parts = outcome_parts(gave_up())
    assert [line.text for line in marked(parts, "Tried:")] == ["1 row"]
    assert not any(isinstance(part, Grid) for part in parts)


def test_what_a_chat_model_says_cannot_steer_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    wicked = "\x1b]0;title\x07red \x1b[31m\u202eevil\nsecond\x9b2J line"
    draw(outcome_parts(replace(clarify(), asks=wicked, options=(wicked,))))
    draw(outcome_parts(replace(answer(wicked, wicked), trust_reason=wicked, further=(ran("q2", (wicked,)),))))
    shown = capsys.readouterr().out
    assert "second" in shown
    assert not any(mark in shown for mark in "\x1b\x07\x9b\u202e")
