"""TransferService."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc.aio

from audience_gateway.api import decode, encode, match_messages, names, outcome_export
from audience_gateway.api.ending import until
from audience_gateway.api.paging import PageTokens, page_size
from audience_gateway.api.refusals import InvalidPageToken
from audience_gateway.api.replays import Replays
from audience_gateway.api.revealing import Revealing
from audience_gateway.transfers.service import MatchReports, OutcomeQuery, TransferService
from audience_gateway.v1 import transfer_service_pb2, transfer_service_pb2_grpc

_MOST_OUTCOMES = 10_000


class TransferServicer(transfer_service_pb2_grpc.TransferServiceServicer):
    """How far transfers are, and what became of every row."""

    def __init__(
        self,
        transfers: TransferService,
        matching: MatchReports,
        tokens: PageTokens,
        replays: Replays,
        draining: asyncio.Event,
        *,
        revealing: Revealing,
    ) -> None:
        self._transfers = transfers
        self._matching = matching
        self._replays = replays
        self._tokens = tokens
        self._draining = draining
        self._revealing = revealing

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
        """Sends the transfer whenever it has changed, until it has ended or is withheld."""
        async for transfer in until(self._draining, self._transfers.watch(names.last(request.name))):
            yield transfer_service_pb2.WatchTransferResponse(transfer=encode.transfer(transfer))

    async def CancelTransfer(
        self,
        request: transfer_service_pb2.CancelTransferRequest,
        context: grpc.aio.ServicerContext[
            transfer_service_pb2.CancelTransferRequest, transfer_service_pb2.CancelTransferResponse
        ],
    ) -> transfer_service_pb2.CancelTransferResponse:
        """Ends a transfer at the next boundary of a chunk."""

        async def respond() -> transfer_service_pb2.CancelTransferResponse:
            transfer = await self._transfers.cancel(names.last(request.name))
            return transfer_service_pb2.CancelTransferResponse(transfer=encode.transfer(transfer))

        answer = transfer_service_pb2.CancelTransferResponse
        return await self._replays.once("CancelTransfer", request, answer, respond)

    async def PauseTransfer(
        self,
        request: transfer_service_pb2.PauseTransferRequest,
        context: grpc.aio.ServicerContext[
            transfer_service_pb2.PauseTransferRequest, transfer_service_pb2.PauseTransferResponse
        ],
    ) -> transfer_service_pb2.PauseTransferResponse:
        """Halts a transfer."""

        async def respond() -> transfer_service_pb2.PauseTransferResponse:
            transfer = await self._transfers.pause(names.last(request.name))
            return transfer_service_pb2.PauseTransferResponse(transfer=encode.transfer(transfer))

        answer = transfer_service_pb2.PauseTransferResponse
        return await self._replays.once("PauseTransfer", request, answer, respond)

    async def ResumeTransfer(
        self,
        request: transfer_service_pb2.ResumeTransferRequest,
        context: grpc.aio.ServicerContext[
            transfer_service_pb2.ResumeTransferRequest, transfer_service_pb2.ResumeTransferResponse
        ],
    ) -> transfer_service_pb2.ResumeTransferResponse:
        """Lets a paused transfer go on."""

        async def respond() -> transfer_service_pb2.ResumeTransferResponse:
            transfer = await self._transfers.resume(names.last(request.name))
            return transfer_service_pb2.ResumeTransferResponse(transfer=encode.transfer(transfer))

        answer = transfer_service_pb2.ResumeTransferResponse
        return await self._replays.once("ResumeTransfer", request, answer, respond)

    async def ReleaseTransfer(
        self,
        request: transfer_service_pb2.ReleaseTransferRequest,
        context: grpc.aio.ServicerContext[
            transfer_service_pb2.ReleaseTransferRequest, transfer_service_pb2.ReleaseTransferResponse
        ],
    ) -> transfer_service_pb2.ReleaseTransferResponse:
        """Lets a withheld transfer go on."""

        async def respond() -> transfer_service_pb2.ReleaseTransferResponse:
            own = request.request_id.lower()
            transfer = await self._transfers.release(names.last(request.name), request.reason.strip(), request_id=own)
            return transfer_service_pb2.ReleaseTransferResponse(transfer=encode.transfer(transfer))

        answer = transfer_service_pb2.ReleaseTransferResponse
        return await self._replays.once("ReleaseTransfer", request, answer, respond)

    async def RetryTransfer(
        self,
        request: transfer_service_pb2.RetryTransferRequest,
        context: grpc.aio.ServicerContext[
            transfer_service_pb2.RetryTransferRequest, transfer_service_pb2.RetryTransferResponse
        ],
    ) -> transfer_service_pb2.RetryTransferResponse:
        """Starts a transfer of the rows of another one that were not delivered."""

        async def respond() -> transfer_service_pb2.RetryTransferResponse:
            transfer = await self._transfers.retry(names.last(request.name), request_id=request.request_id.lower())
            return transfer_service_pb2.RetryTransferResponse(transfer=encode.transfer(transfer))

        answer = transfer_service_pb2.RetryTransferResponse
        return await self._replays.once("RetryTransfer", request, answer, respond)

    async def UndoTransfer(
        self,
        request: transfer_service_pb2.UndoTransferRequest,
        context: grpc.aio.ServicerContext[
            transfer_service_pb2.UndoTransferRequest, transfer_service_pb2.UndoTransferResponse
        ],
    ) -> transfer_service_pb2.UndoTransferResponse:
        """Starts a transfer that takes back what another one has changed."""

        async def respond() -> transfer_service_pb2.UndoTransferResponse:
            transfer = await self._transfers.undo(names.last(request.name), request_id=request.request_id.lower())
            return transfer_service_pb2.UndoTransferResponse(transfer=encode.transfer(transfer))

        answer = transfer_service_pb2.UndoTransferResponse
        return await self._replays.once("UndoTransfer", request, answer, respond)

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
        query = OutcomeQuery(
            transfer=names.last(request.parent),
            outcome=decode.outcome(request.outcome),
            reason=decode.reason(request.reason),
            after_row=int(cursor),
            limit=size + 1,
        )
        rows = await self._transfers.outcomes(await self._revealing.allowed(query, context, asked=request.reveal_ids))
        token = self._tokens.issue(str(rows[size - 1].row), request) if len(rows) > size else ""
        return transfer_service_pb2.ListOutcomesResponse(
            outcomes=[encode.row_outcome(row) for row in rows[:size]], next_page_token=token
        )

    async def GetMatchReport(
        self,
        request: transfer_service_pb2.GetMatchReportRequest,
        context: grpc.aio.ServicerContext[
            transfer_service_pb2.GetMatchReportRequest, transfer_service_pb2.GetMatchReportResponse
        ],
    ) -> transfer_service_pb2.GetMatchReportResponse:
        """Reports how well the ids of a transfer that has ended matched."""
        report = await self._matching.report(names.last(request.name))
        return transfer_service_pb2.GetMatchReportResponse(report=match_messages.match_report(report))

    async def ExportOutcomes(
        self,
        request: transfer_service_pb2.ExportOutcomesRequest,
        context: grpc.aio.ServicerContext[
            transfer_service_pb2.ExportOutcomesRequest, transfer_service_pb2.ExportOutcomesResponse
        ],
    ) -> AsyncIterator[transfer_service_pb2.ExportOutcomesResponse]:
        """Streams all rows with their outcome."""
        query = OutcomeQuery(
            transfer=names.last(request.parent),
            outcome=decode.outcome(request.outcome),
            reason=decode.reason(request.reason),
            after_row=request.after_row,
        )
        query = await self._revealing.allowed(query, context, asked=request.reveal_ids)
        async for response in outcome_export.export(self._transfers, query, self._draining):
            yield response

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

    async def GetReceiptKey(
        self,
        request: transfer_service_pb2.GetReceiptKeyRequest,
        context: grpc.aio.ServicerContext[
            transfer_service_pb2.GetReceiptKeyRequest, transfer_service_pb2.GetReceiptKeyResponse
        ],
    ) -> transfer_service_pb2.GetReceiptKeyResponse:
        """Gets the public key that receipts written from now on can be verified with."""
        return transfer_service_pb2.GetReceiptKeyResponse(key=encode.receipt_key(self._transfers.receipt_key()))
