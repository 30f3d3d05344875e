"""Groups of commands, each loaded when one of its commands is run: a command need not load the libraries of others."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer.main

from audience_gateway.cli.errors import ReportingGroup

GROUPS = {
    "transfers": "transfers",
    "receipts": "receipts",
    "schedules": "schedules",
    "audiences": "audiences",
    "members": "members",
    "connections": "connections",
    "connectors": "connectors",
    "id-types": "id_types",
    "data-sources": "data_sources",
    "identities": "identities",
}
"""Names of the groups, in the order of the help, with the modules here whose `app` they are."""


class RootGroup(ReportingGroup):
    """The root of all commands, with those of GROUPS behind its own."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - the types are private to typer
        """The names of all commands."""
        return [*super().list_commands(ctx), *GROUPS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - the types are private to typer
        """The command of a name."""
        if cmd_name not in GROUPS:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"audience_gateway.cli.{GROUPS[cmd_name]}")
        group = typer.main.get_group(module.app)
        group.name = cmd_name
        return group
