"""What a destination's files look like: settings that the vendor makes for each (audience-manager 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from audience_gateway_sandbox.audience_manager.objects import Destination
from audience_gateway_sandbox.audience_manager.outbound.file_names import DEFAULT_NAME, FileNames
from audience_gateway_sandbox.audience_manager.outbound.lines import DEFAULT_LINE, Lines
from audience_gateway_sandbox.audience_manager.outbound.template import Template, TemplateError

OUTBOUND_BUCKET = "audienceManagerOutbound"
_NAME, _LINE, _MODES, _BUCKET, _PARTS, _ALIAS = (
    "fileNameTemplate", "lineTemplate", "syncModes", "bucket", "parts", "pidAlias",
)  # fmt: skip
_MOST_PARTS = 999


class SyncMode(StrEnum):
    """Whether a transfer tells of all members, or of what has changed since the last one."""

    FULL = "full"
    ITERATIVE = "iter"


@dataclass(frozen=True, slots=True)
class Order:
    """The settings of one server-to-server destination.

    Attributes:
        destination: the destination.
        names: of its files.
        line: template of its lines.
        modes: which transfers it gets each day.
        bucket: name of the bucket that they appear in.
        parts: into how many files a transfer is split.
        alias: its name in file names.
        keys: by segment, the key that it is known by there.
    """

    destination: Destination
    names: FileNames
    line: Template
    modes: tuple[SyncMode, ...]
    bucket: str
    parts: int
    alias: str
    keys: Mapping[int, str] = field(default_factory=dict)


def order_of(destination: Destination, parts: int) -> Order:
    """Read the settings of a destination from its details; what they leave out is as for Campaign.

    Args:
        destination: a server-to-server one.
        parts: how many parts a transfer has if they do not say so.

    Raises TemplateError if they make no sense.
    """
    details: Mapping[str, Any] = {name: value for name, value in destination.details.items() if value}
    try:
        modes = tuple(SyncMode(mode.strip()) for mode in str(details.get(_MODES, SyncMode.FULL)).split(","))
    except ValueError:
        raise TemplateError(f"{_MODES} are full, iter, or full,iter") from None
    parts = int(details.get(_PARTS, parts))
    if not 1 <= parts <= _MOST_PARTS:
        raise TemplateError(f"{_PARTS} is from 1 to {_MOST_PARTS}")
    return Order(
        destination,
        FileNames.of(str(details.get(_NAME, DEFAULT_NAME))),
        Lines.read(str(details.get(_LINE, DEFAULT_LINE))),
        modes,
        str(details.get(_BUCKET, OUTBOUND_BUCKET)),
        parts,
        str(details.get(_ALIAS, "")),
    )
