"""The Audience Library: Audience Manager's segments as other solutions see them (people-and-ids 7.1, 7.2).

It has no public interface. A shared audience is a segment; one that a solution shares by files is that of one onboarded
trait in the solution's data source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from audience_gateway_sandbox.audience_manager import AudienceManager
from audience_gateway_sandbox.audience_manager.objects import (
    PARTNER_ID,
    DataSource,
    DestinationMapping,
    Segment,
    Trait,
    TraitRuleVersion,
    TraitType,
)
from audience_gateway_sandbox.audience_manager.store import milliseconds, moment_of

MOST_FROM_ANALYTICS = 75
"""So many audiences may be shared out of Analytics (people-and-ids 7.1)."""
ACTUAL_AFTER = timedelta(days=30)
"""The size is an estimate before (people-and-ids 7.1)."""
_INTEGRATION_USER = "aam-integration-user@adobe.com"
_POPULATION_DAYS = 30
_LONGEST_TITLE = 255
_ONE_TRAIT = re.compile(r"\s*([0-9]+)T\s*", re.IGNORECASE)


class LibraryError(ValueError):
    """What cannot be done; the text says why."""


class Origin(StrEnum):
    """Who made an audience, as the library's column says."""

    ANALYTICS = "Analytics"
    EXPERIENCE_CLOUD = "Experience Cloud"
    AUDIENCE_MANAGER = "Audience Manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedAudience:
    """A row of the library.

    Attributes:
        id: number of the segment.
        trait_id: number of the onboarded trait that members are given; 0 if the segment is no such trait's.
        source: who made it.
        size: members in the last 30 days.
        size_is_estimate: whether it is too new to be counted.
    """

    id: int
    trait_id: int
    title: str
    description: str
    author: str
    source: Origin
    data_source_id: int
    size: int
    size_is_estimate: bool
    active: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AudienceLibrary:
    """The library of one organisation.

    Attributes:
        audience_manager: has the objects.
        senders: data sources that other solutions share in.
    """

    audience_manager: AudienceManager
    senders: frozenset[int]

    def all(self) -> Iterator[SharedAudience]:
        """List the audiences by number: segments of Audience Manager appear by themselves."""
        return (self._row(segment) for segment in self.audience_manager.store.segments.all())

    def find(self, number: int) -> SharedAudience | None:
        """Find one; None if there is none."""
        segment = self.audience_manager.store.segments.get(number)
        return None if segment is None else self._row(segment)

    def share(self, title: str, description: str, data_source_id: int) -> SharedAudience:
        """Make an audience, as a solution does that shares one for the first time.

        Raises LibraryError without a title, for an unknown data source, and if Analytics has shared enough.
        """
        store = self.audience_manager.store
        source = store.data_sources.get(data_source_id)
        if source is None:
            raise LibraryError("There is no such data source.")
        if not title or len(title) > _LONGEST_TITLE:
            raise LibraryError(f"A title has 1 to {_LONGEST_TITLE} characters.")
        if source.report_suite and self._from_analytics() >= MOST_FROM_ANALYTICS:
            raise LibraryError(f"Analytics shares at most {MOST_FROM_ANALYTICS} audiences.")
        now = moment_of(milliseconds(self.audience_manager.clock.now()))
        made: dict[str, Any] = {"pid": PARTNER_ID, "create_time": now, "update_time": now}
        with store.transaction():
            segment = self._make(title, description, source, made)
        return self._row(segment)

    def _make(self, title: str, description: str, source: DataSource, made: dict[str, Any]) -> Segment:
        store, number = self.audience_manager.store, source.data_source_id
        trait = store.traits.create(
            Trait(name=title, description=description, trait_type=TraitType.ON_BOARDED, data_source_id=number, **made)
        )
        now = made["create_time"]
        store.trait_rule_versions.create(
            TraitRuleVersion(sid=trait.sid, version=1, trait_rule=trait.trait_rule, create_time=now)
        )
        segment = store.segments.create(
            Segment(name=title, description=description, segment_rule=f"{trait.sid}T", data_source_id=number, **made)
        )
        for destination in store.destinations.all(data_source_id=number):
            store.mappings.create(
                DestinationMapping(
                    destination_id=destination.destination_id,
                    sid=segment.sid,
                    start_date=now.date(),
                    trait_alias=str(segment.sid),
                    create_time=now,
                    update_time=now,
                )
            )
        return segment

    def _row(self, segment: Segment) -> SharedAudience:
        manager = self.audience_manager
        now = manager.clock.now()
        user = manager.store.users.get(segment.cr_uid) if segment.cr_uid else None
        return SharedAudience(
            id=segment.sid,
            trait_id=self._trait_of(segment),
            title=segment.name,
            description=segment.description,
            author=user.username if user else _INTEGRATION_USER,
            source=self._origin(segment),
            data_source_id=segment.data_source_id,
            size=manager.populations.segment_uniques(segment.sid, _POPULATION_DAYS, now, real_time=False),
            size_is_estimate=now < segment.create_time + ACTUAL_AFTER,
            active=segment.status == "ACTIVE",
            created_at=segment.create_time,
            updated_at=segment.update_time,
        )

    def _trait_of(self, segment: Segment) -> int:
        match = _ONE_TRAIT.fullmatch(segment.segment_rule)
        trait = self.audience_manager.store.traits.get(int(match[1])) if match else None
        return trait.sid if trait is not None and trait.trait_type == TraitType.ON_BOARDED else 0

    def _origin(self, segment: Segment) -> Origin:
        source = self.audience_manager.store.data_sources.get(segment.data_source_id)
        if source is not None and source.report_suite:
            return Origin.ANALYTICS
        return Origin.EXPERIENCE_CLOUD if segment.data_source_id in self.senders else Origin.AUDIENCE_MANAGER

    def _from_analytics(self) -> int:
        return sum(self._origin(segment) is Origin.ANALYTICS for segment in self.audience_manager.store.segments.all())
