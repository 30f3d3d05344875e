"""The bytes of all values of a column, one value after the other: what works on bytes works on all at once."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_TWO = pa.scalar(2, pa.int32())


def data_of(column: pa.Array) -> memoryview:
    """The bytes of a column of texts or bytes without nulls."""
    _, offsets, data = column.buffers()
    ends = memoryview(offsets).cast("i")
    first, end = ends[column.offset], ends[column.offset + len(column)]
    return memoryview(data).cast("B")[first:end] if data else memoryview(b"")


def halved(column: pa.Array, data: bytes) -> pa.BinaryArray:
    """A column of other bytes, of which each value has half as many as in a column without nulls."""
    return _column(pc.divide(_offsets(column), _TWO), data, pa.binary())


def doubled(column: pa.Array, data: bytes) -> pa.StringArray:
    """A column of text, of which each value has twice as many bytes as in a column without nulls."""
    return _column(pc.multiply(_offsets(column), _TWO), data, pa.string())


def replaced(column: pa.Array, data: bytes | memoryview) -> pa.BinaryArray:
    """A column of other bytes, of which each value has as many as in a column without nulls."""
    return _column(_offsets(column), data, pa.binary())


def in_places(values: pa.Array, rows: pa.Array) -> pa.Array:
    """The values, one for each row that is not null, where these rows are; null elsewhere."""
    if not rows.null_count:
        return values
    return pc.replace_with_mask(pa.nulls(len(rows), values.type), pc.is_valid(rows), values)


def _offsets(column: pa.Array) -> pa.Int32Array:
    offsets = pa.Array.from_buffers(pa.int32(), len(column) + 1, [None, column.buffers()[1]], offset=column.offset)
    return pc.subtract(offsets, offsets[0])


def _column(offsets: pa.Int32Array, data: bytes | memoryview, type_: pa.DataType) -> pa.Array:
    return pa.Array.from_buffers(type_, len(offsets) - 1, [None, offsets.buffers()[1], pa.py_buffer(data)])
