"""`/v1/conversations`: what the caller asked before, and what the owners of a cluster see of what was asked of it."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from vedder_api.caller import CALLER
from vedder_api.deps import KeptConversations, Newest
from vedder_api.overview import card_named
from vedder_api.routes.shapes import ID, STATE_PROBLEMS, answered, documented
from vedder_api.turn_pages import (
    ClusterTurnList,
    ConversationList,
    ConversationPage,
    conversation_list,
    conversation_page,
)

router = APIRouter(prefix="/v1", tags=["conversations"])

Limit = Annotated[int, Query(ge=1, le=200, description="Most of them in one response.")]
Before = Annotated[
    str | None, Query(pattern=ID, description="Only those before this one: the last id of the page before.")
]


@router.get(
    "/conversations",
    summary="List the conversations",
    response_class=Response,
    responses=documented(ConversationList, "The caller's conversations, the newest first.", *STATE_PROBLEMS),
)
def conversations(kept: KeptConversations, limit: Limit = 50, before: Before = None) -> Response:
    """Without their turns."""
    return answered(conversation_list(kept.conversations(caller=CALLER, limit=limit, before=before)))


@router.get(
    "/conversations/{id}",
    summary="Show a conversation",
    response_class=Response,
    responses=documented(ConversationPage, "All its turns with their outcomes.", HTTPStatus.NOT_FOUND, *STATE_PROBLEMS),
)
def conversation(
    id: Annotated[str, Path(pattern=ID, description="The id of a conversation.")],  # noqa: A002
    kept: KeptConversations,
) -> Response:
    """The turns, the oldest first."""
    return answered(conversation_page(kept.conversation(id, caller=CALLER)))


@router.get(
    "/clusters/{name}/conversations",
    summary="List what was asked of a cluster",
    response_class=Response,
    responses=documented(
        ClusterTurnList, "For its owners: questions, SQL, shape, feedback.", HTTPStatus.NOT_FOUND, *STATE_PROBLEMS
    ),
)
def of_cluster(
    name: Annotated[str, Path(description="Name of a cluster, as `GET /v1/clusters` gives it.")],
    kept: KeptConversations,
    snapshot: Newest,
    limit: Limit = 50,
    before: Before = None,
) -> Response:
    """Ended questions of all callers that used the cluster or came near it. Rows are seen by who runs them again."""
    card = card_named(snapshot, name)
    turns = kept.of_cluster(card.name, limit=limit, before=before)
    return answered(ClusterTurnList(card.name, turns))
