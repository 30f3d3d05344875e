from __future__ import annotations

import gzip
import time
from collections.abc import AsyncIterator

import pytest
from audience_gateway.sdk import BrokenGzip, gunzip

CONTENT = bytes(range(256)) * 100


async def pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def content(data: bytes, size: int = 7) -> bytes:
    return b"".join([part async for part in gunzip(pieces(data, size))])


@pytest.mark.parametrize("size", [1, 7, 1_000_000])
async def test_content_comes_back_however_it_is_cut(size):
    assert await content(gzip.compress(CONTENT), size) == CONTENT


async def test_several_members_are_one_content():
    assert await content(gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two")) == b"one two"


async def test_zeros_may_pad_the_end():
    assert await content(gzip.compress(CONTENT, mtime=0) + b"\0" * 20) == CONTENT


async def test_zeros_may_stand_between_members():
    assert await content(gzip.compress(b"one ") + b"\0" * 2000 + gzip.compress(b"two"), 1_000_000) == b"one two"


async def test_many_small_members_take_no_longer_than_their_bytes():
    data = (gzip.compress(b"", mtime=0) + gzip.compress(b"a", mtime=0)) * 200_000
    began = time.process_time()
    assert await content(data, len(data)) == b"a" * 200_000
    assert time.process_time() - began < 10  # less than one; half a minute if what is left were copied each time


async def test_nothing_has_no_content():
    assert await content(b"") == b""


async def test_much_content_comes_in_bounded_pieces():
    sizes = [len(part) async for part in gunzip(pieces(gzip.compress(bytes(20_000_000)), 1_000_000))]
    assert sum(sizes) == 20_000_000
    assert max(sizes) <= 1024 * 1024


async def test_what_stands_before_the_damage_is_read():
    parts = gunzip(pieces(gzip.compress(b"sound", mtime=0) + b"broken", 1_000))
    assert await anext(parts) == b"sound"
    with pytest.raises(BrokenGzip):
        await anext(parts)


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(CONTENT, mtime=0)[:-1],
        gzip.compress(CONTENT, mtime=0)[:5],
        gzip.compress(CONTENT, mtime=0) + b"more",
        gzip.compress(CONTENT, mtime=0)[:-8] + bytes(8),
        b"plain text",
    ],
)
async def test_what_is_no_gzip_is_broken(data):
    with pytest.raises(BrokenGzip):
        await content(data)
