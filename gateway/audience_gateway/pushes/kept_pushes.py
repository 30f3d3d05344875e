"""What was pushed to one connection, as its connector asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from audience_gateway.pushes.push_ledger import PushLedger
from audience_gateway.sdk import PushedPage, PushFate, PushHistory


@dataclass(frozen=True, slots=True)
class KeptPushes:
    """The pushes of a connection: the implementation of `sdk.PushedMembers`.

    Attributes:
        ledger: where they are kept.
        connection: name of the connection.
    """

    ledger: PushLedger
    connection: str

    async def page(self, audience: str, id_kind: str, after: str | None, rows: int) -> PushedPage:
        """The next ids, so many at most."""
        return await asyncio.to_thread(self.ledger.page, self.connection, audience, id_kind, after or "", rows)

    async def history(self, audience: str) -> PushHistory | None:
        """Since when the audience is pushed."""
        return await asyncio.to_thread(self.ledger.history, self.connection, audience)

    async def counts(self) -> Mapping[PushFate, int]:
        """How many rows ever came, by what became of them."""
        return await asyncio.to_thread(self.ledger.counts, self.connection)
