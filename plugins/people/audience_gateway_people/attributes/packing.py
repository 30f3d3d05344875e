"""Compresses data files, the same content to the same bytes, and reads them again as they come."""

from __future__ import annotations

import asyncio
import gzip
import io
import zipfile
import zlib
from collections.abc import AsyncGenerator, AsyncIterator

from audience_gateway.sdk import BrokenGzip, gunzip

from audience_gateway_people.attributes.file_names import DataName
from audience_gateway_people.attributes.settings import Compression

_LOCAL_HEADER = b"PK\x03\x04"
_HEADER_BYTES = 30
_DEFLATED = 8
_PIECE_BYTES = 4 * 1024 * 1024


class BrokenArchive(Exception):
    """The bytes are not the compressed data file that its name says."""


def packed(content: bytes, name: DataName) -> bytes:
    """The bytes to upload. An archive has exactly one file (people-and-ids 8.1)."""
    if name.compression is Compression.GZIP:
        return gzip.compress(content, mtime=0)
    if name.compression is Compression.NONE:
        return content
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(zipfile.ZipInfo(name.plain), content, zipfile.ZIP_DEFLATED)  # a ZipInfo has a fixed time
    return archive.getvalue()


async def unpacked(pieces: AsyncIterator[bytes], name: DataName) -> AsyncGenerator[bytes, None]:
    """The lines of a data file, in pieces. Raises BrokenArchive behind what could be read."""
    try:
        opened = {Compression.NONE: _same, Compression.GZIP: gunzip, Compression.ZIP: _unzip}[name.compression]
        async for piece in opened(pieces):
            yield piece
    except (BrokenGzip, zlib.error) as error:
        raise BrokenArchive from error


async def _same(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        yield piece


async def _unzip(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The first file of an archive: its directory stands at the end, and nobody waits for that."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    data = b""
    while (start := _content_start(data)) is None:
        data += await _next(pieces)
    data = data[start:]
    while not stream.eof:
        data = data or await _next(pieces)
        yield await asyncio.to_thread(stream.decompress, data, _PIECE_BYTES)
        data = stream.unconsumed_tail


async def _next(pieces: AsyncIterator[bytes]) -> bytes:
    piece = await anext(pieces, None)
    if piece is None:
        raise BrokenArchive
    return piece


def _content_start(begun: bytes) -> int | None:
    """Where the content of the first file begins; None if that is not known yet."""
    if len(begun) < _HEADER_BYTES:
        return None
    method = int.from_bytes(begun[8:10], "little")
    if not begun.startswith(_LOCAL_HEADER) or method != _DEFLATED:
        raise BrokenArchive
    start = _HEADER_BYTES + int.from_bytes(begun[26:28], "little") + int.from_bytes(begun[28:30], "little")
    return start if len(begun) >= start else None
