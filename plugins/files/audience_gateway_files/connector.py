"""The connector: files of a directory or a bucket as audiences, which are written anew as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator

from audience_gateway.sdk import DataSource, TargetBatch, WriteResult
from audience_gateway.sdk.one_ahead import one_ahead
from audience_gateway.sdk.row_files.formats import format_of

from audience_gateway_files.reading import Files
from audience_gateway_files.writing import encode_members


class FilesConnector(Files):
    """Files that are read, and replaced."""

    async def replace_members(
        self,
        audience: str,
        source: DataSource,  # noqa: ARG002  # ids are written as they come
        batches: AsyncIterator[TargetBatch],
        key: str,  # noqa: ARG002  # the same members make the same file
    ) -> WriteResult:
        """Writes the file anew, whole or not at all."""
        written = _Counted(batches)
        pieces = encode_members(written.batches(), format_of(audience), self._settings.layout())
        await self._bucket.write(audience, one_ahead(pieces))
        return WriteResult(written.members)


class _Counted:
    """Batches, and how many members they had."""

    def __init__(self, batches: AsyncIterator[TargetBatch]) -> None:
        self._batches = batches
        self.members = 0

    async def batches(self) -> AsyncIterator[TargetBatch]:
        async for batch in self._batches:
            self.members += len(batch)
            yield batch
