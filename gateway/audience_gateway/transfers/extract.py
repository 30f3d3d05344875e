"""Stage extract: reads the members of the source into chunks, every row once, numbered from 1."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import MemberPage, MemberReader, Permanent, ReadRequest
from audience_gateway.storage.atomic_file import replacing
from audience_gateway.transfers.chunks import ChunkReader
from audience_gateway.transfers.model import Stage
from audience_gateway.transfers.task import Task

_FOOTER = b"audience_gateway"


class Extraction:
    """Reads the source of a transfer into chunks."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._reader: ChunkReader[MemberPage] = ChunkReader(
            self._begin, lambda page: len(page.members), task.sizes.chunk_rows
        )
        self.close = self._reader.close

    async def chunk(self, number: int, rows_before: int) -> StepResult:
        """Reads one chunk into its file. Answers its rows, and whether it was the last."""
        chunk = await self._reader.read(number)
        if chunk.pages:
            await asyncio.to_thread(_write, self._task.workspace.chunk("extract", number), chunk.pages, rows_before)
        self._task.progress(Stage.EXTRACT, rows_before + chunk.rows, None)
        return {"rows": chunk.rows, "last": chunk.last}

    async def _begin(self, stack: AsyncExitStack, number: int) -> AsyncIterator[MemberPage]:
        source = self._task.request.source
        reader = await stack.enter_async_context(self._task.connections.open(source.connection))
        if not isinstance(reader, MemberReader):
            raise Permanent("the connector cannot read members", place=str(source))
        after = footer(self._task.workspace.chunk("extract", number - 1))["resume_token"] if number else None
        return reader.read_members(ReadRequest(audience=source.audience, source=self._task.source, after=after))


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
