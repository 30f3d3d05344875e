"""Finds what Campaign's `importSharedAudience` reads: full outbound batches of Audience Manager (campaign 1.6)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from audience_gateway.sdk import Bucket, BucketObject
from audience_gateway.sdk.audience_manager.control_files import MAX_BYTES, parse_control_file
from audience_gateway.sdk.audience_manager.outbound_names import NameTemplate, OutboundName, SyncMode

from audience_gateway_campaign.bucket_settings import BucketSettings


@dataclass(slots=True)
class Batch:
    """A full batch.

    Attributes:
        timestamp: when it was made, as its names say it.
        parts: its files by the numbers of the parts.
        control: its control file, if there is one.
    """

    timestamp: int
    parts: dict[int, BucketObject] = field(default_factory=dict)
    control: BucketObject | None = None


def template(settings: BucketSettings) -> NameTemplate:
    """The template of names."""
    return NameTemplate(settings.timestamp_digits)


async def full_batches(bucket: Bucket, settings: BucketSettings, destination: int, data_source: int) -> list[Batch]:
    """Find the full batches of a destination and a data source, the newest first, be they complete or not."""
    batches: dict[int, Batch] = defaultdict(lambda: Batch(0))
    names = template(settings)
    async for stored in bucket.list(settings.import_prefix):
        text = stored.key.rpartition("/")[2]
        name, control = names.parse(text), names.parse_info(text)
        found = name or control
        if found is None or not _is_of(found, destination, data_source):
            continue
        batch = batches[found.timestamp]
        batch.timestamp = found.timestamp
        if name is not None:
            batch.parts[name.split] = stored
        else:
            batch.control = stored
    return sorted(batches.values(), key=lambda batch: batch.timestamp, reverse=True)


async def is_complete(bucket: Bucket, batch: Batch) -> bool:
    """Tell whether all parts are there: those that the control file lists or, without one, without a gap."""
    if not batch.parts:
        return False
    if batch.control is None:
        return sorted(batch.parts) == list(range(min(1, *batch.parts), max(batch.parts) + 1))
    if batch.control.size > MAX_BYTES:
        return False
    listed = parse_control_file(b"".join([piece async for piece in bucket.read(batch.control.key)]))
    if listed is None:
        return False
    sizes = {part.key.rpartition("/")[2]: part.size for part in batch.parts.values()}
    return sizes == {name: file.size for name, file in listed.items()}


def _is_of(name: OutboundName, destination: int, data_source: int) -> bool:
    same = (name.destination_id, name.data_source_id) == (destination, data_source)
    return same and name.mode is SyncMode.FULL
