"""What Campaign's `exportSharedAudience` has written: inbound files of Audience Manager (campaign 1.5, 1.6).

An export only adds, so an audience is what all files say together, the later one in case of contradiction.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from audience_gateway.sdk import Bucket, BucketObject, Permanent, Transient
from audience_gateway.sdk.audience_manager.inbound_names import InboundName

from audience_gateway_campaign.bucket_settings import BucketSettings

_WAIT = "Wait for the rest; if it does not come, have Campaign export again."


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file of an export."""

    stored: BucketObject
    name: InboundName

    @property
    def file_name(self) -> str:
        """Its name without folders."""
        return self.stored.key.rpartition("/")[2]


def fingerprint(files: Sequence[ExportFile]) -> str:
    """Answer what changes whenever one of the files changes."""
    texts = [f"{file.stored.key} {file.stored.etag}" for file in files]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:32]


async def exported_files(bucket: Bucket, settings: BucketSettings, data_source: int, now: datetime) -> list[ExportFile]:
    """Find all files with ids of a data source, in the order in which they were written.

    Raises Permanent if there is none or one is encrypted, Transient if a part has not arrived or settled yet.
    """
    files = [
        file
        async for stored in bucket.list(settings.export_prefix)
        if (file := _of_data_source(stored, data_source)) is not None
    ]
    place = f"{bucket.url.rstrip('/')}/{settings.export_prefix}"
    if not files:
        raise Permanent(
            f"there is no file of data source {data_source}",
            place=place,
            remedy="Check the id, and whether `exportSharedAudience` runs and an audience was exported.",
        )
    if encrypted := next((file for file in files if file.name.encryption), None):
        raise Permanent("the file is encrypted", place=f"{place}{encrypted.file_name}", remedy="Export it unencrypted.")
    _require_settled(files, settings, now, place)
    if settings.parts_follow:
        _require_all_parts(files, place)
    return sorted(files, key=lambda file: (file.name.timestamp, file.name.split or 0, file.stored.key))


def _of_data_source(stored: BucketObject, data_source: int) -> ExportFile | None:
    name = InboundName.parse(stored.key.rpartition("/")[2])
    return ExportFile(stored, name) if name is not None and name.data_source_id == data_source else None


def _require_settled(files: Sequence[ExportFile], settings: BucketSettings, now: datetime, place: str) -> None:
    settled = now - timedelta(seconds=settings.settle_seconds)
    if settings.settle_seconds and any(file.stored.modified > settled for file in files):
        raise Transient("the newest file is too new to be read", place=place, remedy=_WAIT, sent=False)


def _require_all_parts(files: Sequence[ExportFile], place: str) -> None:
    numbers: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for file in files:
        numbers[file.name.timestamp, file.name.mode, file.name.target].add(file.name.split or 0)
    for (timestamp, *_), found in sorted(numbers.items(), key=str):
        first = min(1, *found)
        late = set(range(first, max(found) + 1)) - found
        if late:
            raise Transient(
                f"of the export of {timestamp} part {min(late)} is not there", place=place, remedy=_WAIT, sent=False
            )
