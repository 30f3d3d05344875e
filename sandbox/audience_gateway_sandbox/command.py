"""The command `audience-gateway sandbox`."""

from __future__ import annotations

import asyncio
import json
import signal
from contextlib import AbstractAsyncContextManager
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from audience_gateway_sandbox.assumptions import assumptions_of
from audience_gateway_sandbox.campaign.instance import EDITIONS
from audience_gateway_sandbox.people.buckets import EXPORT_BUCKET, IMPORT_BUCKET
from audience_gateway_sandbox.platform import PLATFORM_FILES
from audience_gateway_sandbox.sandbox import Sandbox
from audience_gateway_sandbox.seeding import FEWEST_RECIPIENTS
from audience_gateway_sandbox.state import write_whole

_HIGHEST_PORT = 65535


class Generation(Enum):
    """Generations of Campaign that can be asked for."""

    SEVEN = "7"
    EIGHT = "8"


def sandbox(  # noqa: PLR0917 - typer reads the options off the parameters
    recipients: Annotated[
        int, typer.Option(min=FEWEST_RECIPIENTS, help="How many recipients the emulated Campaign has.")
    ] = 2000,
    seed: Annotated[int, typer.Option(help="The same number of recipients and seed give the same data.")] = 1,
    port: Annotated[
        int, typer.Option(min=0, max=_HIGHEST_PORT, help="Port of all systems; 0 takes a free one.")
    ] = 8090,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    state: Annotated[
        Path | None, typer.Option(help="Directory that keeps the data from one start to the next.", file_okay=False)
    ] = None,
    database: Annotated[
        str, typer.Option(help="postgresql:// URL of Campaign's database; a SQLite file of the state by default.")
    ] = "",
    campaign: Annotated[
        Generation, typer.Option(help="Generation of Campaign: 8 refuses passwords and has UUIDs as keys.")
    ] = Generation.SEVEN,
    import_bucket: Annotated[
        str, typer.Option(help="Bucket of importSharedAudience, file:// or s3://; a directory of the state by default.")
    ] = "",
    export_bucket: Annotated[
        str, typer.Option(help="Bucket of exportSharedAudience, file:// or s3://; a directory of the state by default.")
    ] = "",
    platform_bucket: Annotated[
        str, typer.Option(help="Bucket of the platform's files, file:// or s3://; a directory of the state by default.")
    ] = "",
    assume: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE: what to assume where Adobe's documents leave something open. May repeat."),
    ] = None,
    ready_file: Annotated[
        Path | None, typer.Option(help="Written as JSON once everything answers.", dir_okay=False)
    ] = None,
) -> None:
    """Run Adobe's systems as local emulators, with sample data, until SIGINT or SIGTERM."""
    try:
        started = Sandbox.started(
            recipients=recipients,
            seed=seed,
            state=state,
            host=host,
            port=port,
            assumptions=assumptions_of(assume or ()),
            database=database,
            edition=EDITIONS[campaign.value],
            buckets={
                IMPORT_BUCKET: import_bucket,
                EXPORT_BUCKET: export_bucket,
                PLATFORM_FILES: platform_bucket,
            },
        )
        asyncio.run(_run(started, ready_file))
    except (ValueError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None


async def _run(started: AbstractAsyncContextManager[Sandbox], ready_file: Path | None) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with started as running:
        for system, access in running.ready.items():
            for name, value in access.items():
                typer.echo(f"{system:<16} {name:<21} {value}")
        if ready_file is not None:
            write_whole(ready_file, json.dumps(running.ready, indent=2))
        typer.echo("Ready. End it with Ctrl+C.")
        await ended.wait()
