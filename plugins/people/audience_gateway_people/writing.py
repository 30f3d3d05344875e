"""Writes one inbound file for each change of an audience (audience-manager 3.2, 3.3).

A file is named after the data source, the time and, as the number of its part, a digest of the request's key. A repeat
finds the file of the first attempt by number and content, also when it was taken up in the meantime (`.processed`), and
leaves it as it is. Times grow from file to file, so that the order of names is that of writing.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from audience_gateway.sdk import Bucket, BucketObject, ConfigError, DataSource, Refusal, WriteRequest, WriteResult
from audience_gateway.sdk.audience_manager.inbound_lines import MAX_LINE_BYTES, RealiseTrait, RemoveTrait
from audience_gateway.sdk.audience_manager.inbound_names import GLOBAL_DEVICE_DATA_SOURCES, InboundName

_PROCESSED = ".processed"
_SPLIT_NUMBERS = 2**31 - 1
_LAST_TIMESTAMP = 9_999_999_999

_REFUSALS = {
    "ID_EMPTY": "The id is empty.",
    "ID_WITH_COLON": "Audience Manager takes no id that holds `:` or `%3A`.",
    "ID_WITH_CONTROL": "An id cannot hold TAB or newline.",
    "LINE_TOO_LONG": f"The line would be longer than {MAX_LINE_BYTES} bytes.",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where files are written to.

    Attributes:
        bucket: the export bucket.
        folder: folder in it, with a slash at its end; empty for none.
        now: the time, in UTC.
    """

    bucket: Bucket
    folder: str
    now: datetime


async def write(place: Place, request: WriteRequest, item: RealiseTrait | RemoveTrait) -> WriteResult:
    """Writes a line with the item for each member that can be written; the others are refused."""
    data_source = _data_source_id(request.source)
    ids, refused = await asyncio.to_thread(_sorted_out, request.batch.targets, len(str(item)) + 1)
    if ids:
        content = await asyncio.to_thread(_content, ids, str(item))
        await _write_once(place, data_source, request.key, content)
    return WriteResult(len(ids), refused)


def _data_source_id(source: DataSource) -> int:
    place = f"data_sources.{source.name}.aam_data_source_id"
    if not source.aam_data_source_id:
        raise ConfigError(
            "found no id, needed is Audience Manager's, which file names bear",
            place=place,
            remedy="Set it to the id that Audience Manager shows.",
        )
    if source.aam_data_source_id in GLOBAL_DEVICE_DATA_SOURCES:
        raise ConfigError(
            "found a global device data source, whose ids cannot be given traits by this connector",
            place=place,
            remedy="Use a data source of your own.",
        )
    return source.aam_data_source_id


def _sorted_out(targets: pa.StringArray, item_bytes: int) -> tuple[list[str], tuple[Refusal, ...]]:
    codes = pc.case_when(
        pc.make_struct(
            pc.fill_null(pc.equal(targets, ""), True),
            pc.fill_null(pc.match_substring_regex(targets, ":|%3[Aa]"), False),
            pc.fill_null(pc.match_substring_regex(targets, r"[\t\r\n]"), False),
            pc.fill_null(pc.greater(pc.binary_length(targets), MAX_LINE_BYTES - item_bytes), False),
        ),
        *(pa.scalar(code) for code in _REFUSALS),
        pa.scalar(None, pa.string()),
    )
    accepted = pc.is_null(codes)
    refused = tuple(
        Refusal(index, code, _REFUSALS[code]) for index, code in enumerate(codes.to_pylist()) if code is not None
    )
    return targets.filter(accepted).to_pylist(), refused


def _content(ids: list[str], item: str) -> bytes:
    ending = f"\t{item}\n"
    return gzip.compress((ending.join(ids) + ending).encode(), mtime=0)


async def _write_once(place: Place, data_source: int, request_key: str, content: bytes) -> None:
    digest = hashlib.sha256(request_key.encode()).digest()
    split = int.from_bytes(digest[:8], "big") % _SPLIT_NUMBERS + 1
    newest = 0
    async for stored in place.bucket.list(f"{place.folder}ftp_dpm_{data_source}_"):
        name = InboundName.parse(stored.key.removeprefix(place.folder).removesuffix(_PROCESSED))
        if name is None:
            continue
        if name.split == split and await _holds(place.bucket, stored, content):
            return
        newest = max(newest, name.timestamp)
    timestamp = min(max(int(place.now.timestamp()), newest + 1), _LAST_TIMESTAMP)
    name = InboundName(data_source_id=data_source, timestamp=timestamp, split=split, gzip=True)
    await place.bucket.write(f"{place.folder}{name}", content)


async def _holds(bucket: Bucket, stored: BucketObject, content: bytes) -> bool:
    # Two keys may have one number, however seldom; neither may then take the other's file for its own.
    return stored.size == len(content) and content == b"".join([piece async for piece in bucket.read(stored.key)])
