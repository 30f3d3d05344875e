"""Reads the members of a segment out of complete batches, one block of lines after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES
from audience_gateway.sdk.audience_manager.line_blocks import line_blocks
from audience_gateway.sdk.audience_manager.outbound_batches import Batch, fingerprint_of
from audience_gateway.sdk.audience_manager.outbound_completeness import complete, same
from audience_gateway.sdk.audience_manager.outbound_folders import OutboundFolder
from audience_gateway.sdk.audience_manager.outbound_lines import members
from audience_gateway.sdk.audience_manager.outbound_names import SyncMode
from audience_gateway.sdk.audience_manager.outbound_parts import Part, content, is_unchanged
from audience_gateway.sdk.connectors import ReadRequest
from audience_gateway.sdk.errors import Permanent
from audience_gateway.sdk.gzip_stream import BrokenGzip
from audience_gateway.sdk.members import MemberBatch, MemberPage


class Position(BaseModel):
    """Where reading goes on; as JSON it is the resume token.

    Attributes:
        batch: fingerprint of the batches.
        part: index of the part, among those of all of them.
        lines: lines of the part that are done with.
    """

    model_config = ConfigDict(frozen=True)

    batch: str
    part: int = 0
    lines: int = 0


async def read_members(
    folder: OutboundFolder, segment: int, request: ReadRequest, now: datetime
) -> AsyncGenerator[MemberPage, None]:
    """The lines of a segment, and those that cannot be read, page by page; changes in the order of their timestamps.

    Raises Permanent if there is no complete batch, a part cannot be read, or a batch changed since reading began.
    """
    batches: Sequence[Batch] | None
    if request.after is None:
        batches = await complete(folder, request.source, now)
        position = Position(batch=fingerprint_of(batches))
    else:
        position = Position.model_validate_json(request.after)
        batches = await same(folder, request.source, position.batch)
    if batches is None:
        raise _changed(folder.bucket.url)
    parts = [part for batch in batches for part in batch.parts]
    read = partial(members, template=folder.lines, segment=segment, full=folder.sync_mode is SyncMode.FULL)
    for index in range(position.part, len(parts)):
        begin = position if index == position.part else Position(batch=position.batch, part=index)
        async with aclosing(_part(folder, parts[index], begin, read)) as pages:
            async for page in pages:
                yield page


async def _part(
    folder: OutboundFolder, part: Part, begin: Position, read: Callable[[pa.BinaryArray], MemberBatch]
) -> AsyncGenerator[MemberPage, None]:
    """The pages of a part; the last one is held back until the part is known to be still the one that was listed."""
    passed = 0
    held: MemberPage | None = None
    try:
        async for block in line_blocks(content(folder.bucket, part), limit=MAX_LINE_BYTES):
            lines = block[max(0, begin.lines - passed) :]
            passed += len(block)
            rows = await asyncio.to_thread(read, lines)
            if len(rows):
                if held is not None:
                    yield held
                token = begin.model_copy(update={"lines": passed}).model_dump_json()
                held = MemberPage(rows, token, encoded=True)
    except BrokenGzip as error:
        raise _unreadable(f"{folder.place_of(part.stored.key)}:{passed + 1}") from error
    if not await is_unchanged(folder.bucket, part):
        raise _changed(folder.place_of(part.stored.key))
    if held is not None:
        yield held


def _changed(place: str) -> Permanent:
    return Permanent(
        "the batch has changed or is gone while it was read", place=place, remedy="Share the audience again."
    )


def _unreadable(place: str) -> Permanent:
    return Permanent(
        "the file is no gzip, is damaged or ends too early",
        place=place,
        remedy="Have Audience Manager deliver it again.",
    )
