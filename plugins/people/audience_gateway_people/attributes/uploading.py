"""Uploads a data file, then the empty file that says it is complete; a repeat changes nothing (people-and-ids 8.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pyarrow as pa
from audience_gateway.sdk import Bucket, Permanent, Transient

from audience_gateway_people.attributes.account import FileState, look
from audience_gateway_people.attributes.file_names import FAILED, PROCESSED, DataName, is_of_same_transfer
from audience_gateway_people.attributes.limits import MOST_FILE_BYTES
from audience_gateway_people.attributes.lines import data_lines
from audience_gateway_people.attributes.packing import packed


async def upload(bucket: Bucket, name: DataName, header: Sequence[str], columns: Sequence[pa.StringArray]) -> None:
    """Uploads rows under a name, unless they are there: waiting, processed or failed.

    Raises Permanent if the file would be larger than Adobe takes it.
    """
    if await was_completed(bucket, name):
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


async def refuse_to_overtake(bucket: Bucket, alias_id: str, key: str) -> None:
    """Raises Transient while a file of another transfer waits: no order between files is promised.

    Within a transfer none is needed, since a customer is in one of its files only.
    """
    for file in (await look(bucket)).of(FileState.WAITING):
        if not is_of_same_transfer(file.name, alias_id, key):
            raise Transient(
                f"{file.name} of an earlier upload has not been processed yet, and may be processed after a later one",
                place=bucket.url,
                remedy="Share again when it is in `processed/`, or set `wait_for_earlier = false`.",
                sent=False,
            )


async def was_completed(bucket: Bucket, name: DataName) -> bool:
    """Whether a file of that name was uploaded whole."""
    keys = (name.completed, f"{PROCESSED}{name}", f"{FAILED}{name}")
    return any([await bucket.head(key) is not None for key in keys])


def _content(header: Sequence[str], columns: Sequence[pa.StringArray]) -> bytes:
    return data_lines([pa.array([name]) for name in header]) + data_lines(columns)
