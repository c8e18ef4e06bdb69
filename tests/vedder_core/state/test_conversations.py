"""Conversations: asking once, looking back, cancelling, and what the owners of a cluster see."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.vedder_core.state.processes import at_once
from tests.vedder_core.state.samples import SECRET, answer, end, gave_up, not_covered, payload
from vedder_core.answer import OUTCOME
from vedder_core.conversation import Turn, TurnCancelled
from vedder_core.errors import ConversationBusy, KeyReused, UnknownConversation, UnknownTurn
from vedder_core.state.conversations import TITLE, Conversations
from vedder_core.state.database import State
from vedder_core.state.feedback import Feedbacks
from vedder_core.state.leases import Leases


def answered(state: State, question: str, *, conversation: str | None = None, outcome=None) -> Turn:
    turn = Conversations(state).ask(question, caller="ann", conversation=conversation)
    log = Leases(state).claim_turn(turn.id)
    assert log is not None
    end(log, outcome or answer(question))
    return Conversations(state).turn(turn.id)


def test_a_question_is_kept_once_it_is_asked(state, state_url):
    asked = Conversations(state).ask("how many flights?", caller="ann")
    with State.open(state_url) as another:
        assert Conversations(another).turn(asked.id) == asked
    assert (asked.state, asked.number, asked.caller, asked.outcome) == ("queued", 1, "ann", None)


def test_the_outcome_comes_back_as_it_was_written(state):
    first = answered(state, "how many?")
    assert first.state == "done"
    assert first.outcome == OUTCOME.validate_python(payload(answer("how many?")))
    assert first.understood == "how many? (all of them)"
    assert first.ended_at >= first.asked_at


def test_a_conversation_has_its_turns_in_order_and_is_named_by_the_first(state):
    first = answered(state, "how  many\n" + "flights " * 40)
    second = answered(state, "and by month?", conversation=first.conversation)
    conversation = Conversations(state).conversation(first.conversation, caller="ann")
    assert conversation.turns == (first, second)
    assert [turn.number for turn in conversation.turns] == [1, 2]
    assert conversation.title.startswith("how many flights flights")
    assert len(conversation.title) <= TITLE
    assert Conversations(state).earlier(second) == (first,)
    assert Conversations(state).earlier(first) == ()


def test_the_same_key_is_the_same_turn(state):
    conversations = Conversations(state)
    first = conversations.ask("how many?", caller="ann", key="k")
    assert conversations.ask("how many?", caller="ann", key="k") == first
    assert conversations.ask("how many?", caller="bob", key="k").id != first.id
    assert len(conversations.conversations(caller="ann")) == 1


def test_the_same_key_in_many_processes_at_once_is_the_same_turn(state, state_url):
    at_once([("how many?", "k")] * 4, state_url)
    (conversation,) = Conversations(state).conversations(caller="ann")
    assert len(Conversations(state).conversation(conversation.id, caller="ann").turns) == 1


def test_a_key_that_comes_with_another_question_is_refused(state):
    conversations = Conversations(state)
    first = answered(state, "how many?")
    conversations.ask("and where?", caller="ann", conversation=first.conversation, key="k")
    assert conversations.ask("and where?", caller="ann", conversation=first.conversation, key="k").number == 2
    for question, conversation in (("and when?", first.conversation), ("and where?", None)):
        with pytest.raises(KeyReused):
            conversations.ask(question, caller="ann", conversation=conversation, key="k")


def test_what_is_somebody_elses_is_not_there(state):
    conversations = Conversations(state)
    mine = conversations.ask("how many?", caller="ann")
    with pytest.raises(UnknownTurn):
        conversations.turn(mine.id, caller="bob")
    with pytest.raises(UnknownTurn):
        conversations.cancel(mine.id, caller="bob")
    with pytest.raises(UnknownConversation):
        conversations.conversation(mine.conversation, caller="bob")
    with pytest.raises(UnknownConversation):
        conversations.ask("and?", caller="bob", conversation=mine.conversation)
    assert conversations.conversations(caller="bob") == ()
    assert conversations.turn(mine.id, caller="ann").state == "queued"


def test_a_conversation_takes_its_next_question_when_the_last_one_has_ended(state):
    first = answered(state, "how many?")

    def ask(number: int) -> bool:
        try:
            Conversations(state).ask(f"and {number}?", caller="ann", conversation=first.conversation)
        except ConversationBusy:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(ask, range(8))) == [False] * 7 + [True]


def test_a_listing_goes_on_where_the_one_before_ended(state):
    conversations, asked = Conversations(state), list[str]()
    for number in range(5):
        asked.append(conversations.ask(f"question {number}", caller="ann").conversation)
        time.sleep(0.003)  # which of two is newer is told by the millisecond
    first = conversations.conversations(caller="ann", limit=2)
    rest = conversations.conversations(caller="ann", limit=9, before=first[-1].id)
    assert [one.id for one in (*first, *rest)] == asked[::-1]
    assert len(rest) == 3
    assert [one.started_at for one in (*first, *rest)] == sorted(
        (one.started_at for one in (*first, *rest)), reverse=True
    )
    assert all(one.turns == () for one in first)


def test_a_queued_question_is_cancelled_and_nobody_begins_it(state):
    conversations = Conversations(state)
    asked = conversations.ask("how many?", caller="ann")
    cancelled = conversations.cancel(asked.id, caller="ann")
    assert (cancelled.state, cancelled.ended_at is not None) == ("cancelled", True)
    assert Leases(state).claim() is None


def test_a_cancelled_question_is_not_written_to_any_more(state):
    asked = Conversations(state).ask("how many?", caller="ann")
    log = Leases(state).claim_turn(asked.id)
    Conversations(state).cancel(asked.id, caller="ann")
    with pytest.raises(TurnCancelled):
        end(log, answer())
    assert Conversations(state).steps(asked.id) == ()
    assert Conversations(state).turn(asked.id).state == "cancelled"


def test_an_answered_question_is_not_cancelled(state):
    done = answered(state, "how many?")
    assert Conversations(state).cancel(done.id, caller="ann") == done


def test_text_that_databases_do_not_take_is_kept_without_what_breaks_it(state):
    asked = Conversations(state).ask("a\0b \ud83d c é 😀", caller="ann", key="k")
    assert Conversations(state).turn(asked.id).question == asked.question == "a� b".replace(" b", "b � c é 😀")
    assert Conversations(state).ask("a\0b \ud83d c é 😀", caller="ann", key="k") == asked
    log = Leases(state).claim_turn(asked.id)
    log.write("model_reply", "reply:1", {"text": "a\0b \ud83d 😀", "n": 10**30})
    (step,) = Conversations(state).steps(asked.id)
    assert step.payload == {"text": "a\0b � 😀", "n": 10**30}


def test_owners_see_sql_and_shape_and_feedback_but_no_row(state):
    turn = answered(state, "how many?", outcome=answer("how many?", rows=3))
    given = Feedbacks(state).give(turn.id, caller="ann", verdict="bad", comment="should be 4")
    (seen,) = Conversations(state).of_cluster("flights")
    assert seen.sqls == ("SELECT n, name FROM t", "SELECT 2")
    assert (seen.columns, seen.rows, seen.truncated) == (("n", "name"), 3, True)
    assert (seen.kind, seen.trust, seen.caller) == ("answer", "grounded", "ann")
    assert (seen.question, seen.understood) == ("how many?", "how many? (all of them)")
    assert seen.feedback == (given,)
    assert SECRET not in repr(seen)


def test_owners_also_see_what_came_near_and_was_not_answered(state):
    answered(state, "what is love?", outcome=not_covered())
    answered(state, "how many in all?", outcome=gave_up())
    answered(state, "how tall?", outcome=answer(cluster="airports"))
    assert [seen.kind for seen in Conversations(state).of_cluster("flights")] == ["gave_up", "not_covered"]
    assert [seen.sqls for seen in Conversations(state).of_cluster("flights")] == [("SELECT 2",), ()]
    assert [seen.question for seen in Conversations(state).of_cluster("airports")] == ["how tall?", "what is love?"]
    assert Conversations(state).of_cluster("planes") == ()


def test_owners_page_through_what_they_see(state):
    for number in range(5):
        answered(state, f"question {number}", outcome=not_covered())
    first = Conversations(state).of_cluster("flights", limit=2)
    rest = Conversations(state).of_cluster("flights", before=first[-1].turn)
    assert [seen.question for seen in (*first, *rest)] == [f"question {number}" for number in (4, 3, 2, 1, 0)]
