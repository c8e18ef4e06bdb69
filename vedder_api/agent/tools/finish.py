"""The tool that ends a turn with an answer, which can cite only what ran."""

from pydantic import BaseModel, Field

from vedder_api.agent.showing_values import listed
from vedder_api.agent.tools.finding import echo
from vedder_api.agent.tools.tool import Arguments, Desk, Finish, ToolError, ToolResult
from vedder_api.agent.tools.words import Words

MOST_QUERIES = 10


class FinishArguments(Arguments):
    """What `finish` takes."""

    answer: str = Field(max_length=4_000, description="The answer in words, a few sentences; the rows are added to it.")
    queries: Words = Field(
        max_length=MOST_QUERIES,
        description="Ids of the queries that the answer rests on, e.g. q1; first the one whose rows answer.",
    )


class FinishTurn:
    """Answer the question, which ends the turn. Every figure in the answer must stand in the rows of a cited query.

    Say what was counted and for which period, and what you assumed. Not before a query has answered: without one use
    `not_covered` or `ask_user`.
    """

    name = "finish"
    arguments: type[BaseModel] = FinishArguments

    def use(self, given: FinishArguments, desk: Desk) -> ToolResult:
        answer = given.answer.strip()
        if not answer:
            raise ToolError("The answer is empty.", hint="Say in `answer` what the rows say.")
        cited = tuple(dict.fromkeys(query.strip(" `") for query in given.queries))
        ran = listed(tuple(desk.queries), MOST_QUERIES)
        unknown = next((query for query in cited if query not in desk.queries), None)
        if unknown is not None or not cited:
            said = f"No query {echo(unknown)} ran in this turn" if unknown is not None else "No query is cited"
            hint = f"Those that ran: {ran}." if ran else "None has run yet: use `run_sql` first."
            raise ToolError(f"{said}, and an answer rests on what ran.", hint=hint)
        return ToolResult("The turn ends here.", ending=Finish(answer, cited))
