"""Cuts a stream of bytes into blocks of whole lines, in bounded memory however long a line is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pyarrow as pa
import pyarrow.compute as pc


async def line_blocks(pieces: AsyncIterator[bytes], *, limit: int) -> AsyncIterator[pa.BinaryArray]:
    """Lines without LF and without CR before it, blank ones too, some thousands at a time.

    Args:
        pieces: the bytes, cut anywhere.
        limit: of a line that is longer only the first `limit` bytes and some more are kept.
    """
    kept, begun = limit + 2, False
    carry = b""
    async for piece in pieces:
        begin, end = piece.find(b"\n"), piece.rfind(b"\n")
        if end < 0:
            carry += piece[: kept - len(carry)] if len(carry) < kept else b""
            begun = begun or bool(piece)
            continue
        head = carry + piece[: max(0, kept - len(carry))][:begin]
        yield _lines(head + piece[begin:end])
        carry, begun = piece[end + 1 :][:kept], end + 1 < len(piece)
    if begun:
        yield _lines(carry)


def _lines(block: bytes) -> pa.BinaryArray:
    lines = pc.split_pattern(pa.array([block], pa.binary()), "\n").values
    if b"\r" not in block:
        return lines
    return pc.if_else(pc.ends_with(lines, "\r"), pc.binary_slice(lines, 0, -1), lines)
