"""Makes few large record batches of many small pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pyarrow as pa

ROWS_OF_A_BATCH = 10_000


async def gathered(
    pages: AsyncIterator[tuple[pa.RecordBatch, str | None]],
) -> AsyncIterator[tuple[pa.RecordBatch, str]]:
    """Join pages to batches of at least `ROWS_OF_A_BATCH` rows, each with the place behind which reading goes on."""
    kept: list[pa.RecordBatch] = []
    token = ""
    async for page, place in pages:
        token = place or token
        if page.num_rows:
            kept.append(page)
        if sum(each.num_rows for each in kept) >= ROWS_OF_A_BATCH:
            yield pa.concat_batches(kept), token
            kept = []
    if kept:
        yield pa.concat_batches(kept), token
