"""Bodies of the flow service (rtcdp 6.8, sandbox 5.6)."""

from __future__ import annotations

from typing import Any, NotRequired

from pydantic import TypeAdapter, with_config
from typing_extensions import TypedDict

from audience_gateway_sandbox.platform.wire import OPEN


@with_config(OPEN)
class Specification(TypedDict):
    """Which kind of connection or flow something is."""

    id: str
    version: NotRequired[str]


@with_config(OPEN)
class Authentication(TypedDict):
    """How a connection is made."""

    specName: NotRequired[str]
    params: NotRequired[dict[str, Any] | None]


@with_config(OPEN)
class Connection(TypedDict):
    """A connection, or its source or target, as callers send it."""

    name: NotRequired[str]
    description: NotRequired[str | None]
    auth: NotRequired[Authentication | None]
    connectionSpec: NotRequired[Specification | None]
    baseConnectionId: NotRequired[str | None]
    params: NotRequired[dict[str, Any] | None]


@with_config(OPEN)
class Flow(TypedDict):
    """A flow as callers send it."""

    name: NotRequired[str]
    description: NotRequired[str | None]
    flowSpec: NotRequired[Specification | None]
    sourceConnectionIds: NotRequired[list[str]]
    targetConnectionIds: NotRequired[list[str]]
    transformations: NotRequired[list[dict[str, Any]]]


@with_config(OPEN)
class Run(TypedDict):
    """A run as callers send it."""

    flowId: str


@with_config(OPEN)
class Written(TypedDict):
    """What is answered when an object was written."""

    id: str
    etag: str


@with_config(OPEN)
class Items(TypedDict):
    """Objects, and where there are more."""

    items: list[dict[str, Any]]
    _links: NotRequired[dict[str, Any]]


CHECKS: dict[str, TypeAdapter[Any]] = {
    "connections": TypeAdapter(Connection),
    "sourceConnections": TypeAdapter(Connection),
    "targetConnections": TypeAdapter(Connection),
    "flows": TypeAdapter(Flow),
    "runs": TypeAdapter(Run),
}
"""By kind of object."""
KINDS = {"flows": Flow, "runs": Run}
"""Bodies by kind; those of all others are connections."""
