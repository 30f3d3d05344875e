"""Segments: conditions over traits (audience-manager 1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A segment.

    Attributes:
        sid: its number; 0 until it is stored.
        segment_rule: condition over traits, `1T AND (2T OR NOT 3T)`.
        merge_rule_data_source_id: the data source that stands for its merge rule; 0 for the default one.
    """

    sid: int = 0
    name: str
    description: str = ""
    segment_rule: str
    data_source_id: int
    folder_id: int = 0
    merge_rule_data_source_id: int = 0
    integration_code: str = ""
    status: str = "ACTIVE"
    pid: int = 0
    create_time: datetime
    update_time: datetime
    cr_uid: int = 0
    up_uid: int = 0
