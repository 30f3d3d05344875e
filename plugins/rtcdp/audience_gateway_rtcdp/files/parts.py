"""Reads one file of an export, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from audience_gateway.sdk import DataSource
from audience_gateway.sdk.row_files.delimited import DelimitedReader
from audience_gateway.sdk.row_files.pages import RowReader
from audience_gateway.sdk.row_files.parquet import ParquetReader

from audience_gateway_rtcdp.files.columns import Columns, find_columns, has_column, id_column
from audience_gateway_rtcdp.files.exports import Part
from audience_gateway_rtcdp.files.folders import ExportFolder
from audience_gateway_rtcdp.files.statuses import Said, said_by

_DELIMITERS = (",", "\t", ";", "|", ":")
_PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class OpenPart:
    """A file whose columns are known.

    Attributes:
        part: the file.
        columns: its columns.
        reader: reads its rows.
    """

    part: Part
    columns: Columns
    reader: RowReader


@dataclass(frozen=True, slots=True)
class SaidPage:
    """What some rows of a file say, and the token for what comes behind them."""

    said: Said
    token: str


async def open_part(folder: ExportFolder, part: Part, sources: Sequence[DataSource]) -> OpenPart | None:
    """Looks at the header; None for a file without any line.

    Raises ConfigError if an id of the data sources is not there, Permanent for a file that cannot be read.
    """
    if part.name.suffix == _PARQUET:
        parquet = ParquetReader(
            bucket=folder.bucket, gzipped=part.name.gzipped, max_row_bytes=folder.settings.max_row_bytes
        )
        header = await parquet.names(part.stored)
        return None if header is None else _opened(folder, part, sources, parquet, header)
    line = await _delimited(folder, part, ",").header_line(part.stored)
    if line is None:
        return None
    wanted = id_column(folder.settings, sources[0])
    chosen = folder.settings.delimiter
    readers = [_delimited(folder, part, each) for each in ([chosen] if chosen else _DELIMITERS)]
    by_names = [(reader, reader.names_in(line, part.stored.key)) for reader in readers]
    reader, header = next((each for each in by_names if has_column(each[1], wanted)), by_names[0])
    return _opened(folder, part, sources, reader, header)


async def part_pages(folder: ExportFolder, opened: OpenPart, after: str | None) -> AsyncGenerator[SaidPage, None]:
    """Every row of the file once, from behind the token on. Raises Permanent with file and line."""
    async with aclosing(opened.reader.pages(opened.part.stored, opened.columns.wanted, after)) as pages:
        async for page in pages:
            said = await asyncio.to_thread(said_by, page.rows, opened.columns, folder.settings, folder.consent)
            yield SaidPage(said, page.token)


def _opened(
    folder: ExportFolder, part: Part, sources: Sequence[DataSource], reader: RowReader, header: list[str]
) -> OpenPart:
    place, consent = f"{folder.place_of(part.stored.key)}:1", folder.consent
    columns = find_columns(header, folder.settings, sources, place, [*consent.columns, *consent.general_columns])
    return OpenPart(part, columns, reader)


def _delimited(folder: ExportFolder, part: Part, delimiter: str) -> DelimitedReader:
    settings = folder.settings
    return DelimitedReader(
        bucket=folder.bucket,
        gzipped=part.name.gzipped,
        delimiter=delimiter,
        quote=settings.quote,
        escape=settings.escape,
        encoding=settings.encoding,
        header=True,
        max_row_bytes=settings.max_row_bytes,
    )
