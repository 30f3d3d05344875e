"""Writes the members of an audience as one file."""

from __future__ import annotations

import asyncio
import io
import zlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from audience_gateway.sdk import TargetBatch
from audience_gateway.sdk.row_files.formats import Format, Kind
from pyarrow import csv

from audience_gateway_files.layout import Layout

_GZIP = 31
_PIECE_BYTES = 8 * 1024 * 1024


async def encode_members(batches: AsyncIterator[TargetBatch], format_: Format, layout: Layout) -> AsyncIterator[bytes]:
    """The bytes of a file of that format with these members."""
    plain = _parquet(batches, layout) if format_.kind is Kind.PARQUET else _delimited(batches, format_, layout)
    async for piece in _gzipped(plain) if format_.gzipped else plain:
        if piece:
            yield piece


async def _delimited(batches: AsyncIterator[TargetBatch], format_: Format, layout: Layout) -> AsyncIterator[bytes]:
    delimiter = layout.delimiter or format_.delimiter
    if layout.header:
        yield _lines([pa.array([name]) for name in layout.names], delimiter)
    async for batch in batches:
        yield await asyncio.to_thread(_lines, _columns(batch, layout), delimiter)


def _columns(batch: TargetBatch, layout: Layout) -> list[pa.Array]:
    return [batch.targets, *(pa.repeat(pa.scalar(text), len(batch)) for _, text in layout.said)]


def _lines(columns: Sequence[pa.Array], delimiter: str) -> bytes:
    """One line a row; quoted only where a value needs it."""
    table = pa.table(list(columns), names=[str(number) for number in range(len(columns))])
    for quoting in ("none", "all_valid"):
        sink = io.BytesIO()
        try:
            csv.write_csv(
                table, sink, csv.WriteOptions(include_header=False, delimiter=delimiter, quoting_style=quoting)
            )
        except pa.ArrowInvalid:
            continue
        return sink.getvalue()
    raise ValueError("columns of text can always be quoted")


async def _parquet(batches: AsyncIterator[TargetBatch], layout: Layout) -> AsyncIterator[bytes]:
    schema = pa.schema([pa.field(name, pa.string()) for name in layout.names])
    with TemporaryDirectory(prefix="audience-gateway-files-") as directory:
        copy = Path(directory) / "copy.parquet"
        with pq.ParquetWriter(copy, schema, compression="snappy") as writer:
            async for batch in batches:
                await asyncio.to_thread(writer.write_table, pa.table(_columns(batch, layout), schema=schema))
        with copy.open("rb") as source:
            while piece := await asyncio.to_thread(source.read, _PIECE_BYTES):
                yield piece


async def _gzipped(plain: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    stream = zlib.compressobj(level=6, wbits=_GZIP)
    async for piece in plain:
        yield await asyncio.to_thread(stream.compress, piece)
    yield await asyncio.to_thread(stream.flush)
