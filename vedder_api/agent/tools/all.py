"""Every tool of the agent, in the order in which a question usually needs them."""

from typing import Never

from vedder_api.agent.tools.ask_user import AskUser
from vedder_api.agent.tools.find_clusters import FindClusters
from vedder_api.agent.tools.find_value import FindValue
from vedder_api.agent.tools.finish import FinishTurn
from vedder_api.agent.tools.look_at_dataset import LookAtDataset
from vedder_api.agent.tools.look_up import LookUp
from vedder_api.agent.tools.not_covered import NotCovered
from vedder_api.agent.tools.open_cluster import OpenCluster
from vedder_api.agent.tools.run_sql import RunSql
from vedder_api.agent.tools.tool import Tool

TOOLS: tuple[Tool[Never], ...] = (
    FindClusters(),
    OpenCluster(),
    LookUp(),
    LookAtDataset(),
    FindValue(),
    RunSql(),
    AskUser(),
    NotCovered(),
    FinishTurn(),
)
