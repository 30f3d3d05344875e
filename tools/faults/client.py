"""A client that asks whichever gateway answers, again and again, as clients do that want to survive."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
from audience_gateway.v1 import (
    audience_service_pb2,
    audience_service_pb2_grpc,
    transfer_pb2,
    transfer_service_pb2,
    transfer_service_pb2_grpc,
)

_CALL_SECONDS = 20.0
_LOOK_SECONDS = 0.05
_MOST_BYTES = 64 << 20
_OPTIONS = [("grpc.enable_http_proxy", 0), ("grpc.max_receive_message_length", _MOST_BYTES)]
_PAGE = 10_000
_AGAIN = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}
UNDER_WAY = {
    transfer_pb2.TRANSFER_STATE_PENDING,
    transfer_pb2.TRANSFER_STATE_RUNNING,
    transfer_pb2.TRANSFER_STATE_PAUSED,
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stubs:
    """The services of one gateway."""

    audiences: audience_service_pb2_grpc.AudienceServiceStub
    transfers: transfer_service_pb2_grpc.TransferServiceStub


class Unanswered(RuntimeError):
    """No gateway has answered for too long."""


class GatewayClient:
    """Asks gateways.

    Args:
        addresses: where gateways are now.
        patience: for so many seconds a call is made again.
    """

    def __init__(self, addresses: Callable[[], Sequence[str]], patience: float = 120.0) -> None:
        self._addresses = addresses
        self._patience = patience

    def share(self, source: str, destination: str, request_id: str, *, patience: float | None = None) -> str:
        """Starts a transfer, or finds the one of the request id; answers its name."""
        request = audience_service_pb2.ShareAudienceRequest(
            source=f"connections/{source.replace('/', '/audiences/')}",
            destination=f"connections/{destination.replace('/', '/audiences/')}",
            data_source="dataSources/any",
            request_id=request_id,
        )
        call = self._asked(lambda stubs: stubs.audiences.ShareAudience(request, timeout=_CALL_SECONDS), patience)
        name: str = call.transfer.name
        return name

    def transfer(self, name: str, *, patience: float | None = None) -> transfer_pb2.Transfer:
        """A transfer as it is now."""
        request = transfer_service_pb2.GetTransferRequest(name=name)
        answer = self._asked(lambda stubs: stubs.transfers.GetTransfer(request, timeout=_CALL_SECONDS), patience)
        transfer: transfer_pb2.Transfer = answer.transfer
        return transfer

    def ended(self, name: str, seconds: float) -> transfer_pb2.Transfer | None:
        """A transfer when it has ended; None if it does not in so many seconds."""
        deadline = time.monotonic() + seconds
        while (transfer := self.transfer(name)).state in UNDER_WAY:
            if time.monotonic() > deadline:
                return None
            time.sleep(_LOOK_SECONDS)
        return transfer

    def receipt(self, name: str) -> dict[str, Any]:
        """The receipt of a transfer."""
        request = transfer_service_pb2.GetReceiptRequest(name=name)
        answer = self._asked(lambda stubs: stubs.transfers.GetReceipt(request, timeout=_CALL_SECONDS))
        receipt: dict[str, Any] = json.loads(answer.receipt.canonical_json)
        return receipt

    def delivered_rows(self, name: str) -> list[int]:
        """The rows that a transfer says were delivered, or were there before."""
        return [
            row.row
            for outcome in (transfer_pb2.OUTCOME_DELIVERED, transfer_pb2.OUTCOME_UNCHANGED)
            for row in self._rows(name, outcome)
        ]

    def cancel(self, name: str) -> bool:
        """Cancels a transfer; False if it has ended otherwise."""
        request = transfer_service_pb2.CancelTransferRequest(name=name)
        return self._in_time(lambda stubs: stubs.transfers.CancelTransfer(request, timeout=_CALL_SECONDS))

    def pause(self, name: str) -> bool:
        """Pauses a transfer; False if it has ended."""
        request = transfer_service_pb2.PauseTransferRequest(name=name)
        return self._in_time(lambda stubs: stubs.transfers.PauseTransfer(request, timeout=_CALL_SECONDS))

    def resume(self, name: str) -> bool:
        """Resumes a transfer; False if it has ended."""
        request = transfer_service_pb2.ResumeTransferRequest(name=name)
        return self._in_time(lambda stubs: stubs.transfers.ResumeTransfer(request, timeout=_CALL_SECONDS))

    def _rows(self, name: str, outcome: transfer_pb2.Outcome.ValueType) -> list[transfer_pb2.RowOutcome]:
        request = transfer_service_pb2.ListOutcomesRequest(parent=name, outcome=outcome, page_size=_PAGE)
        rows: list[transfer_pb2.RowOutcome] = []
        while True:
            page = self._asked(lambda stubs: stubs.transfers.ListOutcomes(request, timeout=_CALL_SECONDS))
            rows += page.outcomes
            if not page.next_page_token:
                return rows
            request.page_token = page.next_page_token

    def _in_time(self, call: Callable[[Stubs], object]) -> bool:
        try:
            self._asked(call)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.FAILED_PRECONDITION:
                return False
            raise
        return True

    def _asked(self, call: Callable[[Stubs], T], patience: float | None = None) -> T:
        deadline = time.monotonic() + (self._patience if patience is None else patience)
        while True:
            for address in self._addresses():
                try:
                    with grpc.insecure_channel(address, options=_OPTIONS) as channel:
                        return call(_stubs(channel))
                except grpc.RpcError as error:
                    if error.code() not in _AGAIN:
                        raise
            if time.monotonic() > deadline:
                raise Unanswered
            time.sleep(_LOOK_SECONDS)


def _stubs(channel: grpc.Channel) -> Stubs:
    return Stubs(
        audience_service_pb2_grpc.AudienceServiceStub(channel), transfer_service_pb2_grpc.TransferServiceStub(channel)
    )
