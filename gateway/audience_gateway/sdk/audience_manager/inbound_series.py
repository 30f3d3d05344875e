"""Keeps the files of one write in a folder, so that a repeat changes nothing (audience-manager 3.2).

A file's number, as whose part it goes, is a digest of the write's key. A repeat finds the file of the first attempt by
number and content, also when it was taken up in the meantime (`.processed`), and leaves it as it is. Times grow from
file to file, so that the order of names is that of writing; nothing relies on it, see `inbound_pending`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Self, TypeAlias, TypeVar

import pyarrow as pa

from audience_gateway.sdk.audience_manager.id_sync_names import IdSyncName
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.inbound_names import InboundName
from audience_gateway.sdk.audience_manager.inbound_numbers import file_number
from audience_gateway.sdk.audience_manager.inbound_parts import FinishedPart, Parts
from audience_gateway.sdk.audience_manager.inbound_stored import StoredFile, holds, stored_files
from audience_gateway.sdk.members import Refusal, WriteResult

Batch = TypeVar("Batch")
Sorted: TypeAlias = "tuple[Sequence[pa.StringArray], Sequence[Refusal]]"

_LAST_TIMESTAMP = 9_999_999_999


class Series:
    """The folder as it was when writing began, and where its next file goes.

    Attributes:
        files: the files that were there.
    """

    def __init__(
        self,
        folder: InboundFolder,
        name: InboundName | IdSyncName,
        key: str,
        now: datetime,
        files: tuple[StoredFile, ...],
    ) -> None:
        self.files = files
        self._folder = folder
        self._name = replace(name, gzip=True)
        self._key = key
        self._now = now
        self._newest = max((file.name.timestamp for file in files), default=0)
        self._parts = 0

    @classmethod
    async def begin(
        cls, folder: InboundFolder, name: InboundName | IdSyncName, key: str, now: datetime, *, start: str
    ) -> Self:
        """Lists the folder.

        Args:
            folder: where files go.
            name: what all names of the series have in common; its timestamp and its number do not count.
            key: of the write.
            now: the time, in UTC.
            start: what names begin with beside whose times theirs must grow.
        """
        files = tuple([file async for file in stored_files(folder, start)])
        return cls(folder, name, key, now, files)

    async def write(
        self, batches: AsyncIterator[Batch], sort_out: Callable[[Batch], Sorted], rest: str = ""
    ) -> WriteResult:
        """Writes a line for each row that can be written, in as many files as are needed; none of them is empty.

        Args:
            batches: the rows.
            sort_out: which columns lines are made of, without the rows that are refused, and these by their positions
                in the batch; called off the event loop.
            rest: what all lines end with.
        """
        accepted, refused = 0, list[Refusal]()
        with closing(Parts(self._folder.part_bytes)) as parts:
            async for batch in batches:
                columns, bad = await asyncio.to_thread(sort_out, batch)
                passed = accepted + len(refused)
                refused += [Refusal(passed + each.index, each.code, each.detail) for each in bad]
                accepted += len(columns[0])
                full = parts.add(columns, rest)
                while (part := await asyncio.to_thread(next, full, None)) is not None:
                    await self._keep(part)
            for part in parts.end():
                await self._keep(part)
        return WriteResult(accepted, tuple(refused))

    async def _keep(self, part: FinishedPart) -> None:
        """Writes a part if it is not there, and gives its temporary file back."""
        with closing(part):
            number = file_number(self._key, self._parts)
            self._parts += 1
            for file in self.files:
                # Two keys may have one number, however seldom; neither may then take the other's file for its own.
                if self._may_be_ours(file, number) and await holds(self._folder.bucket, file, part.digest):
                    return
            self._newest = min(max(int(self._now.timestamp()), self._newest + 1), _LAST_TIMESTAMP)
            name = replace(self._name, timestamp=self._newest, split=number)
            await self._folder.bucket.write(self._folder.key(str(name), self._now), part.content())

    def _may_be_ours(self, file: StoredFile, number: int) -> bool:
        ours = replace(self._name, timestamp=file.name.timestamp, split=number)
        return file.name == ours
