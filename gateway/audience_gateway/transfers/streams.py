"""What transfers ask of streams of members."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from audience_gateway.sdk import MemberPage


class Streams(Protocol):
    """Members that have come in by streams."""

    async def rows(self, stream: str) -> int | None:
        """Rows of a stream that has ended; None if there is none of that id."""
        ...

    def pages(self, stream: str, after: str | None) -> AsyncIterator[MemberPage]:
        """Its members, behind a resume token or from the first."""
        ...


class NoStreams:
    """There are no streams."""

    async def rows(self, stream: str) -> int | None:  # noqa: ARG002  # the signature is the protocol's
        """None."""
        return None

    def pages(self, stream: str, after: str | None) -> AsyncIterator[MemberPage]:  # noqa: ARG002  # likewise
        """Raises LookupError."""
        raise LookupError(stream)
