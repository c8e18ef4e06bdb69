"""The commands around a question: ask it, look back at it, judge its answer, run the answer again.

A question that is asked here is worked on in this process, and is kept like any other.
"""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vedder_api.surfaces.showing import Json, show
from vedder_core.errors import UnknownConversation
from vedder_core.settings import settings

if TYPE_CHECKING:
    from vedder_api.parts import Parts
    from vedder_core.conversation import Step


def sound(text: str) -> str:
    """Bytes of the command line that are no UTF-8 arrive as lone surrogates, which nothing behind here can write."""
    return text.encode(errors="replace").decode()


TurnId = Annotated[str, typer.Argument(metavar="TURN", parser=sound, help="The turn that the answer came with.")]


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", parser=sound, help="What you want to know.")],
    *,
    conversation: Annotated[
        str | None, typer.Option("--conversation", metavar="ID", parser=sound, help="Go on with this conversation.")
    ] = None,
    go_on: Annotated[bool, typer.Option("--continue", help="Go on with the newest conversation.")] = False,
    as_json: Json = False,
) -> None:
    """Ask a question; the answer comes with its SQL, its sources and a receipt."""
    from vedder_api.caller import CALLER
    from vedder_api.parts import Parts
    from vedder_api.surfaces.render_turns import turn_parts
    from vedder_api.turn_pages import turn_page

    if conversation is not None and go_on:
        raise typer.BadParameter("Either --conversation or --continue.")
    with Parts(settings()) as parts:
        parts.check_answering()
        turn = parts.turns().ask(question, caller=CALLER, conversation=_newest(parts) if go_on else conversation)
        page = turn_page(parts.turns().run_here(turn, seen=_told()))
    show(page, turn_parts(page), as_json=as_json)
    raise typer.Exit(0 if page.outcome else 1)


def conversations(
    id: Annotated[str | None, typer.Argument(metavar="ID", parser=sound, help="Show this conversation.")] = None,  # noqa: A002
    *,
    limit: Annotated[int, typer.Option(min=1, max=200, help="List at most these.")] = 20,
    as_json: Json = False,
) -> None:
    """List the newest conversations, or show the questions and answers of one."""
    from vedder_api.caller import CALLER
    from vedder_api.parts import Parts
    from vedder_api.surfaces.render_turns import conversation_list_parts, conversation_parts
    from vedder_api.turn_pages import conversation_list, conversation_page

    with Parts(settings()) as parts:
        if id is None:
            listed = conversation_list(parts.conversations().conversations(caller=CALLER, limit=limit))
            show(listed, conversation_list_parts(listed), as_json=as_json)
        else:
            page = conversation_page(parts.conversations().conversation(id, caller=CALLER))
            show(page, conversation_parts(page), as_json=as_json)


def cancel(turn: TurnId) -> None:
    """Cancel a turn that is being worked on, here or in any other process."""
    from vedder_api.caller import CALLER
    from vedder_api.parts import Parts

    with Parts(settings()) as parts:
        typer.echo(f"The turn is {parts.conversations().cancel(turn, caller=CALLER).state}.")


def feedback(
    turn: TurnId,
    verdict: Annotated[Literal["good", "bad"], typer.Argument(help="`good` or `bad`.")],
    comment: Annotated[
        str, typer.Argument(metavar="COMMENT", parser=sound, help="What is wrong, or what helped.")
    ] = "",
    *,
    as_json: Json = False,
) -> None:
    """Say what you think of an answer; the owners of its clusters read it."""
    from vedder_api.caller import CALLER
    from vedder_api.parts import Parts
    from vedder_api.surfaces.render_turns import feedback_parts
    from vedder_core.state.feedback import LONGEST_COMMENT

    if len(comment) > LONGEST_COMMENT:
        raise typer.BadParameter(f"A comment has at most {LONGEST_COMMENT:,} characters.")
    with Parts(settings()) as parts:
        given = parts.feedbacks().give(turn, caller=CALLER, verdict=verdict, comment=comment)
    show(given, feedback_parts(given), as_json=as_json)


def replay(turn: TurnId, *, as_json: Json = False) -> None:
    """Run an answer again, against the context that it was made with, and show what differs."""
    from vedder_api.caller import CALLER
    from vedder_api.parts import Parts
    from vedder_api.surfaces.render_replay import replay_parts

    with Parts(settings()) as parts:
        replayed = parts.replay(parts.conversations().turn(turn, caller=CALLER))
    show(replayed, replay_parts(replayed), as_json=as_json)


def _newest(parts: "Parts") -> str:
    from vedder_api.caller import CALLER

    newest = next(iter(parts.conversations().conversations(caller=CALLER, limit=1)), None)
    if newest is None:
        raise UnknownConversation("There is no conversation to go on with.", hint="Ask without --continue first.")
    return newest.id


def _told() -> "Callable[[Step], None]":
    """Tells the steps as they are taken to whoever sits before a terminal; a pipe gets the outcome alone."""
    if not sys.stderr.isatty():
        return lambda _: None
    from vedder_api.surfaces.render_turns import step_line
    from vedder_api.surfaces.terminal import draw
    from vedder_api.turn_pages import step_page

    return lambda step: draw([step_line(step_page(step))], to=sys.stderr)
