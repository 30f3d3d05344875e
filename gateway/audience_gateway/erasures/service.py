"""What the API asks of erasures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from audience_gateway.erasures.model import Asked, Erasure
from audience_gateway.suppression.model import IdsOfPeople


class ErasureService(Protocol):
    """Erases ids of people."""

    async def erase(self, people: IdsOfPeople, *, request_id: str = "") -> Asked:
        """Begins to erase them; from now on no transfer adds them. Raises ConfigError for what is not configured."""
        ...

    async def get(self, erasure: str) -> Erasure:
        """One erasure. Raises ErasureNotFound."""
        ...

    async def list(self, *, after: str, limit: int) -> Sequence[Erasure]:
        """Erasures, the newest first, behind the one of an id."""
        ...
