"""Reads the members of an audience as a streaming destination has pushed them: each id once, as it was pushed last."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime

import pyarrow.compute as pc
from audience_gateway.sdk import ConfigError, DataSource, MemberBatch, MemberPage, PushedMembers, ReadRequest

from audience_gateway_rtcdp.audiences import PlatformAudience
from audience_gateway_rtcdp.catalogue import Catalogue
from audience_gateway_rtcdp.namespaces import namespace_of
from audience_gateway_rtcdp.receiver.backfill import Backfill
from audience_gateway_rtcdp.receiver.receiver_settings import ReceiverSettings

_PAGE_ROWS = 10_000


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
        found, taken = await self._taken(audience)
        if taken not in self.settings.audiences:
            raise ConfigError(
                "nothing is kept of what is pushed of this audience",
                place=f"{self.place}.audiences",
                remedy=f"Add `{found.id}`, and activate the audience to the destination.",
            )
        await self.backfill.require(found.id, taken, self.now())

    async def changes_only(self, audience: str) -> bool:
        """Whether what is read of an audience is only who has joined and left. Raises what a call raises."""
        return (await self._taken(audience))[1] in self.settings.changes_only

    async def members(self, request: ReadRequest) -> AsyncGenerator[MemberPage, None]:
        """Each id that was pushed; one that has left comes as a row that leaves."""
        namespace = namespace_of(self.settings.namespaces, request.source, self.place).lower()
        _, audience = await self._taken(request.audience)
        after = request.after
        while len((page := await self.pushed.page(audience, namespace, after, _PAGE_ROWS)).ids):
            after = page.resume_token
            members = MemberBatch.of(page.ids, opted_out=page.opted_out, leaves=pc.invert(page.are_members))
            yield MemberPage(members, after, self.settings.encoded)

    async def _taken(self, audience: str) -> tuple[PlatformAudience, str]:
        """An audience, and the id under which it is pushed: external ones under that of their maker."""
        found = await self.catalogue.require(audience)
        return found, found.id if found.id in self.settings.audiences else found.audience_id
