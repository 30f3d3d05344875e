"""Where inbound files are left for Audience Manager, and how they are laid out there (audience-manager 3.1, 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from audience_gateway.sdk.buckets import Bucket

BEST_PART_BYTES = 1_000_000_000
"""Uncompressed: what Audience Manager calls best, and below the smaller of the two limits that it documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFolder:
    """A place that Audience Manager takes files from.

    Attributes:
        bucket: the bucket.
        prefix: folder in it, `<directory>/<partner>/`, with a slash at its end; empty for none.
        dated: whether files go to a folder for the UTC day of their upload, `date=2026-01-02/`, below the prefix.
        part_bytes: how large a file may become before it is compressed.
        pending_hours: how long a file counts as not processed if nothing says that it is; until then a write of
            another transfer that says the opposite is refused. 0 if it is not to wait.
    """

    bucket: Bucket
    prefix: str = ""
    dated: bool = False
    part_bytes: int = BEST_PART_BYTES
    pending_hours: float = 0

    def key(self, file_name: str, now: datetime) -> str:
        """Where a file that is uploaded now belongs."""
        day = f"date={now.astimezone(UTC).date().isoformat()}/" if self.dated else ""
        return f"{self.prefix}{day}{file_name}"

    def listed(self, file_name_start: str) -> str:
        """What the keys of files begin with whose names begin so, whatever their day."""
        return self.prefix if self.dated else f"{self.prefix}{file_name_start}"
