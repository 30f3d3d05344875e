"""The audiences of a connection: those of its settings, for nothing in the buckets names one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime

from audience_gateway.sdk import Audience, ConfigError, Permanent
from audience_gateway.sdk.audience_manager.outbound_batches import full_batches, time_made
from audience_gateway.sdk.audience_manager.outbound_folders import OutboundFolder

from audience_gateway_people.settings import AudienceSettings, PeopleSettings


async def audiences(folder: OutboundFolder, settings: PeopleSettings) -> AsyncGenerator[Audience, None]:
    """All audiences, ordered by id."""
    updated = await _updated(folder)
    for name, audience in sorted(settings.audiences.items()):
        yield _described(name, audience, updated)


async def find_audience(folder: OutboundFolder, settings: PeopleSettings, name: str) -> Audience | None:
    """One audience, or None if the settings have none of that id."""
    audience = settings.audiences.get(name)
    return _described(name, audience, await _updated(folder)) if audience else None


def segment_of(settings: PeopleSettings, connection: str, name: str) -> int:
    """The segment that an audience is read from. Raises Permanent for an unknown audience, ConfigError for none."""
    return _id_of(settings, connection, name, "segment_id")


def trait_of(settings: PeopleSettings, connection: str, name: str) -> int:
    """The trait that members are given. Raises Permanent for an unknown audience, ConfigError for none."""
    return _id_of(settings, connection, name, "trait_id")


def _id_of(settings: PeopleSettings, connection: str, name: str, setting: str) -> int:
    place = f"connections.{connection}.settings.audiences"
    audience = settings.audiences.get(name)
    if audience is None:
        raise Permanent("there is no such audience", place=place, remedy="Add it with its segment and its trait.")
    number: int = getattr(audience, setting)
    if not number:
        raise ConfigError("found no id", place=f"{place}.{name}.{setting}", remedy="Set it to Audience Manager's id.")
    return number


def _described(name: str, audience: AudienceSettings, updated: datetime | None) -> Audience:
    return Audience(
        id=name,
        title=audience.title or name,
        description=audience.description,
        updated=updated if audience.segment_id else None,
        readable=bool(audience.segment_id),
        writable=bool(audience.trait_id),
    )


async def _updated(folder: OutboundFolder) -> datetime | None:
    batches = await full_batches(folder)
    return time_made(batches[0].timestamp, folder.names.timestamp_digits) if batches else None
