"""Attributes: what a system is told of a member besides its id. A transfer has those that its destination asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class AttributeReader(Protocol):
    """Reads attributes together with members: a `MemberReader` that heeds `ReadRequest.attributes`."""

    async def check_attributes(self, audience: str, names: Sequence[str]) -> None:
        """Raises ConfigError, naming what is missing, if members of the audience cannot be read with these."""
        ...


@runtime_checkable
class AttributeWriter(Protocol):
    """Takes attributes together with members: a `MemberWriter` that heeds `WriteRequest.attributes`.

    A member whose attributes are not those of its last delivery is written again.
    """

    async def wanted_attributes(self, audience: str) -> Sequence[str]:
        """The names of the attributes that members are written with, in the order of their columns; empty for none."""
        ...


@runtime_checkable
class WriteSize(Protocol):
    """Says itself how many members a write should have, e.g. because each write is a file."""

    def members_a_write(self) -> int:
        """At most so many members a write, instead of the gateway's own number."""
        ...
