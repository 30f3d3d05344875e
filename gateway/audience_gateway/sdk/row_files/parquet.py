"""Reads Parquet files, row group by row group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from audience_gateway.sdk.buckets import Bucket, BucketObject
from audience_gateway.sdk.errors import ConfigError, Permanent
from audience_gateway.sdk.row_files.content import content
from audience_gateway.sdk.row_files.header import Column, positions
from audience_gateway.sdk.row_files.pages import PAGE_ROWS, RowPage
from audience_gateway.sdk.row_files.position import Position, parse_position
from audience_gateway.sdk.row_files.text_columns import as_text, sound_rows
from audience_gateway.sdk.row_groups import batches_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetReader:
    """Reads Parquet files; a copy is made first, since the format is read from its end.

    Attributes:
        bucket: where the files are.
        gzipped: whether they are compressed as a whole.
        max_row_bytes: bytes of the longest id.
        page_rows: rows of a page, at most.
    """

    bucket: Bucket
    gzipped: bool
    max_row_bytes: int
    page_rows: int = PAGE_ROWS

    async def pages(
        self, file: BucketObject, columns: Sequence[Column], after: str | None
    ) -> AsyncGenerator[RowPage, None]:
        """Every row once, from behind the token on. Raises ConfigError, and Permanent with file and row."""
        start = parse_position(after, file) if after else Position(etag=file.etag)
        if not file.size:
            return
        with TemporaryDirectory(prefix="audience-gateway-file-") as directory:
            copy = Path(directory) / "copy.parquet"
            await self._copy(file, copy)
            parquet = await asyncio.to_thread(_open, copy, file.key)
            with parquet:
                position = start if after else replace(start, wanted=_wanted(parquet, columns, file.key))
                batches = _batches(parquet, position, self.page_rows, file.key)
                while batch := await asyncio.to_thread(next, batches, None):
                    rows = sound_rows(batch, self.max_row_bytes)
                    position = replace(position, rows=position.rows + len(rows))
                    yield RowPage(rows, position.token)

    async def names(self, file: BucketObject) -> list[str] | None:
        """The names of the columns; None for a file without a byte. Raises Permanent for one that is no Parquet."""
        if not file.size:
            return None
        with TemporaryDirectory(prefix="audience-gateway-file-") as directory:
            copy = Path(directory) / "copy.parquet"
            await self._copy(file, copy)
            with await asyncio.to_thread(_open, copy, file.key) as parquet:
                return list(parquet.schema_arrow.names)

    async def _copy(self, file: BucketObject, copy: Path) -> None:
        try:
            with copy.open("wb") as target:
                async with aclosing(content(self.bucket, file.key, gzipped=self.gzipped)) as pieces:
                    async for piece in pieces:
                        await asyncio.to_thread(target.write, piece)
        except Permanent as error:
            if error.place != file.key:
                raise
            raise Permanent(error.message, place=f"{file.key}:1", remedy=error.remedy) from error


def _open(copy: Path, key: str) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(copy, memory_map=True)
    except (pa.ArrowException, OSError) as error:
        raise Permanent("the file is not valid Parquet", place=f"{key}:1", remedy="Have it written again.") from error


def _wanted(parquet: pq.ParquetFile, columns: Sequence[Column], key: str) -> tuple[int, ...]:
    schema = parquet.schema_arrow
    wanted = positions(schema.names, columns, f"{key}:1")
    for position in wanted[:1]:
        field = schema.field(position)
        if not _holds_text(field.type):
            raise ConfigError(
                f"the column `{field.name}` holds {field.type}, allowed: text and integers",
                place=f"{key}:1",
                remedy="Write ids as text: other types lose digits.",
            )
    return wanted


def _holds_text(type_: pa.DataType) -> bool:
    value = type_.value_type if pa.types.is_dictionary(type_) else type_
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_integer)
    return any(holds(value) for holds in kinds)


def _batches(
    parquet: pq.ParquetFile, position: Position, page_rows: int, key: str
) -> Iterator[tuple[pa.StringArray, ...]]:
    """The wanted columns of the rows behind the position, as text."""
    done = position.rows
    names = [parquet.schema_arrow.names[column] for column in position.wanted]
    try:
        groups, skip = _groups_behind(parquet, done)
        for batch in batches_of(parquet, page_rows, list(dict.fromkeys(names)), groups):
            rest = batch.slice(skip)
            skip = max(0, skip - batch.num_rows)
            if rest.num_rows:
                yield tuple(as_text(rest.column(name)) for name in names)
                done += rest.num_rows
    except (pa.ArrowException, OSError) as error:
        raise Permanent(
            "the file is damaged or holds what is no text", place=f"{key}:{done + 1}", remedy="Have it written again."
        ) from error


def _groups_behind(parquet: pq.ParquetFile, rows: int) -> tuple[list[int], int]:
    """The row groups that do not end before so many rows, and how many of their rows to skip."""
    skip = rows
    for group in range(parquet.num_row_groups):
        size = parquet.metadata.row_group(group).num_rows
        if skip < size:
            return list(range(group, parquet.num_row_groups)), skip
        skip -= size
    return [], 0
