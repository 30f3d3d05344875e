"""Looks into data files: what their columns are, and what is wrong with one that Adobe could not read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import Bucket

from audience_gateway_people.attributes.account import DataFile
from audience_gateway_people.attributes.packing import BrokenArchive, unpacked
from audience_gateway_people.attributes.rows import DEFECTS, LONGEST_ROW, DataRows, first_row, read_rows
from audience_gateway_people.attributes.settings import CustomerAttributesSettings
from audience_gateway_people.attributes.values import refused


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a data file.

    Attributes:
        row: which row, counted from 1 behind the header; 0 for the header or the file as a whole.
        text: what is wrong, without values of anybody.
    """

    row: int
    text: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.text}" if self.row else self.text


async def header_of(bucket: Bucket, file: DataFile) -> list[str] | None:
    """The names of a file's columns; None if it has no header that can be read."""
    data = b""
    try:
        async with aclosing(unpacked(bucket.read(file.stored.key), file.name)) as pieces:
            async for piece in pieces:
                data += piece
                if found := first_row(data, last=False):
                    return found[0]
                if len(data) > LONGEST_ROW:
                    return None
    except BrokenArchive:
        return None
    found = first_row(data, last=True)
    return found[0] if found else None


async def first_finding(bucket: Bucket, file: DataFile, settings: CustomerAttributesSettings) -> Finding | None:
    """The first thing that is wrong with a data file, by the rules that are known; None if nothing is."""
    if (await header_of(bucket, file)) != settings.header:
        return Finding(0, "its header is not that of the configured attributes, or cannot be read")
    rows = 0
    try:
        async with aclosing(_blocks(bucket, file, len(settings.header))) as blocks:
            async for found in blocks:
                if finding := _finding(found, rows, settings):
                    return finding
                rows += len(found.defects)
    except BrokenArchive:
        return Finding(0, "it is damaged or ends too early")
    return None


async def _blocks(bucket: Bucket, file: DataFile, columns: int) -> AsyncGenerator[DataRows, None]:
    data, behind_header = b"", False
    async with aclosing(unpacked(bucket.read(file.stored.key), file.name)) as pieces:
        async for piece in pieces:
            data += piece
            if not behind_header:
                if (header := first_row(data, last=False)) is None:
                    continue
                data, behind_header = data[header[1] :], True
            found = await asyncio.to_thread(read_rows, data, columns, last=False)
            data = data[found.consumed :]
            yield found
    yield read_rows(data if behind_header else b"", columns, last=True)


def _finding(found: DataRows, before: int, settings: CustomerAttributesSettings) -> Finding | None:
    bad = pc.indices_nonzero(pc.is_valid(found.defects))
    if len(bad):
        index = bad[0].as_py()
        return Finding(before + index + 1, DEFECTS[found.defects[index].as_py()])
    attributes = pa.record_batch(list(found.columns[1:]), names=list(settings.attributes))
    for refusal in refused(found.columns[0], attributes, settings):
        return Finding(before + refusal.index + 1, refusal.detail)
    return None
