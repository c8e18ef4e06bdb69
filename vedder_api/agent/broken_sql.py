"""What is wrong with SQL that somebody pasted, said without running it.

Deliberately not here: finding it in a question (`pasted_sql`), and repairing it, which takes the chat model.
"""

import re

from vedder_api.agent.tools.run_sql import checked
from vedder_api.agent.tools.tool import Desk, ToolError, ToolResult
from vedder_core.sql.fences import unfenced

_WORD = re.compile(r"\w+")


def diagnosed(sql: str, desk: Desk) -> str:
    """What keeps this SQL from running here, with what was probably meant; or that nothing does.

    The clusters whose datasets it names are open from then on.
    """
    words = set(_WORD.findall(sql.casefold()))
    datasets = desk.snapshot.entries(kinds=("dataset",))
    named = {entry.cluster for entry in datasets if entry.title.rpartition(".")[2].casefold() in words}
    desk.lay(ToolResult("", opened=tuple(sorted(named))))
    try:
        checked(unfenced(sql), desk)
    except ToolError as error:
        return f"The SQL would not run: {error.message} {error.hint}".rstrip()
    return "The SQL would run as it is; ask in words what it should answer."
