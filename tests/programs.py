"""The programs' own commands, run in this process with the settings of a test."""

import typer
from click.testing import Result
from typer.testing import CliRunner

from vedder_core.settings import Settings
from vedder_core.settings import settings as settings_of_process

GIVEN = ("clusters", "warehouse", "context", "embedder", "state")


def run_command(app: typer.Typer, settings: Settings, *arguments: str) -> Result:
    """What a command says with these settings, in Dagster's case without a home that lasts."""
    environment = {f"VEDDER_{name.upper()}": str(getattr(settings, name)) for name in GIVEN}
    settings_of_process.cache_clear()
    try:
        return CliRunner().invoke(app, [*arguments], env={**environment, "DAGSTER_HOME": ""})
    finally:
        settings_of_process.cache_clear()
