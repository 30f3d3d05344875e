"""`share`: starts a transfer, shows it running, and accounts for every row."""

from __future__ import annotations

from typing import Annotated

import typer

from audience_gateway.cli.client import Client, gateway
from audience_gateway.cli.errors import WITHHELD, CommandError, print_note
from audience_gateway.cli.json_output import print_object
from audience_gateway.cli.names import audience_name, resource_name, short_name
from audience_gateway.cli.options import AsJson, PolicyOption, policy_value
from audience_gateway.cli.progress import follow
from audience_gateway.cli.receipt_table import print_receipt
from audience_gateway.cli.tables import print_line
from audience_gateway.v1 import audience_service_pb2, transfer_pb2, transfer_service_pb2

app = typer.Typer()

_ANY_REMOVALS = transfer_pb2.Guard(removed_rows=2**63 - 1, removed_share=1.0)
_ENDED = (
    transfer_pb2.TRANSFER_STATE_SUCCEEDED,
    transfer_pb2.TRANSFER_STATE_WITHHELD,
    transfer_pb2.TRANSFER_STATE_FAILED,
)


@app.command("share")
def share(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="The audience to read, e.g. people/gold.")],
    destination: Annotated[str, typer.Argument(help="The audience to write, e.g. campaign/gold.")],
    data_source: Annotated[str, typer.Option("--data-source", help="The data source of the ids.")],
    *,
    policy: PolicyOption = None,
    request_id: Annotated[
        str, typer.Option("--request-id", help="A UUID; the same one again answers the same transfer.")
    ] = "",
    accept_removals: Annotated[
        bool, typer.Option("--accept-removals", help="Do not hold back for the number of members that leave.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the end and show the receipt.")] = True,
    as_json: AsJson = False,
) -> None:
    """Make one audience hold what another holds.

    Exits with 0 when the transfer succeeded, 3 when a guard held it back, 1 when it failed.
    """
    request = audience_service_pb2.ShareAudienceRequest(
        source=audience_name(source),
        destination=audience_name(destination),
        data_source=resource_name("dataSources", data_source),
        candidate_policy=policy_value(policy),
        request_id=request_id,
        guard=_ANY_REMOVALS if accept_removals else None,
    )
    with gateway(context) as client:
        transfer = client.audiences.ShareAudience(request).transfer
        if not as_json:
            print_line(f"transfer {short_name(transfer.name)}")
        if wait:
            _wait(client, transfer, as_json=as_json)
        elif as_json:
            print_object({"transfer": transfer})


def _wait(client: Client, transfer: transfer_pb2.Transfer, *, as_json: bool) -> None:
    transfer = _end(client, transfer, as_json=as_json)
    failed = transfer.state == transfer_pb2.TRANSFER_STATE_FAILED
    receipt = None if failed else _receipt(client, transfer)
    if as_json:
        print_object({"transfer": transfer, "receipt": receipt} if receipt else {"transfer": transfer})
    elif receipt:
        print_line("")
        print_receipt(receipt)
    _raise_unless_succeeded(transfer)


def _end(client: Client, transfer: transfer_pb2.Transfer, *, as_json: bool) -> transfer_pb2.Transfer:
    request = transfer_service_pb2.WatchTransferRequest(name=transfer.name)
    try:
        answers = client.transfers.WatchTransfer(request)
        last = follow((answer.transfer for answer in answers), quiet=as_json)
    except KeyboardInterrupt:
        print_note(f"The transfer goes on. {_see(transfer)}")
        raise
    if last.state not in _ENDED:
        raise CommandError("the gateway stopped telling before the transfer ended", _see(transfer))
    return last


def _receipt(client: Client, transfer: transfer_pb2.Transfer) -> transfer_pb2.Receipt:
    return client.transfers.GetReceipt(transfer_service_pb2.GetReceiptRequest(name=transfer.name)).receipt


def _raise_unless_succeeded(transfer: transfer_pb2.Transfer) -> None:
    if transfer.state == transfer_pb2.TRANSFER_STATE_WITHHELD:
        raise CommandError(
            "a guard held the transfer back; the destination is as it was",
            "See the reasons of the outcome `withheld`, and check the source.",
            exit_code=WITHHELD,
        )
    if transfer.state == transfer_pb2.TRANSFER_STATE_FAILED:
        raise CommandError(f"the transfer failed: {transfer.failure.message}", transfer.failure.remedy)


def _see(transfer: transfer_pb2.Transfer) -> str:
    return f"See `audience-gateway transfers show {short_name(transfer.name)}`."
