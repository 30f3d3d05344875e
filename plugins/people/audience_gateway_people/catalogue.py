"""The audiences of a connection: those of its settings, and those of the Audience Library where it is known."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta

from audience_gateway.sdk import Audience
from audience_gateway.sdk.audience_manager.outbound_batches import newest_batch
from audience_gateway.sdk.audience_manager.outbound_folders import OutboundFolder
from audience_gateway.sdk.audience_manager.rest.objects import Segment

from audience_gateway_people.library import Library, SharedAudience
from audience_gateway_people.settings import AudienceSettings, PeopleSettings

_NOT_CONFIGURED = AudienceSettings.model_construct()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Describes audiences. Its methods raise what a bucket or a call raises.

    Attributes:
        folder: what is read.
        settings: of the connection.
        library: the Audience Library; None if it is not known.
        now: the time, in UTC.
    """

    folder: OutboundFolder
    settings: PeopleSettings
    library: Library | None
    now: datetime

    async def all(self) -> AsyncGenerator[Audience, None]:
        """All audiences, ordered by id. One that the settings name goes by the id that it has there."""
        updated = await newest_batch(self.folder)
        shared = {each.segment.id: each for each in await self.library.all()} if self.library else {}
        found = {
            name: self._described(name, audience, shared.pop(audience.segment_id, None), updated)
            for name, audience in self.settings.audiences.items()
        }
        for each in shared.values():
            name = f"segment-{each.segment.id}" if each.name in found else each.name
            found[name] = self._described(name, _NOT_CONFIGURED, each, updated)
        for _, audience in sorted(found.items()):
            yield audience

    async def find(self, name: str) -> Audience | None:
        """One audience, or None if there is none of that id."""
        configured = self.settings.audiences.get(name)
        if configured is not None:
            segment = configured.segment_id
            shared = await self.library.of_segment(segment) if self.library and segment else None
            return self._described(name, configured, shared, await newest_batch(self.folder))
        shared = await self.library.find(name) if self.library else None
        return self.described(name, shared) if shared else None

    def described(self, name: str, shared: SharedAudience) -> Audience:
        """An audience that only the library names."""
        return self._described(name, _NOT_CONFIGURED, shared, None)

    def _described(
        self, name: str, configured: AudienceSettings, shared: SharedAudience | None, batch: datetime | None
    ) -> Audience:
        segment = shared.segment if shared else None
        return Audience(
            id=name,
            title=configured.title or (segment.name if segment else "") or name,
            description=configured.description or (segment.description if segment else ""),
            size=self._size(segment),
            updated=(segment.update_time if segment else None) or (batch if configured.segment_id else None),
            refreshed=batch,
            readable=bool(configured.segment_id) or segment is not None,
            writable=bool(configured.trait_id) or (shared is not None and shared.trait is not None),
            origin=shared.origin if shared else "",
            active=segment is None or segment.status.upper() in {"", "ACTIVE"},
            size_is_estimate=self._is_estimate(segment),
        )

    def _size(self, segment: Segment | None) -> int | None:
        if segment is None or self.library is None:
            return None
        return segment.count(self.library.settings.populations.segment)

    def _is_estimate(self, segment: Segment | None) -> bool:
        if segment is None or segment.create_time is None or self.library is None:
            return False
        return self.now < segment.create_time + timedelta(days=self.library.settings.actual_days)
