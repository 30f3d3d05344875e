"""What has to hold for Audience Manager's files whatever the bytes: a line is one row, and read as simply as can be.

Each property takes bytes, of which the first few choose among variants, and raises `Broken` if it does not hold.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pyarrow as pa
from audience_gateway.sdk import DataSource, Permanent, ReadRequest, TargetBatch
from audience_gateway.sdk.audience_manager.control_files import ListedFile, control_file, parse_control_file
from audience_gateway.sdk.audience_manager.id_sync_lines import id_sync_rows
from audience_gateway.sdk.audience_manager.id_sync_names import IdSyncKind, IdSyncName
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.inbound_keys import InboundKey
from audience_gateway.sdk.audience_manager.inbound_lines import InboundLine, RealiseTrait
from audience_gateway.sdk.audience_manager.inbound_names import InboundName, Mode
from audience_gateway.sdk.audience_manager.inbound_statements import LineKind, statements
from audience_gateway.sdk.audience_manager.inbound_writing import Statement, write_stream
from audience_gateway.sdk.audience_manager.line_blocks import line_blocks
from audience_gateway.sdk.audience_manager.line_layouts import LineTemplate
from audience_gateway.sdk.audience_manager.name_faults import name_fault
from audience_gateway.sdk.audience_manager.outbound_folders import OutboundFolder
from audience_gateway.sdk.audience_manager.outbound_lines import changes
from audience_gateway.sdk.audience_manager.outbound_names import NameTemplate, SyncMode
from audience_gateway.sdk.audience_manager.outbound_reading import read_members
from memory_bucket import MemoryBucket
from simple_readers import Row, read_id_sync, read_inbound, read_outbound, split_lines

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TRAIT = 24
_SOURCE = DataSource(name="crm", id_type="declared_id", aam_data_source_id=478, aam_destination_id=4711)
_ROOT = "S3_4711_478_{mode}_1767225600000.sync"
_SYNCS = (
    IdSyncName(kind=IdSyncKind.DEVICES, data_source_ids=(123, 898), timestamp=0),
    IdSyncName(kind=IdSyncKind.DEVICES, data_source_ids=(0, 898), timestamp=0),
    IdSyncName(kind=IdSyncKind.HASHED_EMAILS, data_source_ids=(999999, 987654), timestamp=0),
)
_TEMPLATES = (
    LineTemplate(),
    LineTemplate(separator=" "),
    LineTemplate.of("<PID>|<REMOVED_SEGMENT_LIST>|<MCID>|<SEGMENT_LIST>", list_separator=";"),
)


class Broken(Exception):
    """A property does not hold."""


async def inbound_lines(choice: int, data: bytes) -> None:
    """Lines of inbound files, in every kind of file."""
    kind = LineKind(Mode.OVERWRITE if choice & 1 else Mode.SYNC, bool(choice & 2), bool(choice & 4))
    found: list[Row] = []
    async for block in _blocks(choice, data):
        said = statements(block, TRAIT, kind)
        found += _rows(said.ids, said.added, said.removed, said.defects)
    _equal(found, [read_inbound(line, TRAIT, kind) for line in split_lines(data)])


async def outbound_lines(choice: int, data: bytes) -> None:
    """Lines of outbound files, by several templates."""
    template, full = _TEMPLATES[choice % 3], bool(choice & 8)
    found: list[Row] = []
    async for block in _blocks(choice, data):
        said = changes(block, template=template, segment=TRAIT, full=full)
        found += _rows(said.ids, said.added, said.removed, said.defects)
    _equal(found, [read_outbound(line, TRAIT, template, full=full) for line in split_lines(data)])


async def id_sync_lines(choice: int, data: bytes) -> None:
    """Lines of id-synchronisation files."""
    name = _SYNCS[choice % 3]
    found: list[tuple[list[str] | None, str | None]] = []
    async for block in _blocks(choice, data):
        rows = id_sync_rows(block, name)
        found += zip(rows.ids.to_pylist(), rows.defects.to_pylist(), strict=True)
    _equal(found, [read_id_sync(line, name) for line in split_lines(data)])


async def names(choice: int, data: bytes) -> None:
    """Names of all kinds: read or not, and what is read can be written."""
    text = data.decode(errors="replace")
    inbound, sync, key = InboundName.parse(text), IdSyncName.parse(text), InboundKey.parse(text)
    InboundName.parse(text, lenient=True)
    for name in filter(None, (inbound, sync, key)):
        _equal(type(name).parse(str(name)), name)
    sound = sync is not None or (inbound is not None and not inbound.encryption)
    _equal(not name_fault(text), sound)
    template = NameTemplate((10, 13, 14)[choice % 3], extension="csv" if choice & 8 else "sync")
    outbound = template.parse(text)
    if outbound is not None:
        _equal(template.parse(template.write(outbound)), outbound)
    template.parse_info(text)


async def layouts(choice: int, data: bytes) -> None:
    """Layouts of names and lines: understood, or refused by a ValueError."""
    del choice
    text = data.decode(errors="replace")
    for understand in (lambda: NameTemplate(layout=text), lambda: LineTemplate.of(text)):
        try:
            understand()
        except ValueError:
            continue


async def control_files(choice: int, data: bytes) -> None:
    """Control files: read or not, and what is read can be written."""
    del choice
    found = parse_control_file(data)
    if found is not None:
        _equal(parse_control_file(control_file("S3", list(found.values()))), found)


async def outbound_batches(choice: int, data: bytes) -> None:
    """A batch of one part, sound or damaged, with or without its control file: all of its rows, or one error.

    The batch is of all users or of changes, which also tell who left.
    """
    template, mode = _TEMPLATES[choice % 3], SyncMode.ITER if choice & 8 else SyncMode.FULL
    part = _ROOT.format(mode=mode)
    bucket = MemoryBucket(piece_bytes=1 + choice)
    stored = gzip.compress(data, 1, mtime=0) if choice & 32 else data
    if choice & 64:
        stored = stored[: len(stored) * 2 // 3]
    name = f"{part}.gz" if choice & 32 or choice & 16 else part
    bucket.objects[name] = stored
    if choice & 128:
        listed = ListedFile(name=name, size=len(stored), lines=len(split_lines(data)), md5=_md5(stored))
        bucket.objects[part.replace(".sync", ".info")] = control_file("S3", [listed])
    folder = OutboundFolder(bucket=bucket, lines=template, sync_mode=mode)
    request = ReadRequest(audience="24", source=_SOURCE)
    found: list[tuple[str | None, bool, str | None]] = []
    try:
        async for page in read_members(folder, TRAIT, request, NOW):
            found += [(row["id"], row["leaves"], row["defect"]) for row in page.members.columns.to_pylist()]
    except Permanent:
        return
    content = stored if name == part else gzip.decompress(stored) if stored else b""
    rows = [read_outbound(line, TRAIT, template, full=mode is SyncMode.FULL) for line in split_lines(content)]
    _equal(found, [(id_, left, defect) for id_, added, left, defect in rows if added or left or defect])


async def inbound_files(choice: int, data: bytes) -> None:
    """Members written as inbound files: each of them in one line or refused, and a repeat changes nothing."""
    members = data.decode(errors="replace").split("\x1f")
    bucket = MemoryBucket()
    folder = InboundFolder(bucket=bucket, part_bytes=1 + choice * 16, dated=bool(choice & 1))
    statement = Statement(source=_SOURCE, item=RealiseTrait(TRAIT), key="1/add-00000")

    async def batches() -> AsyncIterator[TargetBatch]:
        for start in range(0, len(members), 1 + choice):
            yield TargetBatch.of(members[start : start + 1 + choice])

    result = await write_stream(folder, statement, batches(), NOW)
    refused = {refusal.index for refusal in result.refused}
    written = dict(bucket.objects)
    lines = [line for content in written.values() for line in gzip.decompress(content).decode().split("\n")[:-1]]
    accepted = [member for index, member in enumerate(members) if index not in refused]
    _equal(result.accepted, len(accepted))
    _equal(sorted(lines), sorted(f"{member}\td_sid={TRAIT}" for member in accepted))
    _equal(all(InboundLine.parse(line) for line in lines), True)
    _equal(await write_stream(folder, statement, batches(), NOW), result)
    _equal(bucket.objects, written)


PROPERTIES: tuple[Callable[[int, bytes], object], ...] = (
    inbound_lines,
    outbound_lines,
    id_sync_lines,
    names,
    layouts,
    control_files,
    outbound_batches,
    inbound_files,
)


def check(runner: asyncio.Runner, data: bytes) -> None:
    """Checks the property and the variant of it that the first two bytes choose, with the others."""
    if len(data) > 1:
        prop = PROPERTIES[data[0] % len(PROPERTIES)]
        runner.run(prop(data[1], data[2:]))


async def _blocks(choice: int, data: bytes) -> AsyncIterator[pa.BinaryArray]:
    size = 1 + choice * 7

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), size):
            yield data[start : start + size]

    async for block in line_blocks(pieces(), limit=102_400):
        yield block


def _rows(*columns: pa.Array) -> list[Row]:
    return list(zip(*(column.to_pylist() for column in columns), strict=True))


def _equal(found: object, expected: object) -> None:
    if found != expected:
        raise Broken(f"found {found!r}, expected {expected!r}")


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
