"""What became of files: inbound ones by data source, outbound ones by destination (audience-manager 1.3, 3.6).

The shape of an inbound row is not published: its numbers are taken by whatever names they bear, the other fields are
settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from audience_gateway.sdk.audience_manager.rest.history_settings import HistorySettings

RECEIVED, STORED = "records_received", "stored_records"
"""Counts of inbound files: what they had, and whom Audience Manager has kept (audience-manager 3.6)."""

_EPOCH = datetime.fromtimestamp(0, UTC)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_IDS = frozenset({"dataSourceId", "pid", "pushID", "orderID", "dataProviderID", "syncType"})


@dataclass(frozen=True, slots=True)
class FileHistory:
    """What is said of one file.

    Attributes:
        file_name: its name without folders; empty if not told.
        begun: when work on it began; None if not told.
        ended: when it ended; None if it has not, or that is not told.
        failed: whether it is said to have failed.
        counts: what was counted, by names in snake_case.
    """

    file_name: str
    begun: datetime | None
    ended: datetime | None
    failed: bool
    counts: Mapping[str, int]


def file_history(row: Mapping[str, Any], settings: HistorySettings) -> FileHistory:
    """Reads a row."""
    times = {settings.begun_field, settings.ended_field}
    name = row.get(settings.file_field)
    has_failed_state = str(row.get(settings.status_field, "")).upper() in settings.failed_statuses
    return FileHistory(
        file_name=name.rpartition("/")[2] if isinstance(name, str) else "",
        begun=_time(row.get(settings.begun_field)),
        ended=_time(row.get(settings.ended_field)),
        failed=row.get(settings.success_field) is False or has_failed_state,
        counts={
            _snake_case(key): value
            for key, value in row.items()
            if isinstance(value, int) and not isinstance(value, bool) and key not in times | _IDS
        },
    )


def _time(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except OverflowError:
        return None


def _snake_case(name: str) -> str:
    return "_".join(_WORD.findall(name)).lower()
