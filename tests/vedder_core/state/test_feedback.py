"""Feedback on answers: from whoever asked, once a key, and kept for good."""

import pytest

from vedder_core.errors import KeyReused, UnknownTurn
from vedder_core.state.conversations import Conversations
from vedder_core.state.feedback import Feedbacks


def test_feedback_is_kept_in_the_order_in_which_it_was_given(state):
    turn = Conversations(state).ask("how many?", caller="ann").id
    first = Feedbacks(state).give(turn, caller="ann", verdict="bad", comment="off by one")
    second = Feedbacks(state).give(turn, caller="ann", verdict="good")
    assert Feedbacks(state).of_turn(turn) == (first, second)
    assert (first.verdict, first.comment, first.caller, first.turn) == ("bad", "off by one", "ann", turn)


def test_the_same_key_is_the_same_feedback_and_nothing_else(state):
    turn = Conversations(state).ask("how many?", caller="ann").id
    first = Feedbacks(state).give(turn, caller="ann", verdict="bad", comment="no\0", key="k")
    assert Feedbacks(state).give(turn, caller="ann", verdict="bad", comment="no\0", key="k") == first
    with pytest.raises(KeyReused):
        Feedbacks(state).give(turn, caller="ann", verdict="good", comment="no\0", key="k")
    assert Feedbacks(state).of_turn(turn) == (first,)


@pytest.mark.parametrize("turn", ["somebody else's", "nobody's"])
def test_only_who_asked_gives_feedback(state, turn):
    asked = Conversations(state).ask("how many?", caller="bob").id
    with pytest.raises(UnknownTurn):
        Feedbacks(state).give(asked if turn == "somebody else's" else "0" * 32, caller="ann", verdict="good")
    assert Feedbacks(state).of_turn(asked) == ()
