"""The tool that ends a turn by asking back."""

from pydantic import BaseModel, Field

from vedder_api.agent.tools.tool import Arguments, AskBack, Desk, ToolError, ToolResult
from vedder_api.agent.tools.words import Words

MOST_OPTIONS = 5


class AskUserArguments(Arguments):
    """What `ask_user` takes."""

    question: str = Field(max_length=500, description="What has to be decided, in one sentence.")
    options: Words = Field(
        (),
        max_length=MOST_OPTIONS,
        description="Ways in which it can be meant, a few words each.",
    )


class AskUser:
    """Ask back, where the question can be meant in ways that give different answers; this ends the turn.

    Use it when a term, a period or a measure is open and neither the clusters nor the conversation settle it. Not for
    what you can look up yourself, nor for leave to go on: where one reading is the usual one, answer that and say so.
    """

    name = "ask_user"
    arguments: type[BaseModel] = AskUserArguments

    def use(self, given: AskUserArguments, desk: Desk) -> ToolResult:  # noqa: ARG002 - nothing is looked up
        asks = given.question.strip()
        if not asks:
            raise ToolError("The question is empty.", hint="Say in `question` what has to be decided.")
        options = tuple(dict.fromkeys(option.strip() for option in given.options if option.strip()))
        return ToolResult("The turn ends here.", ending=AskBack(asks, options))
