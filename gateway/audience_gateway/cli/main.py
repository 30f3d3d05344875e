"""`audience-gateway`: every command, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from audience_gateway.cli import mounted_commands, serve, share
from audience_gateway.cli.client import DEFAULT_ADDRESS
from audience_gateway.cli.groups import RootGroup

app = typer.Typer(
    cls=RootGroup,
    help="Shares audiences between marketing systems and accounts for every row.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(serve.app)
mounted_commands.mount(app)
app.add_typer(share.app)


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
