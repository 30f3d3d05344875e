"""Stage extract: reads the members of the source into chunks, every row once, numbered from 1."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import MemberPage, MemberReader, Permanent, ReadRequest
from audience_gateway.storage.atomic_file import replacing
from audience_gateway.transfers.model import Stage
from audience_gateway.transfers.read_ahead import ReadAhead
from audience_gateway.transfers.task import Task

_FOOTER = b"audience_gateway"


class Extraction:
    """Reading under way: kept open between chunks, opened again behind the last kept chunk after a restart."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._open = AsyncExitStack()
        self._pages: ReadAhead[MemberPage] | None = None

    async def chunk(self, number: int, rows_before: int) -> StepResult:
        """Reads one chunk into its file. Answers its rows, and whether it was the last."""
        pages = self._pages or await self._begin(number)
        read: list[MemberPage] = []
        rows = 0
        while rows < self._task.sizes.chunk_rows:
            page = await pages.next()
            if page is None:
                break
            read.append(page)
            rows += len(page.members)
        if read:
            await asyncio.to_thread(_write, self._task.workspace.chunk("extract", number), read, rows_before)
        self._task.progress(Stage.EXTRACT, rows_before + rows, None)
        return {"rows": rows, "last": rows < self._task.sizes.chunk_rows}

    async def close(self) -> None:
        """Lets go of the source."""
        pages, self._pages = self._pages, None
        if pages is not None:
            await pages.close()
        await self._open.aclose()

    async def _begin(self, number: int) -> ReadAhead[MemberPage]:
        reader = await self._open.enter_async_context(self._task.connections.open(self._task.request.source.connection))
        if not isinstance(reader, MemberReader):
            raise Permanent("the connector cannot read members", place=str(self._task.request.source))
        after = footer(self._task.workspace.chunk("extract", number - 1))["resume_token"] if number else None
        request = ReadRequest(audience=self._task.request.source.audience, source=self._task.source, after=after)
        self._pages = ReadAhead(reader.read_members(request))
        return self._pages


def footer(path: Path) -> dict[str, str]:
    """What stands in a chunk's footer: `encoded` (`yes` or `no`) and `resume_token`."""
    metadata: dict[bytes, bytes] = pq.read_schema(path).metadata
    values: dict[str, str] = json.loads(metadata[_FOOTER])
    return values


def _write(path: Path, pages: list[MemberPage], rows_before: int) -> None:
    encoded = {page.encoded for page in pages}
    if len(encoded) > 1:
        raise Permanent(
            "the connector mixes encoded ids with others", remedy="Report this to the author of the plugin."
        )
    members = pa.Table.from_batches([page.members.columns for page in pages])
    row = pa.arange(rows_before + 1, rows_before + 1 + members.num_rows)
    kept = {"encoded": "yes" if encoded.pop() else "no", "resume_token": pages[-1].resume_token}
    table = members.add_column(0, "row", row).replace_schema_metadata({_FOOTER: json.dumps(kept).encode()})
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="snappy", use_dictionary=False)
