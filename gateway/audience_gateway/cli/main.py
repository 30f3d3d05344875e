"""`audience-gateway`: every command, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from audience_gateway.cli import (
    audiences,
    connections,
    connectors,
    data_sources,
    id_types,
    identities,
    members,
    mounted_commands,
    receipts,
    schedules,
    serve,
    share,
    transfer_control,
    transfers,
)
from audience_gateway.cli.client import DEFAULT_ADDRESS
from audience_gateway.cli.errors import ReportingGroup

app = typer.Typer(
    cls=ReportingGroup,
    help="Shares audiences between marketing systems and accounts for every row.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(serve.app)
mounted_commands.mount(app)
app.add_typer(share.app)
transfers.app.registered_commands += transfer_control.app.registered_commands
app.add_typer(transfers.app, name="transfers")
app.add_typer(receipts.app, name="receipts")
app.add_typer(schedules.app, name="schedules")
app.add_typer(audiences.app, name="audiences")
app.add_typer(members.app, name="members")
app.add_typer(connections.app, name="connections")
app.add_typer(connectors.app, name="connectors")
app.add_typer(id_types.app, name="id-types")
app.add_typer(data_sources.app, name="data-sources")
app.add_typer(identities.app, name="identities")


@app.callback()
def root(
    context: typer.Context,
    address: Annotated[
        str, typer.Option("--address", envvar="AUDIENCE_GATEWAY_ADDRESS", help="Host and port of the gateway.")
    ] = DEFAULT_ADDRESS,
) -> None:
    """Keeps the address for the commands."""
    context.obj = address


def main() -> None:
    """Runs the command line."""
    app()
