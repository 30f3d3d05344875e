"""Whether a batch has arrived as a whole, and which complete ones are read (audience-manager 4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from audience_gateway.sdk.audience_manager.control_files import MAX_BYTES, ListedFile, parse_control_file
from audience_gateway.sdk.audience_manager.outbound_batches import Batch, all_batches, fingerprint_of
from audience_gateway.sdk.audience_manager.outbound_folders import OutboundFolder
from audience_gateway.sdk.audience_manager.outbound_names import SyncMode
from audience_gateway.sdk.audience_manager.outbound_parts import Count, Part, count
from audience_gateway.sdk.buckets import Bucket
from audience_gateway.sdk.errors import ConfigError, Permanent
from audience_gateway.sdk.gzip_stream import BrokenGzip
from audience_gateway.sdk.identities import DataSource


async def batches_of(folder: OutboundFolder, source: DataSource) -> list[Batch]:
    """The batches for a data source, the oldest first.

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
        for batch in await all_batches(folder)
        # Names that do not bear an id say nothing against it.
        if batch.destination_id in {0, source.aam_destination_id}
        and batch.data_source_id in {0, source.aam_data_source_id}
    ]


async def complete(folder: OutboundFolder, source: DataSource, now: datetime) -> Sequence[Batch]:
    """What there is to be read for a data source, the oldest first.

    Of all users it is the newest batch of which nothing is missing; of changes all batches up to one that is not
    complete, which may still be arriving. Raises Permanent if there is none, and if changes are missing in between.
    """
    batches = await batches_of(folder, source)
    if folder.sync_mode is SyncMode.FULL:
        return await _newest(folder, source, batches, now)
    return await _changes(folder, source, batches, now)


async def same(folder: OutboundFolder, source: DataSource, fingerprint: str) -> Sequence[Batch] | None:
    """The batches of a fingerprint; None if they have changed or are gone. Later ones do not count."""
    batches = await batches_of(folder, source)
    if folder.sync_mode is SyncMode.FULL:
        choices = [[batch] for batch in batches]
    else:
        choices = [batches[: number + 1] for number in range(len(batches))]
    return next((choice for choice in choices if fingerprint_of(choice) == fingerprint), None)


async def _newest(
    folder: OutboundFolder, source: DataSource, batches: Sequence[Batch], now: datetime
) -> Sequence[Batch]:
    findings = []
    for batch in reversed(batches):
        finding = await missing(folder, batch, now)
        if not finding:
            return [batch]
        findings.append(finding)
    raise _none(folder, source, f"; of {len(findings)} the newest is incomplete: {findings[0]}" if findings else "")


async def _changes(
    folder: OutboundFolder, source: DataSource, batches: Sequence[Batch], now: datetime
) -> Sequence[Batch]:
    findings = [await missing(folder, batch, now) for batch in batches]
    number = next((number for number, finding in enumerate(findings) if finding), len(batches))
    if not all(findings[number:]):
        raise Permanent(
            f"changes that later ones follow are not complete: {findings[number]}",
            place=folder.place_of(batches[number].parts[0].stored.key),
            remedy="Have Audience Manager deliver them again, or take the batch out of the folder and share in full.",
        )
    if not number:
        raise _none(folder, source, f"; of {len(batches)} the oldest is incomplete: {findings[0]}" if batches else "")
    return batches[:number]


def _none(folder: OutboundFolder, source: DataSource, found: str) -> Permanent:
    return Permanent(
        f"there is no complete {folder.sync_mode} batch of destination {source.aam_destination_id}"
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
