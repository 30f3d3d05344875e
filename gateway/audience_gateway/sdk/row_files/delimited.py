"""Reads delimited text, block by block."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import pyarrow as pa

from audience_gateway.sdk.buckets import Bucket, BucketObject
from audience_gateway.sdk.errors import Permanent
from audience_gateway.sdk.row_files.beginning import examine, names_in, read_header, skip_byte_order_mark
from audience_gateway.sdk.row_files.careful_reading import Fields, fields_of, read_carefully
from audience_gateway.sdk.row_files.content import content
from audience_gateway.sdk.row_files.dialect import Dialect, Parsed, Rows
from audience_gateway.sdk.row_files.encoding import UTF_8
from audience_gateway.sdk.row_files.fast_reading import read_fast
from audience_gateway.sdk.row_files.header import Column, positions
from audience_gateway.sdk.row_files.pages import PAGE_ROWS, RowPage, found
from audience_gateway.sdk.row_files.position import Position, changed, parse_position
from audience_gateway.sdk.row_files.quoting import quoting_of
from audience_gateway.sdk.row_files.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class DelimitedReader:
    """Reads delimited text.

    Attributes:
        bucket: where the files are.
        gzipped: whether they are compressed.
        delimiter: the character between columns.
        quote: the character around columns that need it; empty if there is none.
        escape: the character before a quote or before itself within quotes; empty if there is none.
        encoding: name of Python's codec of the text; what is no text in it makes rows with that defect.
        header: whether the first line names the columns.
        max_row_bytes: bytes of the longest row.
        block_bytes: bytes that are read at once, at least.
        page_rows: rows of a page, at most.
    """

    bucket: Bucket
    gzipped: bool
    delimiter: str
    header: bool
    quote: str = '"'
    escape: str = ""
    encoding: str = UTF_8
    max_row_bytes: int
    block_bytes: int = 1024 * 1024
    page_rows: int = PAGE_ROWS

    async def pages(
        self, file: BucketObject, columns: Sequence[Column], after: str | None
    ) -> AsyncGenerator[RowPage, None]:
        """Every row once, from behind the token on. Raises ConfigError, and Permanent with file and line."""
        start = parse_position(after, file) if after else None
        offset = start.offset if start else 0
        async with aclosing(self._content(file, offset)) as pieces:
            window = Window(pieces, offset)
            position = start or await self._begin(window, file, columns)
            if position:
                async with aclosing(self._blocks(window, position, file)) as pages:
                    async for page in pages:
                        yield page
        if (await found(self.bucket, file.key)).etag != file.etag:
            raise changed(file.key)

    async def _begin(self, window: Window, file: BucketObject, columns: Sequence[Column]) -> Position | None:
        await skip_byte_order_mark(window)
        if self.header:
            header = await read_header(window, self._block_size, file.key)
            if header is None:
                _raise_failure(window, f"{file.key}:1")
                return None
            names = self.names_in(header, file.key)
            many, wanted = len(names), positions(names, columns, f"{file.key}:1")
        else:
            many, wanted = await examine(window, self._block_size, self._split_line, columns, file.key)
        return Position(etag=file.etag, offset=window.offset, columns=many, wanted=wanted)

    async def header_line(self, file: BucketObject) -> bytes | None:
        """The line that names the columns, of a file that has one; None for a file without any line.

        Raises Permanent for a line that cannot be read.
        """
        async with aclosing(self._content(file, 0)) as pieces:
            window = Window(pieces, 0)
            await skip_byte_order_mark(window)
            header = await read_header(window, self._block_size, file.key)
            if header is None:
                _raise_failure(window, f"{file.key}:1")
            return header

    def names_in(self, header: bytes, key: str) -> list[str]:
        """The names of the columns. Raises Permanent if a quote is not closed."""
        return names_in(header, self._split_line, key)

    async def _blocks(self, window: Window, position: Position, file: BucketObject) -> AsyncGenerator[RowPage, None]:
        dialect = Dialect(
            delimiter=self.delimiter,
            quote=self.quote,
            escape=self.escape,
            columns=position.columns,
            wanted=position.wanted,
            max_row_bytes=self.max_row_bytes,
        )
        last = False
        while not last:
            block, last = await window.block(self._block_size)
            parsed = await asyncio.to_thread(_read, block, dialect, last=last)
            window.consume(parsed.consumed)
            if parsed.cut_off:
                await window.skip_line()
            rows = position.rows + len(parsed.rows) - position.skip
            following = replace(position, rows=rows, offset=window.offset, skip=0)
            for page in self._split(parsed.rows, position, following):
                yield page
            position = following
            if len(block) < self._block_size:
                _raise_failure(window, f"{file.key}:{rows + 1 + self.header}")

    def _split(self, rows: Rows, position: Position, following: Position) -> Iterator[RowPage]:
        """The rows of one block as pages, each with the place behind it."""
        for first in range(position.skip, len(rows), self.page_rows):
            page = rows.slice(first, self.page_rows)
            end = first + len(page)
            inside = replace(position, rows=position.rows + end - position.skip, skip=end)
            yield RowPage(page, (inside if end < len(rows) else following).token)

    def _split_line(self, line: bytes) -> Fields | None:
        return fields_of(line, self.delimiter.encode(), quoting_of(self.quote, self.escape))

    def _content(self, file: BucketObject, start: int) -> AsyncGenerator[bytes, None]:
        return content(self.bucket, file.key, gzipped=self.gzipped, encoding=self.encoding, start=start)

    @property
    def _block_size(self) -> int:
        return max(self.block_bytes, 2 * self.max_row_bytes + 2)


def _read(block: bytes, dialect: Dialect, *, last: bool) -> Parsed:
    try:
        parsed = read_fast(block, dialect, last=last)
    except pa.ArrowInvalid:
        parsed = None
    return parsed or read_carefully(block, dialect, last=last)


def _raise_failure(window: Window, place: str) -> None:
    if window.failure:
        raise Permanent(window.failure.message, place=place, remedy=window.failure.remedy) from window.failure
