"""Reads the members of an audience as a streaming destination has pushed them: each id once, as it was pushed last."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import ConfigError, DataSource, MemberBatch, MemberPage, PushedMembers, ReadRequest, Reason

from audience_gateway_rtcdp.catalogue import Catalogue
from audience_gateway_rtcdp.namespaces import namespace_of
from audience_gateway_rtcdp.receiver.backfill import Backfill
from audience_gateway_rtcdp.receiver.receiver_settings import ReceiverSettings

_PAGE_ROWS = 10_000
_NO_TEXT = pa.scalar(None, pa.string())


@dataclass(frozen=True, slots=True)
class PushedReading:
    """Reads audiences by what the gateway calls them.

    Attributes:
        catalogue: knows the platform's ids.
        settings: of the receiver.
        pushed: what has come.
        backfill: knows whether everybody has come who was in the audience before.
        place: what the settings call it.
        now: tells the time.
    """

    catalogue: Catalogue
    settings: ReceiverSettings
    pushed: PushedMembers
    backfill: Backfill
    place: str
    now: Callable[[], datetime]

    async def require(self, audience: str, source: DataSource) -> None:
        """Raises ConfigError or Permanent if members cannot be read, or some would be missing."""
        namespace_of(self.settings.namespaces, source, self.place)
        found = await self.catalogue.require(audience)
        taken = found.id if found.id in self.settings.audiences else found.audience_id
        if taken not in self.settings.audiences:
            raise ConfigError(
                "nothing is kept of what is pushed of this audience",
                place=f"{self.place}.audiences",
                remedy=f"Add `{found.id}`, and activate the audience to the destination.",
            )
        await self.backfill.require(found.id, taken, self.now())

    async def members(self, request: ReadRequest) -> AsyncGenerator[MemberPage, None]:
        """Each id that was pushed; one that has left comes as a row of somebody who left."""
        namespace = namespace_of(self.settings.namespaces, request.source, self.place).lower()
        found = await self.catalogue.require(request.audience)
        audience = found.id if found.id in self.settings.audiences else found.audience_id
        after = request.after
        while len((page := await self.pushed.page(audience, namespace, after, _PAGE_ROWS)).ids):
            after = page.resume_token
            ids = pc.if_else(page.are_members, page.ids, _NO_TEXT)
            defects = pc.if_else(page.are_members, _NO_TEXT, pa.scalar(Reason.LEFT.value))
            yield MemberPage(MemberBatch.of(ids, defects=defects), after, self.settings.encoded)
