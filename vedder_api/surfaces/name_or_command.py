"""A command that shows a thing by its name and has commands beside: `vedder health weather`, `vedder health backtest`.

A thing that is named like one of those commands is shown by `show`: `vedder health show backtest`.
"""

import typer
from typer.core import TyperGroup

SHOW = "show"


class NameOrCommand(TyperGroup):
    """Whatever is no command of the group is what `show` is to show."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """As every group, with `show` in front of what begins with no command."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [SHOW, *args]
        return super().parse_args(ctx, args)
