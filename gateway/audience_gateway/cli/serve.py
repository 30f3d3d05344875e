"""`serve`: runs the gateway."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from audience_gateway.cli.errors import CommandError
from audience_gateway.loading import loading

app = typer.Typer()


@app.command()
def serve(
    config: Annotated[Path, typer.Option("--config", help="The settings file, TOML.")],
    ready_file: Annotated[
        Path | None,
        typer.Option("--ready-file", help="Written once the gateway answers: one JSON object with `address`."),
    ] = None,
) -> None:
    """Run the gateway until SIGTERM or SIGINT."""
    # A client of the gateway need not load the server and its libraries.
    with loading():
        from audience_gateway.sdk import GatewayError  # noqa: PLC0415 - see above
        from audience_gateway.server import run, settings  # noqa: PLC0415 - see above

    try:
        asyncio.run(run.serve(settings.load(config), ready_file))
    except GatewayError as error:
        place = f"{error.place}: " if error.place else ""
        raise CommandError(f"{place}{error.message}", error.remedy) from error
