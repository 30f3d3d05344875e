"""What tells whether two chunks hold the same members."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from audience_gateway.sdk import MemberBatch

_WIDTH = 4


def content_hash(members: MemberBatch) -> str:
    """SHA-256 in hex: the same for the same rows in the same order, in whatever buffers and format they came."""
    digest = hashlib.sha256(_number(len(members)))
    for column in ("id", "defect"):
        for piece in _texts(members.columns.column(column)):
            digest.update(piece)
    digest.update(_positions(members.columns.column("opted_out")))
    leaves = members.columns.column("leaves")
    if leaves.true_count:  # so that chunks in which nobody leaves keep the hash that they always had
        digest.update(_number(leaves.true_count))
        digest.update(_positions(leaves))
    return digest.hexdigest()


def _texts(column: pa.StringArray) -> Iterator[bytes | memoryview]:
    yield _number(column.null_count)
    if column.null_count == len(column):
        return
    if column.null_count:  # a null is not an empty text, and may have any bytes behind it
        yield _positions(pc.is_null(column))
        column = pc.fill_null(column, "")
    yield _integers(pc.binary_length(column))
    offsets = memoryview(column.buffers()[1]).cast("i")
    first, end = offsets[column.offset], offsets[column.offset + len(column)]
    if end > first:
        yield memoryview(column.buffers()[2])[first:end]


def _positions(flags: pa.BooleanArray) -> memoryview:
    return _integers(pc.cast(pc.indices_nonzero(flags), pa.int32()))


def _integers(column: pa.Int32Array) -> memoryview:
    return memoryview(column.buffers()[1])[column.offset * _WIDTH : (column.offset + len(column)) * _WIDTH]


def _number(value: int) -> bytes:
    return value.to_bytes(8, "big")
