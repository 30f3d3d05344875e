"""The lines of an inbound file."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

LARGEST_CONTENT = 5 << 30
"""Bytes of an uncompressed file (audience-manager 3.2)."""

_GZIP = 16 + zlib.MAX_WBITS


class Unprocessable(ValueError):
    """A file that cannot be read as a whole; the text says why."""


def lines_of(content: bytes, *, is_gzip: bool) -> Iterator[tuple[int, bytes]]:
    """Go through the lines that are not blank, each with its number, the first being 1.

    Raises Unprocessable for a file that is empty, or not compressed as its name tells.
    """
    whole = _unpacked(content) if is_gzip else content
    lines = whole.split(b"\n")
    if all(not line.removesuffix(b"\r") for line in lines):
        raise Unprocessable("the file is empty")
    return ((number, line) for number, line in enumerate(lines, start=1) if line.removesuffix(b"\r"))


def _unpacked(content: bytes) -> bytes:
    unpacked, rest = b"", content
    try:
        while rest:
            member = zlib.decompressobj(_GZIP)
            unpacked += member.decompress(rest, LARGEST_CONTENT - len(unpacked) + 1)
            if len(unpacked) > LARGEST_CONTENT:
                raise Unprocessable(f"the file has more than {LARGEST_CONTENT} bytes")
            if not member.eof:
                raise Unprocessable("the compressed file is not whole")
            rest = member.unused_data
    except zlib.error:
        raise Unprocessable("the file is not compressed by gzip, as its name tells") from None
    return unpacked
