"""Waiting for the end of a transfer, also over a restart of the gateway, and accounting for every row."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import cast

import grpc

from audience_gateway.cli.arrival_table import print_arrivals
from audience_gateway.cli.client import Client
from audience_gateway.cli.dry_run import print_samples, row_samples
from audience_gateway.cli.errors import WITHHELD, CommandError, print_note
from audience_gateway.cli.json_output import print_object
from audience_gateway.cli.names import short_name
from audience_gateway.cli.progress import follow
from audience_gateway.cli.receipt_table import print_outcomes, print_receipt
from audience_gateway.cli.tables import print_line
from audience_gateway.v1 import transfer_pb2, transfer_service_pb2

_GOING_ON = (
    transfer_pb2.TRANSFER_STATE_UNSPECIFIED,
    transfer_pb2.TRANSFER_STATE_PENDING,
    transfer_pb2.TRANSFER_STATE_RUNNING,
    transfer_pb2.TRANSFER_STATE_PAUSED,
)
_PATIENCE_SECONDS = 60.0  # for a gateway that is being restarted
_PAUSE_SECONDS = 0.5


def wait_for(client: Client, transfer: transfer_pb2.Transfer, *, as_json: bool) -> None:
    """Shows a transfer until it ends or is withheld, then its account. Raises CommandError unless it succeeded."""
    transfer = _end(client, transfer, as_json=as_json)
    receipt = None if transfer.state == transfer_pb2.TRANSFER_STATE_WITHHELD else _receipt(client, transfer)
    samples = row_samples(client, receipt) if receipt and receipt.validate_only else []
    if as_json:
        sampled = transfer_service_pb2.ListOutcomesResponse(outcomes=samples) if samples else None
        told = {"transfer": transfer, "receipt": receipt, "samples": sampled}
        print_object({name: message for name, message in told.items() if message is not None})
    elif receipt:
        print_line("")
        print_receipt(receipt)
        print_arrivals(transfer)
        print_samples(samples)
    elif transfer.outcomes:
        print_line("")
        print_outcomes(transfer.outcomes)
    _raise_unless_succeeded(transfer)


def _end(client: Client, transfer: transfer_pb2.Transfer, *, as_json: bool) -> transfer_pb2.Transfer:
    try:
        last = follow(_watch(client, transfer.name), quiet=as_json)
    except KeyboardInterrupt:
        print_note(f"The transfer goes on. {_see(transfer)}")
        raise
    if last.state in _GOING_ON:
        raise CommandError("the gateway stopped telling before the transfer ended", _see(transfer))
    return last


def _watch(client: Client, name: str) -> Iterator[transfer_pb2.Transfer]:
    heard = time.monotonic()
    while True:
        try:
            for answer in client.transfers.WatchTransfer(transfer_service_pb2.WatchTransferRequest(name=name)):
                heard = time.monotonic()
                yield answer.transfer
            return  # noqa: TRY300  # the stream has ended, and with it the transfer
        except grpc.RpcError as error:
            gone = cast("grpc.Call", error).code() is grpc.StatusCode.UNAVAILABLE
            if not gone or time.monotonic() - heard > _PATIENCE_SECONDS:
                raise
            time.sleep(_PAUSE_SECONDS)


def _receipt(client: Client, transfer: transfer_pb2.Transfer) -> transfer_pb2.Receipt | None:
    try:
        return client.transfers.GetReceipt(transfer_service_pb2.GetReceiptRequest(name=transfer.name)).receipt
    except grpc.RpcError as error:
        if cast("grpc.Call", error).code() is not grpc.StatusCode.FAILED_PRECONDITION:
            raise
        return None  # it failed before it could be accounted for


def _raise_unless_succeeded(transfer: transfer_pb2.Transfer) -> None:
    if transfer.validate_only and transfer.state == transfer_pb2.TRANSFER_STATE_SUCCEEDED and transfer.holds:
        raise CommandError(f"a guard would hold the transfer back: {_findings(transfer)}", exit_code=WITHHELD)
    if transfer.state == transfer_pb2.TRANSFER_STATE_WITHHELD:
        raise CommandError(_held(transfer), _release(transfer), exit_code=WITHHELD)
    if transfer.state == transfer_pb2.TRANSFER_STATE_LAPSED:
        raise CommandError(_lapsed(transfer), "Check the source, and share again.", exit_code=WITHHELD)
    if transfer.state == transfer_pb2.TRANSFER_STATE_CANCELLED:
        raise CommandError("the transfer was cancelled", "`transfers retry` sends what was not sent.")
    if transfer.state == transfer_pb2.TRANSFER_STATE_FAILED:
        raise CommandError(f"the transfer failed: {transfer.failure.message}", transfer.failure.remedy)


def _held(transfer: transfer_pb2.Transfer) -> str:
    return f"a guard holds the transfer back, and the destination is as it was: {_findings(transfer)}"


def _findings(transfer: transfer_pb2.Transfer) -> str:
    return " ".join(f"{finding.message}." for hold in transfer.holds[-1:] for finding in hold.findings)


def _release(transfer: transfer_pb2.Transfer) -> str:
    name = short_name(transfer.name)
    return (
        f"Check the source; `transfers release {name} --reason ...` delivers all the same, `transfers cancel {name}` "
        "gives up."
    )


def _lapsed(transfer: transfer_pb2.Transfer) -> str:
    newer = "".join(hold.superseded_by for hold in transfer.holds[-1:])
    why = f"{newer} has taken its place" if newer else "nobody released it in time"
    return f"a guard held the transfer back, and {why}; it has changed nothing"


def _see(transfer: transfer_pb2.Transfer) -> str:
    return f"`transfers show {short_name(transfer.name)}` tells how far it is."
