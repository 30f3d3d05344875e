"""Finds out whether a connection's files are there and can be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing

from audience_gateway.sdk import Bucket, Diagnostic, GatewayError, Severity
from audience_gateway.sdk.row_files.formats import find_format
from audience_gateway.sdk.row_files.pages import RowReader, found

from audience_gateway_files.crosswalk import columns_of
from audience_gateway_files.settings import FilesSettings, IndexSettings


async def check(bucket: Bucket, settings: FilesSettings, reader: Callable[[str], RowReader]) -> Sequence[Diagnostic]:
    """What was found about the bucket and the crosswalk."""
    try:
        files = [file async for file in bucket.list() if find_format(file.key)]
    except GatewayError as error:
        return [_finding(error, "settings.bucket")]
    many = f"{len(files)} files whose name tells a format"
    findings = [Diagnostic(Severity.INFO if files else Severity.WARNING, f"the bucket holds {many}", "settings.bucket")]
    if settings.index:
        try:
            await _read_beginning(bucket, settings.index, reader)
        except GatewayError as error:
            findings.append(_finding(error, "settings.index"))
    return findings


async def _read_beginning(bucket: Bucket, index: IndexSettings, reader: Callable[[str], RowReader]) -> None:
    file = await found(bucket, index.file)
    pages = reader(index.file).pages(file, columns_of(index), None)
    async with aclosing(pages):
        await anext(pages, None)


def _finding(error: GatewayError, path: str) -> Diagnostic:
    return Diagnostic(
        Severity.ERROR, f"{error.place}: {error.message}" if error.place else error.message, path, error.remedy
    )
