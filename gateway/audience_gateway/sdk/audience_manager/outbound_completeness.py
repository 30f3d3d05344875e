"""Whether a batch has arrived as a whole, and which complete one is the newest (audience-manager 4.1)."""

from __future__ import annotations

from datetime import datetime, timedelta

from audience_gateway.sdk.audience_manager.control_files import MAX_BYTES, ListedFile, parse_control_file
from audience_gateway.sdk.audience_manager.outbound_batches import Batch, full_batches
from audience_gateway.sdk.audience_manager.outbound_folders import OutboundFolder
from audience_gateway.sdk.audience_manager.outbound_parts import Count, Part, count
from audience_gateway.sdk.buckets import Bucket
from audience_gateway.sdk.errors import ConfigError, Permanent
from audience_gateway.sdk.gzip_stream import BrokenGzip
from audience_gateway.sdk.identities import DataSource


async def batches_of(folder: OutboundFolder, source: DataSource) -> list[Batch]:
    """The full batches for a data source, the newest first.

    Raises ConfigError if the data source does not say which ids it has in Audience Manager.
    """
    for name in ("aam_destination_id", "aam_data_source_id"):
        if not getattr(source, name):
            raise ConfigError(
                "found no id, needed is Audience Manager's, which file names bear",
                place=f"data_sources.{source.name}.{name}",
                remedy="Set it to the id that Audience Manager shows.",
            )
    return [
        batch
        for batch in await full_batches(folder)
        # Names that do not bear an id say nothing against it.
        if batch.destination_id in {0, source.aam_destination_id}
        and batch.data_source_id in {0, source.aam_data_source_id}
    ]


async def newest_complete(folder: OutboundFolder, source: DataSource, now: datetime) -> Batch:
    """The newest batch for a data source of which nothing is missing. Raises Permanent if there is none."""
    findings = []
    for batch in await batches_of(folder, source):
        finding = await missing(folder, batch, now)
        if not finding:
            return batch
        findings.append(finding)
    found = f"; of {len(findings)} the newest is incomplete: {findings[0]}" if findings else ""
    raise Permanent(
        f"there is no complete full batch of destination {source.aam_destination_id}"
        f" and data source {source.aam_data_source_id}{found}",
        place=folder.url,
        remedy="Check both ids, the name template, and whether Audience Manager has delivered: it does so once a day.",
    )


async def missing(folder: OutboundFolder, batch: Batch, now: datetime) -> str:
    """What a batch lacks to be complete; empty for a complete one."""
    if batch.disorder:
        return batch.disorder
    if batch.control:
        return await _differs(folder.bucket, batch)
    if folder.settle_seconds and now - batch.modified < timedelta(seconds=folder.settle_seconds):
        return "it has no control file, and its parts are still too new"
    return ""


async def _differs(bucket: Bucket, batch: Batch) -> str:
    head = await bucket.head(batch.control)
    if head is None or head.size > MAX_BYTES:
        return "its control file cannot be read"
    listed = parse_control_file(b"".join([piece async for piece in bucket.read(batch.control)]))
    if listed is None:
        return "its control file cannot be read"
    if set(listed) != {part.file_name for part in batch.parts}:
        return "its parts are not those that its control file lists"
    for part in batch.parts:
        if finding := await _part_differs(bucket, part, listed[part.file_name]):
            return finding
    return ""


async def _part_differs(bucket: Bucket, part: Part, listed: ListedFile) -> str:
    if part.stored.size != listed.size:
        return f"{part.file_name} has another size than its control file says"
    try:
        counted = await count(bucket, part)
    except BrokenGzip:
        return f"{part.file_name} cannot be decompressed"
    if counted != Count(listed.lines, listed.md5.lower()):
        return f"{part.file_name} has another MD5 or another number of lines than its control file says"
    return ""
