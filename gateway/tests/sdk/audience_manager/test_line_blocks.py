from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from audience_gateway.sdk.audience_manager.line_blocks import line_blocks
from hypothesis import given
from hypothesis import strategies as st


async def pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def lines(data: bytes, size: int, limit: int = 1000) -> list[bytes]:
    return [line async for block in line_blocks(pieces(data, size), limit=limit) for line in block.to_pylist()]


@given(st.text("ab\r\n", max_size=40).map(str.encode), st.integers(1, 50))
async def test_lines_are_the_same_however_the_bytes_are_cut(data, size):
    expected = [line.removesuffix(b"\r") for line in data.removesuffix(b"\n").split(b"\n")] if data else []
    assert await lines(data, size) == expected


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_of_a_line_beyond_the_limit_only_its_beginning_is_kept(size):
    first, long, last = await lines(b"a\n" + b"b" * 100 + b"\r\nc\n", size, limit=10)
    assert (first, last) == (b"a", b"c")
    assert len(long) > 10
    assert set(long) == set(b"b")
