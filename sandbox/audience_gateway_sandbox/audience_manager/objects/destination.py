"""Destinations, and the segments that are mapped to them (audience-manager 1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class DestinationType(StrEnum):
    """How a destination is told of members."""

    URL = "PUSH"
    COOKIE = "ADS"
    SERVER_TO_SERVER = "S2S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where members of segments are sent to.

    Attributes:
        destination_id: its number (DID); 0 until it is stored.
        data_source_id: whose ids go to a server-to-server destination; 0 for none.
        data_export_labels: what the destination does with data, of EXPORT_CONTROLS.
        details: members that only destinations of its type have, by their names in JSON.
    """

    destination_id: int = 0
    name: str
    description: str = ""
    destination_type: DestinationType
    data_source_id: int = 0
    status: str = "active"
    start_date: date | None = None
    end_date: date | None = None
    domain_restrictions: str = "all_domains"
    data_export_labels: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    pid: int = 0
    create_time: datetime
    update_time: datetime
    cr_uid: int = 0
    up_uid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationMapping:
    """A segment that is sent to a destination.

    Attributes:
        mapping_id: its number; 0 until it is stored.
        sid: the segment.
        start_date: the first day on which it is sent.
        end_date: the last one; None for no end.
        trait_alias: the key that the destination knows the segment by.
    """

    mapping_id: int = 0
    destination_id: int
    sid: int
    trait_type: str = "SEGMENT"
    trait_value: int = 0
    element_status: str = "active"
    start_date: date
    end_date: date | None = None
    priority: int | None = None
    url: str | None = None
    secure_url: str | None = None
    tag_code: str | None = None
    secure_tag_code: str | None = None
    trait_alias: str | None = None
    value_alias: str | None = None
    create_time: datetime
    update_time: datetime
    cr_uid: int = 0
    up_uid: int = 0

    def is_sent_on(self, day: date) -> bool:
        """Tell whether the segment goes to the destination on a day."""
        return self.start_date <= day and (self.end_date is None or day <= self.end_date)
