"""The connector with `changes`: each write is a file of those who join or leave."""

from __future__ import annotations

from collections.abc import AsyncIterator

from audience_gateway.sdk import (
    Audience,
    Context,
    DataSource,
    TargetBatch,
    WritePromise,
    WriteRequest,
    WriteResult,
)
from audience_gateway.sdk.row_files.formats import format_of

from audience_gateway_files.change_names import ChangeName, digest_of, next_time, start_of_names
from audience_gateway_files.reading import Files, is_audience
from audience_gateway_files.settings import ChangesSettings, FilesSettings
from audience_gateway_files.writing import encode_members


class ChangeFiles(Files):
    """Files that are read, and of which changes are written. Every name that tells a format is an audience."""

    def __init__(self, settings: FilesSettings, changes: ChangesSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._changes = changes

    async def list_audiences(self) -> AsyncIterator[Audience]:
        """All files whose name tells a format, and whatever has files of changes."""
        files = {audience.id: audience async for audience in super().list_audiences()}
        written = {name.audience async for name in self._names("")}
        for audience in sorted({*files, *written}):
            yield files.get(audience) or _only_written(audience)

    async def get_audience(self, audience: str) -> Audience | None:
        """One audience, also if it has no file yet; None for a name that does not tell its format."""
        found = await super().get_audience(audience)
        return found or (_only_written(audience) if is_audience(audience) else None)

    async def check_destination(self, audience: str, source: DataSource) -> None:  # noqa: ARG002  # the same for all
        """Raises ConfigError for a name that does not tell its format."""
        format_of(audience)

    def members_a_write(self) -> int:
        """As many as a file shall have: each write is a file."""
        return self._changes.members_a_file

    def write_promise(self) -> WritePromise:
        """A write is a file, whose name has a digest of the write's key."""
        return WritePromise.IDEMPOTENT_BY_FILE_NAME

    async def write_members(self, request: WriteRequest) -> WriteResult:
        """Writes a file of those who join."""
        return await self._write(request, "add")

    async def remove_members(self, request: WriteRequest) -> WriteResult:
        """Writes a file of those who leave."""
        return await self._write(request, "remove")

    async def _write(self, request: WriteRequest, change: str) -> WriteResult:
        digest, last = digest_of(request.audience, request.key), None
        async for name in self._names(request.audience):
            if name.digest == digest:
                return WriteResult(len(request.batch))
            last = name.time if last is None else max(last, name.time)
        name = ChangeName(request.audience, next_time(self._context.now(), last), change, digest)
        layout = self._settings.layout(((self._changes.column, change),))
        pieces = encode_members(_only(request.batch), format_of(request.audience), layout)
        await self._bucket.write(f"{self._changes.folder}{name}", pieces)
        return WriteResult(len(request.batch))

    async def _names(self, audience: str) -> AsyncIterator[ChangeName]:
        """The files of changes that are there, of one audience or, if it is empty, of all."""
        folder = self._changes.folder
        async for file in self._bucket.list(folder + (start_of_names(audience) if audience else "")):
            name = ChangeName.parse(file.key.removeprefix(folder))
            if name is not None and audience in {"", name.audience}:
                yield name


def _only_written(audience: str) -> Audience:
    return Audience(id=audience, title=audience, readable=False)


async def _only(batch: TargetBatch) -> AsyncIterator[TargetBatch]:
    yield batch
