"""Reads the members of a segment out of the newest complete batch, one block of lines after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import datetime
from functools import partial

import pyarrow as pa
from audience_gateway.sdk import BrokenGzip, Bucket, DataSource, MemberBatch, MemberPage, Permanent, ReadRequest
from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES
from audience_gateway.sdk.audience_manager.line_blocks import line_blocks
from pydantic import BaseModel, ConfigDict

from audience_gateway_people.batches import Batch
from audience_gateway_people.completeness import batches_of, newest_complete
from audience_gateway_people.outbound_lines import members
from audience_gateway_people.parts import Part, content
from audience_gateway_people.settings import PeopleSettings


class Position(BaseModel):
    """Where reading goes on; as JSON it is the resume token.

    Attributes:
        batch: fingerprint of the batch.
        part: index of the part.
        lines: lines of the part that are done with.
    """

    model_config = ConfigDict(frozen=True)

    batch: str
    part: int = 0
    lines: int = 0


async def read_members(
    bucket: Bucket, settings: PeopleSettings, segment: int, request: ReadRequest, now: datetime
) -> AsyncGenerator[MemberPage, None]:
    """The lines of a segment, and those that cannot be read, page by page.

    Raises Permanent if there is no complete batch, a part cannot be read, or the batch changed since the last page.
    """
    if request.after is None:
        batch = await newest_complete(bucket, settings, request.source, now)
        position = Position(batch=batch.fingerprint)
    else:
        position = Position.model_validate_json(request.after)
        batch = await _same_batch(bucket, settings, request.source, position)
    read = partial(members, separator=settings.id_separator, segment=segment)
    for index in range(position.part, len(batch.parts)):
        begin = position if index == position.part else Position(batch=position.batch, part=index)
        async with aclosing(_part(bucket, batch.parts[index], begin, read)) as pages:
            async for page in pages:
                yield page


async def _same_batch(bucket: Bucket, settings: PeopleSettings, source: DataSource, position: Position) -> Batch:
    for batch in await batches_of(bucket, settings, source):
        if batch.fingerprint == position.batch:
            return batch
    raise Permanent(
        "the batch has changed or is gone while it was read", place=bucket.url, remedy="Share the audience again."
    )


async def _part(
    bucket: Bucket, part: Part, begin: Position, read: Callable[[pa.BinaryArray], MemberBatch]
) -> AsyncGenerator[MemberPage, None]:
    passed = 0
    try:
        async for block in line_blocks(content(bucket, part), limit=MAX_LINE_BYTES):
            lines = block[max(0, begin.lines - passed) :]
            passed += len(block)
            rows = await asyncio.to_thread(read, lines)
            if len(rows):
                yield MemberPage(rows, begin.model_copy(update={"lines": passed}).model_dump_json(), encoded=True)
    except BrokenGzip as error:
        raise _unreadable(bucket, part, passed) from error


def _unreadable(bucket: Bucket, part: Part, passed: int) -> Permanent:
    return Permanent(
        "the file is no gzip, is damaged or ends too early",
        place=f"{bucket.url.rstrip('/')}/{part.stored.key}:{passed + 1}",
        remedy="Have Audience Manager deliver it again.",
    )
