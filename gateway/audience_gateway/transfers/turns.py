"""What transfers ask before they call a connected system."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol


class Turns(Protocol):
    """Whose turn it is: keeps the calls of all transfers to one connection within its limits."""

    def turn(self, connection: str) -> AbstractAsyncContextManager[None]:
        """Waits for a turn, which lasts as long as the block; sees the error that leaves it."""
        ...


class AtOnce:
    """No limits: it is everybody's turn."""

    @asynccontextmanager
    async def turn(self, connection: str) -> AsyncIterator[None]:  # noqa: ARG002  # the signature is the protocol's
        """A turn at once."""
        yield
