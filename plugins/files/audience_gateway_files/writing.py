"""Writes the members of an audience as one file."""

from __future__ import annotations

import asyncio
import io
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from audience_gateway.sdk import TargetBatch
from audience_gateway.sdk.row_files.formats import Format, Kind
from pyarrow import csv

_GZIP = 31
_PIECE_BYTES = 8 * 1024 * 1024


async def encode_members(
    batches: AsyncIterator[TargetBatch], format_: Format, *, column: str, header: bool, delimiter: str
) -> AsyncIterator[bytes]:
    """The bytes of a file with these members.

    Args:
        batches: the members.
        format_: format of the file.
        column: name of the file's only column.
        header: whether delimited text begins with the name.
        delimiter: the character between columns, which ids that hold it are quoted for.
    """
    if format_.kind is Kind.PARQUET:
        plain = _parquet(batches, column)
    else:
        plain = _delimited(batches, column if header else None, delimiter)
    async for piece in _gzipped(plain) if format_.gzipped else plain:
        if piece:
            yield piece


async def _delimited(batches: AsyncIterator[TargetBatch], column: str | None, delimiter: str) -> AsyncIterator[bytes]:
    if column is not None:
        yield _lines(pa.array([column]), delimiter)
    async for batch in batches:
        yield await asyncio.to_thread(_lines, batch.targets, delimiter)


def _lines(values: pa.StringArray, delimiter: str) -> bytes:
    """One line a value; quoted only where a value of the column needs it."""
    table = pa.table({"id": values})
    for quoting in ("none", "all_valid"):
        sink = io.BytesIO()
        try:
            csv.write_csv(
                table, sink, csv.WriteOptions(include_header=False, delimiter=delimiter, quoting_style=quoting)
            )
        except pa.ArrowInvalid:
            continue
        return sink.getvalue()
    raise ValueError("a column of text can always be quoted")


async def _parquet(batches: AsyncIterator[TargetBatch], column: str) -> AsyncIterator[bytes]:
    schema = pa.schema([pa.field(column, pa.string())])
    with TemporaryDirectory(prefix="audience-gateway-files-") as directory:
        copy = Path(directory) / "copy.parquet"
        with pq.ParquetWriter(copy, schema, compression="snappy") as writer:
            async for batch in batches:
                await asyncio.to_thread(writer.write_table, pa.table([batch.targets], schema=schema))
        with copy.open("rb") as source:
            while piece := await asyncio.to_thread(source.read, _PIECE_BYTES):
                yield piece


async def _gzipped(plain: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    stream = zlib.compressobj(level=6, wbits=_GZIP)
    async for piece in plain:
        yield await asyncio.to_thread(stream.compress, piece)
    yield await asyncio.to_thread(stream.flush)
