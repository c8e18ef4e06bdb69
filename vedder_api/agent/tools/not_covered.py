"""The tool that ends a turn because no cluster covers the question."""

from pydantic import BaseModel, Field

from vedder_api.agent.tools.tool import Arguments, Decline, Desk, ToolError, ToolResult


class NotCoveredArguments(Arguments):
    """What `not_covered` takes."""

    reason: str = Field(max_length=500, description="Which part of the question nothing covers, for whoever asked.")


class NotCovered:
    """Say that the question is not covered, which ends the turn; the nearest clusters and their owners are added.

    Use it when no dataset holds what is asked, or when no doc or pair says how it is to be computed and you would
    have to guess. Not before you have looked with `find_clusters` or `look_up`. Not for a query that failed: mend it.
    """

    name = "not_covered"
    arguments: type[BaseModel] = NotCoveredArguments

    def use(self, given: NotCoveredArguments, desk: Desk) -> ToolResult:  # noqa: ARG002 - nothing is looked up
        reason = given.reason.strip()
        if not reason:
            raise ToolError("The reason is empty.", hint="Say in `reason` which part nothing covers.")
        return ToolResult("The turn ends here.", ending=Decline(reason))
