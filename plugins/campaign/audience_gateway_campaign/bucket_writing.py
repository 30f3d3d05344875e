"""Writes a full batch that Campaign's `importSharedAudience` reads; Campaign replaces the list (campaign 1.4, 1.6).

The control file is written first, so that parts that are still to come are known to be missing.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import Bucket, DataSource, GatewayError, Refusal, TargetBatch, WriteResult, gunzip
from audience_gateway.sdk.audience_manager.control_files import ListedFile, control_file
from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES
from audience_gateway.sdk.audience_manager.line_blocks import line_blocks
from audience_gateway.sdk.audience_manager.outbound_names import OutboundName

from audience_gateway_campaign.bucket_ids import data_source_id, destination_id
from audience_gateway_campaign.bucket_imports import Batch, full_batches, is_complete, template
from audience_gateway_campaign.bucket_lines import without_segment
from audience_gateway_campaign.bucket_parts import Part, PartWriter
from audience_gateway_campaign.bucket_settings import BucketSettings

_EPOCH = datetime.fromtimestamp(0, UTC)
_MILLISECONDS_DIGITS = 13
_NOT_IN_A_LINE = r"[\t\r\n]"
_REFUSED = "An id of a line cannot be empty and holds neither TAB nor newline."


@dataclass(frozen=True, slots=True)
class Place:
    """Where batches are written to, how, and when."""

    bucket: Bucket
    settings: BucketSettings
    now: datetime


async def replace_segment(
    place: Place, segment: int, source: DataSource, batches: AsyncIterator[TargetBatch]
) -> WriteResult:
    """Write a batch in which a segment has these members. Nothing is written if one of them cannot be in a line."""
    name = OutboundName(
        sync_type=place.settings.sync_type,
        destination_id=destination_id(source),
        data_source_id=data_source_id(source),
        timestamp=0,
    )
    written = await full_batches(place.bucket, place.settings, name.destination_id, name.data_source_id)
    with tempfile.TemporaryDirectory(prefix="shared-audience-") as directory:
        writer = PartWriter(Path(directory), place.settings.part_rows)
        members, refused = await _write_members(writer, segment, batches)
        if refused:
            return WriteResult(members - len(refused), refused)
        if place.settings.keep_other_segments:
            await _write_others(writer, place, segment, written)
        parts = await asyncio.to_thread(writer.done)
        newest = written[0].timestamp if written else 0
        await _publish(place, replace(name, timestamp=max(_timestamp(place), newest + 1)), parts)
    return WriteResult(members)


async def _write_members(
    writer: PartWriter, segment: int, batches: AsyncIterator[TargetBatch]
) -> tuple[int, tuple[Refusal, ...]]:
    members, refused = 0, []
    async for batch in batches:
        bad = pc.fill_null(
            pc.or_(pc.equal(batch.targets, ""), pc.match_substring_regex(batch.targets, _NOT_IN_A_LINE)), True
        )
        refused += [
            Refusal(members + index, "not-in-a-line", _REFUSED) for index in pc.indices_nonzero(bad).to_pylist()
        ]
        members += len(batch)
        lines = pc.binary_join_element_wise(batch.targets.filter(pc.invert(bad)), str(segment), "\t")
        await asyncio.to_thread(writer.write, lines)
    return members, tuple(refused)


async def _write_others(writer: PartWriter, place: Place, segment: int, batches: list[Batch]) -> None:
    for batch in batches:
        if not await is_complete(place.bucket, batch):
            continue
        for _, part in sorted(batch.parts.items()):
            pieces = place.bucket.read(part.key)
            content = gunzip(pieces) if part.key.endswith(".gz") else pieces
            async for lines in line_blocks(content, limit=MAX_LINE_BYTES):
                await asyncio.to_thread(_write_kept, writer, lines, segment)
        return


def _write_kept(writer: PartWriter, lines: pa.BinaryArray, segment: int) -> None:
    writer.write(without_segment(lines, segment))


async def _publish(place: Place, name: OutboundName, parts: list[Part]) -> None:
    names = template(place.settings)
    listed = [
        ListedFile(name=names.write(replace(name, split=number)), size=part.size, lines=part.lines, md5=part.md5)
        for number, part in enumerate(parts)
    ]
    root = names.write(name).removesuffix(".sync.gz")
    written: list[str] = []
    try:
        if place.settings.control_file:
            written.append(f"{place.settings.import_prefix}{root}.info")
            await place.bucket.write(written[-1], control_file(root, listed))
        for file, part in zip(listed, parts, strict=True):
            written.append(f"{place.settings.import_prefix}{file.name}")
            await place.bucket.write(written[-1], part.content())
    except GatewayError:
        for key in written:
            with suppress(GatewayError):  # an incomplete batch is not read anyway
                await place.bucket.delete(key)
        raise


def _timestamp(place: Place) -> int:
    unit = (
        timedelta(milliseconds=1) if place.settings.timestamp_digits == _MILLISECONDS_DIGITS else timedelta(seconds=1)
    )
    return (place.now - _EPOCH) // unit
