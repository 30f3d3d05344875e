"""Uploads a data file, then the empty file that says it is complete; a repeat changes nothing (people-and-ids 8.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pyarrow as pa
from audience_gateway.sdk import Bucket, Permanent

from audience_gateway_people.attributes.file_names import FAILED, PROCESSED, DataName
from audience_gateway_people.attributes.limits import MOST_FILE_BYTES
from audience_gateway_people.attributes.lines import data_lines
from audience_gateway_people.attributes.packing import packed


async def upload(bucket: Bucket, name: DataName, header: Sequence[str], columns: Sequence[pa.StringArray]) -> None:
    """Uploads rows under a name, unless they are there: waiting, processed or failed.

    Raises Permanent if the file would be larger than Adobe takes it.
    """
    if await _was_completed(bucket, name):
        return
    content = await asyncio.to_thread(_content, header, columns)
    if len(content) > MOST_FILE_BYTES:
        raise Permanent(
            f"the file would have {len(content)} bytes, and Adobe takes {MOST_FILE_BYTES}",
            place=bucket.url,
            remedy="Set `members_a_file` lower.",
        )
    await bucket.write(str(name), await asyncio.to_thread(packed, content, name))
    await bucket.write(name.completed, b"")


async def _was_completed(bucket: Bucket, name: DataName) -> bool:
    keys = (name.completed, f"{PROCESSED}{name}", f"{FAILED}{name}")
    return any([await bucket.head(key) is not None for key in keys])


def _content(header: Sequence[str], columns: Sequence[pa.StringArray]) -> bytes:
    return data_lines([pa.array([name]) for name in header]) + data_lines(columns)
