"""The questions of the turns that actions name, for owners at a command line that may read the state database.

They are read when they are shown and kept nowhere else: whoever deletes a conversation deletes them here, too. The HTTP
API gives the turns alone.
"""

from collections.abc import Mapping

from vedder_core.errors import StateError, UnknownTurn
from vedder_core.health import Health
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State


def questions_of(health: Health | None, url: str) -> Mapping[str, str]:
    """By turn; without those that cannot be read."""
    turns = [action.turn for action in health.actions() if action.turn] if health is not None else []
    try:
        state = State.look(url) if turns else None
    except StateError:
        return {}
    if state is None:
        return {}
    with state:
        return {turn: question for turn in turns if (question := _question(Conversations(state), turn)) is not None}


def _question(conversations: Conversations, turn: str) -> str | None:
    try:
        return conversations.turn(turn).question
    except (StateError, UnknownTurn):
        return None
