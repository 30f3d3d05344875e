"""Resource names from the short ones that people type: `people/gold` is `connections/people/audiences/gold`."""

from __future__ import annotations

import typer

_AUDIENCE_PARTS = 4


def audience_name(text: str) -> str:
    """Resource name of an audience, from `connection/audience` or the whole name."""
    parts = text.split("/")
    if len(parts) == _AUDIENCE_PARTS and parts[0] == "connections" and parts[2] == "audiences":
        return text
    connection, slash, audience = text.partition("/")
    if not (connection and slash and audience) or "/" in audience:
        raise typer.BadParameter(f"{text!r} is not an audience; write CONNECTION/AUDIENCE, e.g. people/gold.")
    return f"connections/{connection}/audiences/{audience}"


def resource_name(collection: str, text: str) -> str:
    """Resource name in a collection such as `connections`, from the id or the whole name."""
    prefix = f"{collection}/"
    resource = text.removeprefix(prefix)
    if not resource or "/" in resource:
        raise typer.BadParameter(f"{text!r} is not a name in {collection}; write the id, or {prefix} and the id.")
    return prefix + resource


def short_name(name: str) -> str:
    """The other way: what people type for a resource name."""
    return "/".join(name.split("/")[1::2])
