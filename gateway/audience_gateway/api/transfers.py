"""TransferService."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc.aio

from audience_gateway.api import decode, encode, names
from audience_gateway.api.ending import until
from audience_gateway.api.paging import PageTokens, page_size
from audience_gateway.api.refusals import InvalidPageToken
from audience_gateway.transfers.service import OutcomeQuery, TransferService
from audience_gateway.v1 import transfer_service_pb2, transfer_service_pb2_grpc

_MOST_OUTCOMES = 10_000


class TransferServicer(transfer_service_pb2_grpc.TransferServiceServicer):
    """How far transfers are, and what became of every row."""

    def __init__(self, transfers: TransferService, tokens: PageTokens, draining: asyncio.Event) -> None:
        self._transfers = transfers
        self._tokens = tokens
        self._draining = draining

    async def GetTransfer(
        self,
        request: transfer_service_pb2.GetTransferRequest,
        context: grpc.aio.ServicerContext[
            transfer_service_pb2.GetTransferRequest, transfer_service_pb2.GetTransferResponse
        ],
    ) -> transfer_service_pb2.GetTransferResponse:
        """Gets one transfer."""
        found = await self._transfers.get(names.last(request.name))
        return transfer_service_pb2.GetTransferResponse(transfer=encode.transfer(found))

    async def ListTransfers(
        self,
        request: transfer_service_pb2.ListTransfersRequest,
        context: grpc.aio.ServicerContext[
            transfer_service_pb2.ListTransfersRequest, transfer_service_pb2.ListTransfersResponse
        ],
    ) -> transfer_service_pb2.ListTransfersResponse:
        """Lists transfers, the newest first."""
        size = page_size(request.page_size)
        found = await self._transfers.list(after=self._tokens.cursor(request), limit=size + 1)
        token = self._tokens.issue(found[size - 1].id, request) if len(found) > size else ""
        return transfer_service_pb2.ListTransfersResponse(
            transfers=[encode.transfer(transfer) for transfer in found[:size]], next_page_token=token
        )

    async def WatchTransfer(
        self,
        request: transfer_service_pb2.WatchTransferRequest,
        context: grpc.aio.ServicerContext[
            transfer_service_pb2.WatchTransferRequest, transfer_service_pb2.WatchTransferResponse
        ],
    ) -> AsyncIterator[transfer_service_pb2.WatchTransferResponse]:
        """Sends the transfer whenever it has changed, and ends with its end."""
        async for transfer in until(self._draining, self._transfers.watch(names.last(request.name))):
            yield transfer_service_pb2.WatchTransferResponse(transfer=encode.transfer(transfer))

    async def ListOutcomes(
        self,
        request: transfer_service_pb2.ListOutcomesRequest,
        context: grpc.aio.ServicerContext[
            transfer_service_pb2.ListOutcomesRequest, transfer_service_pb2.ListOutcomesResponse
        ],
    ) -> transfer_service_pb2.ListOutcomesResponse:
        """Lists rows with their outcome."""
        size = page_size(request.page_size, _MOST_OUTCOMES)
        cursor = self._tokens.cursor(request) or "0"
        if not cursor.isdecimal():
            raise InvalidPageToken
        rows = await self._transfers.outcomes(
            OutcomeQuery(
                transfer=names.last(request.parent),
                outcome=decode.outcome(request.outcome),
                reason=decode.reason(request.reason),
                after_row=int(cursor),
                limit=size + 1,
            )
        )
        token = self._tokens.issue(str(rows[size - 1].row), request) if len(rows) > size else ""
        return transfer_service_pb2.ListOutcomesResponse(
            outcomes=[encode.row_outcome(row) for row in rows[:size]], next_page_token=token
        )

    async def GetReceipt(
        self,
        request: transfer_service_pb2.GetReceiptRequest,
        context: grpc.aio.ServicerContext[
            transfer_service_pb2.GetReceiptRequest, transfer_service_pb2.GetReceiptResponse
        ],
    ) -> transfer_service_pb2.GetReceiptResponse:
        """Gets the receipt of a transfer that has ended."""
        receipt = await self._transfers.receipt(names.last(request.name))
        return transfer_service_pb2.GetReceiptResponse(receipt=encode.receipt(receipt))
