"""ExportOutcomes: the rows of a transfer with their outcome, as Arrow, batch by batch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pyarrow as pa

from audience_gateway.api import arrow
from audience_gateway.api.ending import until
from audience_gateway.api.refusals import Draining
from audience_gateway.transfers.service import OutcomeQuery, TransferService
from audience_gateway.v1 import transfer_service_pb2 as messages

_MOST_BYTES = 2 * 1024 * 1024
"""Of a message: half of what clients of gRPC take unless they are told otherwise."""


async def export(
    transfers: TransferService, query: OutcomeQuery, draining: asyncio.Event
) -> AsyncIterator[messages.ExportOutcomesResponse]:
    """The answers. Raises what the transfers raise; Draining when the server drains."""
    async with aclosing(transfers.export_outcomes(query)) as found:
        async for batch in until(draining, found):
            for piece in arrow.pieces(batch.cast(query.columns), _MOST_BYTES):
                yield messages.ExportOutcomesResponse(
                    arrow=await asyncio.to_thread(arrow.stream_of, piece), last_row=_last_row(piece)
                )
            if draining.is_set():  # also while batches come without a pause
                raise Draining


def _last_row(batch: pa.RecordBatch) -> int:
    row: int = batch.column("row")[-1].as_py()
    return row
