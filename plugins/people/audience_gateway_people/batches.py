"""Batches of outbound files: all parts of a full transfer out of Audience Manager (audience-manager 4)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from audience_gateway.sdk import Bucket
from audience_gateway.sdk.audience_manager.outbound_names import OutboundName, SyncMode

from audience_gateway_people.parts import Part
from audience_gateway_people.settings import PeopleSettings

_EPOCH = datetime.fromtimestamp(0, UTC)
_SECONDS_DIGITS, _MILLISECONDS_DIGITS = 10, 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One full transfer.

    Attributes:
        destination_id: id of the destination (DID).
        data_source_id: data source of the ids (DPID).
        timestamp: when it was made, as the names say it.
        parts: its files in the order of their numbers.
        control: key of its control file; empty if there is none.
    """

    destination_id: int
    data_source_id: int
    timestamp: int
    parts: tuple[Part, ...]
    control: str

    @property
    def fingerprint(self) -> str:
        """Changes whenever one of its files changes."""
        texts = [f"{part.stored.key} {part.stored.etag}" for part in self.parts]
        return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:32]

    @property
    def modified(self) -> datetime:
        """When a part of it last changed."""
        return max(part.stored.modified for part in self.parts)

    @property
    def is_unbroken(self) -> bool:
        """Whether the numbers of its parts follow one another, beginning with none or with 1."""
        splits = [part.split for part in self.parts]
        return splits[0] <= 1 and splits == list(range(splits[0], splits[0] + len(splits)))


async def full_batches(bucket: Bucket, settings: PeopleSettings) -> list[Batch]:
    """All full batches in the bucket, the newest first, whether they are complete or not."""
    parts: dict[tuple[str, OutboundName], list[Part]] = defaultdict(list)
    controls: dict[tuple[int, int, int], str] = {}
    template = settings.names
    async for stored in bucket.list(settings.import_prefix):
        folder, _, text = stored.key.rpartition("/")
        if name := template.parse(text):
            parts[folder, replace(name, split=0, gzip=False)].append(Part(stored, name.split, name.gzip))
        elif info := template.parse_info(text):
            controls[_identity(info)] = stored.key
    batches = [
        Batch(
            destination_id=root.destination_id,
            data_source_id=root.data_source_id,
            timestamp=root.timestamp,
            parts=tuple(sorted(found, key=lambda part: (part.split, part.stored.key))),
            control=controls.get(_identity(root), ""),
        )
        for (_, root), found in parts.items()
        if root.mode is SyncMode.FULL
    ]
    return sorted(batches, key=lambda batch: batch.timestamp, reverse=True)


def time_made(timestamp: int, digits: int) -> datetime | None:
    """The time that a timestamp of so many digits stands for; None if it is none."""
    if digits == _SECONDS_DIGITS:
        return _EPOCH + timedelta(seconds=timestamp)
    if digits == _MILLISECONDS_DIGITS:
        return _EPOCH + timedelta(milliseconds=timestamp)
    try:
        return datetime.strptime(f"{timestamp:014d}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _identity(name: OutboundName) -> tuple[int, int, int]:
    # A control file may say `iter` for a full batch, so the mode does not count.
    return name.destination_id, name.data_source_id, name.timestamp
