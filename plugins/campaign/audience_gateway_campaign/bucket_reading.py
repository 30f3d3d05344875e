"""Reads the members of a shared audience out of Campaign's exports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import BrokenGzip, Bucket, MemberBatch, MemberPage, Permanent, ReadRequest, gunzip
from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES
from audience_gateway.sdk.audience_manager.inbound_statements import LineKind, Statements, statements
from audience_gateway.sdk.audience_manager.line_blocks import line_blocks
from pydantic import BaseModel, ConfigDict

from audience_gateway_campaign.bucket_exports import ExportFile, exported_files, fingerprint
from audience_gateway_campaign.bucket_ids import data_source_id
from audience_gateway_campaign.bucket_settings import BucketSettings


class Position(BaseModel):
    """Where reading goes on; as JSON it is the resume token.

    Attributes:
        files: fingerprint of all files.
        file: index of the file.
        lines: lines of the file that are done with.
    """

    model_config = ConfigDict(frozen=True)

    files: str
    file: int = 0
    lines: int = 0


@dataclass(frozen=True, slots=True)
class _Block:
    """What some lines of a file say; `first` is the number of the first one."""

    said: Statements
    file: int
    first: int

    @property
    def end(self) -> int:
        """The number of the first line behind it."""
        return self.first + len(self.said.ids)


Removals = dict[str, tuple[int, int]]
"""Where an id was removed last: file and line."""


async def read_exported(
    bucket: Bucket, settings: BucketSettings, trait: int, request: ReadRequest, now: datetime
) -> AsyncGenerator[MemberPage, None]:
    """Read the lines that add the trait and were not taken back later, and those that cannot be read.

    Raises Permanent if a file cannot be read or files changed since the last page, and what finding them raises.
    """
    files = await exported_files(bucket, settings, data_source_id(request.source), now)
    position = Position(files=fingerprint(files))
    if request.after is not None:
        before = Position.model_validate_json(request.after)
        if before.files != position.files:
            raise Permanent(
                "files came or changed while they were read", place=bucket.url, remedy="Share the audience again."
            )
        position = before
    removals = await _removals(bucket, files, trait)
    async with aclosing(_blocks(bucket, files, trait, position.file)) as blocks:
        async for block in blocks:
            done = position.lines - block.first if block.file == position.file else 0
            batch = await asyncio.to_thread(_members, block, removals, max(0, done))
            if len(batch):
                token = position.model_copy(update={"file": block.file, "lines": block.end})
                yield MemberPage(batch, token.model_dump_json(), encoded=True)


async def _removals(bucket: Bucket, files: Sequence[ExportFile], trait: int) -> Removals:
    removals: Removals = {}
    async with aclosing(_blocks(bucket, files, trait)) as blocks:
        async for block in blocks:
            for index in pc.indices_nonzero(block.said.removed).to_pylist():
                removals[block.said.ids[index].as_py()] = (block.file, block.first + index)
    return removals


async def _blocks(
    bucket: Bucket, files: Sequence[ExportFile], trait: int, begin: int = 0
) -> AsyncGenerator[_Block, None]:
    for number in range(begin, len(files)):
        file, line = files[number], 0
        kind = LineKind(file.name.mode, oracle_data_cloud=file.name.oracle_data_cloud)
        pieces = bucket.read(file.stored.key)
        try:
            async for lines in line_blocks(gunzip(pieces) if file.name.gzip else pieces, limit=MAX_LINE_BYTES):
                said = await asyncio.to_thread(statements, lines, trait, kind)
                yield _Block(said, number, line)
                line += len(lines)
        except BrokenGzip as error:
            raise Permanent(
                "the file is no gzip, is damaged or ends too early",
                place=f"{bucket.url.rstrip('/')}/{file.stored.key}:{line + 1}",
                remedy="Have Campaign export it again.",
            ) from error


def _members(block: _Block, removals: Removals, done: int) -> MemberBatch:
    said = block.said
    rows = pc.or_(said.added, pc.is_valid(said.defects))
    if removals:
        rows = pc.and_(rows, _standing(block, removals))
    if done:
        rows = pc.and_(rows, pa.array([index >= done for index in range(len(rows))], pa.bool_()))
    return MemberBatch.of(said.ids.filter(rows), defects=said.defects.filter(rows))


def _standing(block: _Block, removals: Removals) -> pa.BooleanArray:
    places = ((block.file, line) for line in range(block.first, block.end))
    return pa.array(
        [
            id_ is None or removals.get(id_, place) <= place
            for id_, place in zip(block.said.ids.to_pylist(), places, strict=True)
        ],
        pa.bool_(),
    )
