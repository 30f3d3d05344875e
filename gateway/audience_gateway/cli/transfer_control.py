"""`transfers cancel`, `pause`, `resume`, `release`, `retry`, `undo` and `watch`."""

from __future__ import annotations

from typing import Annotated

import typer

from audience_gateway.cli.client import Client, gateway
from audience_gateway.cli.json_output import print_object
from audience_gateway.cli.names import resource_name, short_name
from audience_gateway.cli.options import AsJson
from audience_gateway.cli.tables import print_line
from audience_gateway.cli.transfer_table import print_transfer
from audience_gateway.cli.waiting import wait_for
from audience_gateway.v1 import transfer_pb2, transfer_service_pb2

app = typer.Typer()

Id = Annotated[str, typer.Argument(help="The transfer's id.", show_default=False)]


@app.command("cancel")
def cancel_transfer(context: typer.Context, transfer: Id, *, as_json: AsJson = False) -> None:
    """End a transfer at the next boundary of a chunk; its receipt says what was delivered by then."""
    with gateway(context) as client:
        request = transfer_service_pb2.CancelTransferRequest(name=resource_name("transfers", transfer))
        _show(client.transfers.CancelTransfer(request).transfer, as_json=as_json)


@app.command("pause")
def pause_transfer(context: typer.Context, transfer: Id, *, as_json: AsJson = False) -> None:
    """Halt a transfer until it is resumed or cancelled."""
    with gateway(context) as client:
        request = transfer_service_pb2.PauseTransferRequest(name=resource_name("transfers", transfer))
        _show(client.transfers.PauseTransfer(request).transfer, as_json=as_json)


@app.command("resume")
def resume_transfer(context: typer.Context, transfer: Id, *, as_json: AsJson = False) -> None:
    """Let a paused transfer go on where it was."""
    with gateway(context) as client:
        request = transfer_service_pb2.ResumeTransferRequest(name=resource_name("transfers", transfer))
        _show(client.transfers.ResumeTransfer(request).transfer, as_json=as_json)


@app.command("release")
def release_transfer(
    context: typer.Context,
    transfer: Id,
    reason: Annotated[
        str, typer.Option("--reason", help="Why what the guard found is no accident; it is kept, and signed.")
    ],
    *,
    request_id: Annotated[
        str, typer.Option("--request-id", help="A UUID; the same one again answers the same transfer.")
    ] = "",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the end and show the receipt.")] = True,
    as_json: AsJson = False,
) -> None:
    """Let a transfer that a guard holds back go on and deliver."""
    with gateway(context) as client:
        request = transfer_service_pb2.ReleaseTransferRequest(
            name=resource_name("transfers", transfer), reason=reason, request_id=request_id
        )
        _follow(client, client.transfers.ReleaseTransfer(request).transfer, wait=wait, as_json=as_json)


@app.command("retry")
def retry_transfer(
    context: typer.Context,
    transfer: Id,
    *,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the end and show the receipt.")] = True,
    as_json: AsJson = False,
) -> None:
    """Start a transfer of the rows of another one that were refused, not sent, or sent without an answer."""
    with gateway(context) as client:
        request = transfer_service_pb2.RetryTransferRequest(name=resource_name("transfers", transfer))
        _follow(client, client.transfers.RetryTransfer(request).transfer, wait=wait, as_json=as_json)


@app.command("undo")
def undo_transfer(
    context: typer.Context,
    transfer: Id,
    *,
    request_id: Annotated[
        str, typer.Option("--request-id", help="A UUID; the same one again answers the same transfer.")
    ] = "",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the end and show the receipt.")] = True,
    as_json: AsJson = False,
) -> None:
    """Take back what a transfer has changed, if it was the last one to change its destination."""
    with gateway(context) as client:
        request = transfer_service_pb2.UndoTransferRequest(
            name=resource_name("transfers", transfer), request_id=request_id
        )
        _follow(client, client.transfers.UndoTransfer(request).transfer, wait=wait, as_json=as_json)


@app.command("watch")
def watch_transfer(context: typer.Context, transfer: Id, *, as_json: AsJson = False) -> None:
    """Show a transfer until its end, and then its receipt."""
    with gateway(context) as client:
        wait_for(client, transfer_pb2.Transfer(name=resource_name("transfers", transfer)), as_json=as_json)


def _follow(client: Client, started: transfer_pb2.Transfer, *, wait: bool, as_json: bool) -> None:
    if not as_json:
        print_line(f"transfer {short_name(started.name)}")
    if wait:
        wait_for(client, started, as_json=as_json)
    elif as_json:
        print_object({"transfer": started})


def _show(transfer: transfer_pb2.Transfer, *, as_json: bool) -> None:
    if as_json:
        print_object(transfer)
    else:
        print_transfer(transfer)
