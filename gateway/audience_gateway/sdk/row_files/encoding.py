"""Whether bytes are text, and text of other encodings as UTF-8."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import AsyncIterator

UTF_8 = "utf-8"
_NO_TEXT = b"\xff"


def is_utf8(text: bytes) -> bool:
    """Whether the bytes are valid UTF-8."""
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


class NoByteOrder(Exception):
    """Text whose encoding leaves the order of bytes to a mark has no such mark."""


async def as_utf8(pieces: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """Text of another encoding as UTF-8; what is no text becomes bytes that are no UTF-8, so that its row tells.

    Raises NoByteOrder.
    """
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")

    def recoded(piece: bytes, *, last: bool) -> bytes:
        try:
            return decoder.decode(piece, last).encode(UTF_8, "surrogatepass")
        except UnicodeDecodeError:  # ends within a character
            return _NO_TEXT
        except UnicodeError as error:
            raise NoByteOrder from error

    async for piece in pieces:
        if text := await asyncio.to_thread(recoded, piece, last=False):
            yield text
    if text := recoded(b"", last=True):
        yield text
