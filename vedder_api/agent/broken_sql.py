"""What is wrong with SQL that somebody pasted, said without running it.

Deliberately not here: finding it in a question (`pasted_sql`), and repairing it, which takes the chat model.
"""

from vedder_api.agent.tools.run_sql import checked, unfenced
from vedder_api.agent.tools.tool import Desk, ToolError, ToolResult


def diagnosed(sql: str, desk: Desk) -> str:
    """What keeps this SQL from running here, with what was probably meant; or that nothing does.

    The clusters whose datasets it names are open from then on.
    """
    folded = sql.casefold()
    named = {entry.cluster for entry, card in desk.datasets if _last(card.dataset.name) in folded}
    desk.lay(ToolResult("", opened=tuple(sorted(named))))
    try:
        checked(unfenced(sql), desk)
    except ToolError as error:
        return f"The SQL would not run: {error.message} {error.hint}".rstrip()
    return "The SQL would run as it is; ask in words what it should answer."


def _last(name: str) -> str:
    return name.rpartition(".")[2].casefold()
