"""Files of a directory or a bucket as audiences: all but how they are written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import timedelta

from audience_gateway.sdk import (
    Audience,
    BucketObject,
    ConfigError,
    Context,
    DataSource,
    Diagnostic,
    IndexChange,
    IndexChangesPage,
    IndexChangesRequest,
    IndexMark,
    IndexPage,
    IndexRequest,
    MemberBatch,
    MemberPage,
    ReadRequest,
)
from audience_gateway.sdk.row_files.delimited import DelimitedReader
from audience_gateway.sdk.row_files.formats import Kind, find_format, format_of
from audience_gateway.sdk.row_files.header import Column
from audience_gateway.sdk.row_files.pages import RowReader, found
from audience_gateway.sdk.row_files.parquet import ParquetReader

from audience_gateway_files.attributes import attributes_of
from audience_gateway_files.checks import check
from audience_gateway_files.crosswalk import columns_of, entries
from audience_gateway_files.further_ids import further_ids_of
from audience_gateway_files.read_changes import members_of
from audience_gateway_files.settings import FilesSettings

_UNSETTLED = timedelta(seconds=10)
"""A file so young may be written again without another etag: not all buckets tell times below a second."""


class Files:
    """One directory or bucket. An audience is a file; its id is the file's name."""

    def __init__(self, settings: FilesSettings, context: Context) -> None:
        self._settings = settings
        self._context = context

    async def open(self) -> None:
        """Finds the bucket. Raises ConfigError for an address of another kind."""
        self._bucket = self._context.bucket(self._settings.bucket, self._settings.bucket_credentials)

    async def close(self) -> None:
        """Nothing is kept open."""

    async def check(self) -> Sequence[Diagnostic]:
        """Looks whether there are files, and whether the first rows of the crosswalk can be read."""
        return await check(self._bucket, self._settings, self._reader)

    async def list_audiences(self) -> AsyncIterator[Audience]:
        """All files whose name tells a format."""
        async for file in self._bucket.list():
            if is_audience(file.key):
                yield _audience(file)

    async def get_audience(self, audience: str) -> Audience | None:
        """One file, or None if there is none of that name."""
        file = await self._bucket.head(audience) if is_audience(audience) else None
        return None if file is None else _audience(file)

    async def read_members(self, request: ReadRequest) -> AsyncIterator[MemberPage]:
        """Every row of the file. Raises ConfigError, and Permanent that names file and line."""
        reader = self._reader(request.audience)
        file = await found(self._bucket, request.audience)
        sources = (request.source, *request.further)
        columns = [self._settings.id_column_of(source) for source in sources]
        beside = [*self._change_columns(), *request.attributes]
        async for page in reader.pages(file, [*columns, *beside], request.after):
            ids, values = page.rows.columns[: len(columns)], list(page.rows.columns[len(columns) :])
            if self._change_columns():
                members = members_of(page.rows, ids[0], values.pop(0))
            else:
                members = MemberBatch.of(ids[0], defects=page.rows.defects)
            further = further_ids_of(ids[1:], request.further)
            attributes = attributes_of(values, request.attributes)
            yield MemberPage(members, page.token, self._settings.encoded, attributes, further)

    async def check_several_ids(self, audience: str, sources: Sequence[DataSource]) -> None:
        """Looks whether the file has a column for each data source. Raises ConfigError, Permanent as for attributes."""
        columns = [self._settings.id_column_of(source) for source in sources]
        if len(set(columns)) < len(columns):
            raise ConfigError(
                "several of the data sources have the same column",
                place=f"connections.{self._context.name}.settings.id_columns",
                remedy="Name the column of each data source.",
            )
        await self._check_columns(audience, columns)

    async def reads_changes(self, audience: str, source: DataSource) -> bool:  # noqa: ARG002  # the same for all
        """Whether a column of the files tells who leaves."""
        return bool(self._change_columns())

    async def check_attributes(self, audience: str, names: Sequence[str]) -> None:
        """Looks whether the file has columns of these names. Raises ConfigError, and Permanent if it cannot be read."""
        await self._check_columns(audience, [self._settings.id_column, *names])

    def reconciles(self, source: DataSource) -> bool:  # noqa: ARG002  # the crosswalk serves them all
        """Whether a crosswalk is configured."""
        return self._settings.index is not None

    async def read_index(self, request: IndexRequest) -> AsyncIterator[IndexPage]:
        """Every row of the crosswalk with the ids of a data source; nothing if no crosswalk is configured."""
        index = self._settings.index
        if index is None:
            return
        file = await found(self._bucket, index.file)
        async for page in self._reader(index.file).pages(file, columns_of(index, request.source), request.after):
            yield IndexPage(entries(page.rows, index), page.token, index.encoded)

    async def mark_index(self, source: DataSource, since: str | None) -> IndexMark:  # noqa: ARG002  # it serves them all
        """The crosswalk's etag: the same file has the same entries, and any other is read anew."""
        index = self._settings.index
        if index is None:
            return IndexMark("", IndexChange.UNKNOWN, complete=True)
        file = await found(self._bucket, index.file)
        settled = abs(self._context.now() - file.modified) > _UNSETTLED
        change = IndexChange.NONE if settled and since == file.etag else IndexChange.UNKNOWN
        return IndexMark(file.etag if settled else "", change, complete=True)

    async def read_index_changes(self, request: IndexChangesRequest) -> AsyncIterator[IndexChangesPage]:  # noqa: ARG002
        """Nothing: a crosswalk that has changed is read anew."""
        nothing: tuple[IndexChangesPage, ...] = ()
        for page in nothing:
            yield page

    def _change_columns(self) -> list[Column]:
        return [] if self._settings.change_column is None else [self._settings.change_column]

    async def _check_columns(self, audience: str, columns: Sequence[Column]) -> None:
        file = await found(self._bucket, audience)
        pages = self._reader(audience).pages(file, columns, None)
        async with aclosing(pages):
            await anext(pages, None)

    def _reader(self, name: str) -> RowReader:
        format_ = format_of(name)
        limit = self._settings.max_row_bytes
        if format_.kind is Kind.PARQUET:
            return ParquetReader(bucket=self._bucket, gzipped=format_.gzipped, max_row_bytes=limit)
        return DelimitedReader(
            bucket=self._bucket,
            gzipped=format_.gzipped,
            delimiter=self._settings.delimiter or format_.delimiter,
            header=self._settings.header,
            max_row_bytes=limit,
        )


def is_audience(key: str) -> bool:
    """Whether an object of that key is an audience: one at the top of the bucket whose name tells a format."""
    return "/" not in key and find_format(key) is not None


def _audience(file: BucketObject) -> Audience:
    return Audience(id=file.key, title=file.key, updated=file.modified, refreshed=file.modified)
