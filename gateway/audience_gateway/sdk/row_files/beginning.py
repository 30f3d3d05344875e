"""The beginning of a delimited file: byte order mark, header, and how many columns its rows have."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from audience_gateway.sdk.errors import Permanent
from audience_gateway.sdk.row_files.careful_reading import Fields
from audience_gateway.sdk.row_files.encoding import is_utf8
from audience_gateway.sdk.row_files.header import Column, positions
from audience_gateway.sdk.row_files.window import Window

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE = re.compile(rb"[^\r\n]+")
_EXAMINED_LINES = 1000

Layout = tuple[int, tuple[int, ...]]
"""How many columns a row has, and the positions of the wanted ones."""

Split = Callable[[bytes], Fields | None]
"""Cuts a line into its columns; None if a quote is not closed."""


async def skip_byte_order_mark(window: Window) -> None:
    """Moves the window behind a byte order mark, if it begins with one."""
    start, _ = await window.block(len(_BYTE_ORDER_MARK))
    if start.startswith(_BYTE_ORDER_MARK):
        window.consume(len(_BYTE_ORDER_MARK))


async def read_header(window: Window, size: int, key: str) -> bytes | None:
    """The line that names the columns; moves the window behind it.

    None for a file without any line, and for one that cannot be read as far as to the end of its first line.

    Raises Permanent for a line that is no text or does not end.
    """
    block, last = await window.block(size)
    line = _LINE.search(block)
    ends = line is not None and (last or line.end() < len(block))
    if line is None or (window.failure and not ends):
        return None
    if not ends or not is_utf8(line[0]) or b"\0" in line[0]:
        raise _no_header(key)
    window.consume(line.end())
    return line[0]


def names_in(header: bytes, split: Split, key: str) -> list[str]:
    """The names of the columns. Raises Permanent if a quote is not closed."""
    names = split(header)
    if names is None:
        raise _no_header(key)
    return [name.decode() for name in names]


async def examine(window: Window, size: int, split: Split, wanted: Sequence[Column], key: str) -> Layout:
    """The layout of a file without header: its first sound line tells how many columns a row has.

    Raises ConfigError for a wanted column that is not a number.
    """
    where = positions(None, wanted, key)
    block, _ = await window.block(size)
    lines = (line[0] for line, _ in zip(_LINE.finditer(block), range(_EXAMINED_LINES), strict=False))
    sound = (split(line) for line in lines if is_utf8(line) and b"\0" not in line)
    first = next((fields for fields in sound if fields is not None), [])
    return max(len(first), max(where) + 1), where


def _no_header(key: str) -> Permanent:
    return Permanent(
        "the header cannot be read", place=f"{key}:1", remedy="Begin the file with the names of its columns."
    )
