"""Commands of other distributions: the entry points of the group `audience_gateway.commands`, such as the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer

from audience_gateway.cli.errors import CommandError
from audience_gateway.loading import loading

GROUP = "audience_gateway.commands"

_KNOWN = {"sandbox": "audience-gateway-sandbox"}
_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def mount(app: typer.Typer) -> None:
    """Adds the commands; each is loaded when it is run, and one that is known but not installed says so."""
    entries = {entry.name: entry for entry in entry_points(group=GROUP)}
    for name in sorted(entries.keys() | _KNOWN.keys()):
        entry = entries.get(name)
        run, summary = (_forward(entry), _summary(entry)) if entry else (_missing(name), f"Needs {_KNOWN[name]}.")
        app.command(name, help=summary, add_help_option=False, context_settings=_PASS_ON)(run)


def _forward(entry: EntryPoint) -> Callable[[typer.Context], None]:
    def run(context: typer.Context) -> None:
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(entry.name)(_load(entry))
        alone(args=context.args, prog_name=context.command_path)

    return run


def _missing(name: str) -> Callable[[typer.Context], None]:
    def run(context: typer.Context) -> None:
        raise CommandError(
            f"the command `{context.command_path}` is not installed", f"Install the package {_KNOWN[name]}."
        )

    return run


def _load(entry: EntryPoint) -> Callable[..., Any]:
    try:
        with loading():
            command: Callable[..., Any] = entry.load()
    except Exception as error:
        raise CommandError(
            f"the command `{entry.name}` of {_distribution(entry)} cannot be loaded: {error}",
            "Install that package anew, in a version for this gateway.",
        ) from error
    return command


def _summary(entry: EntryPoint) -> str:
    summary = entry.dist.metadata["Summary"] if entry.dist else ""
    return f"{summary} ({_distribution(entry)})"


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value
