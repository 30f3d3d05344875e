"""`transfers`: how far they are, and what became of every row."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from audience_gateway.cli import transfer_control
from audience_gateway.cli.client import Client, gateway
from audience_gateway.cli.errors import print_note
from audience_gateway.cli.json_output import print_array, print_object
from audience_gateway.cli.labels import count_label, enum_label
from audience_gateway.cli.match_tables import print_match_report
from audience_gateway.cli.names import resource_name, short_name
from audience_gateway.cli.options import AsJson
from audience_gateway.cli.paging import pages
from audience_gateway.cli.receipt_table import print_receipt
from audience_gateway.cli.tables import print_line, print_table
from audience_gateway.cli.tokens import VARIABLE, Metadata, caller_token
from audience_gateway.cli.transfer_table import print_transfer, print_transfers
from audience_gateway.v1 import transfer_pb2, transfer_service_pb2

app = typer.Typer(help="Transfers: how far they are, and what became of every row.", no_args_is_help=True)
app.add_typer(transfer_control.app)

_LARGEST_PAGE = 10_000
_SHOWN = 1000
_COLUMNS = ("#Row", "Outcome", "Reason", "Detail", "By", "Fingerprint")

Id = Annotated[str, typer.Argument(help="The transfer's id.", show_default=False)]


class OutcomeName(StrEnum):
    """The class that a row ended in."""

    DELIVERED = "delivered"
    UNCHANGED = "unchanged"
    UNMATCHED = "unmatched"
    REJECTED = "rejected"
    SUPPRESSED = "suppressed"
    DUPLICATE = "duplicate"
    WITHHELD = "withheld"


@app.command("list")
def list_transfers(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many, the newest; 0 means all.")] = 50,
    *,
    as_json: AsJson = False,
) -> None:
    """List transfers, the newest first."""
    with gateway(context) as client:
        request = transfer_service_pb2.ListTransfersRequest(page_size=limit)
        answers = pages(client.transfers.ListTransfers, request)
        transfers = islice((transfer for answer in answers for transfer in answer.transfers), limit or None)
        if as_json:
            print_array(transfers)
        else:
            print_transfers(transfers)


@app.command("show")
def show_transfer(context: typer.Context, transfer: Id, *, as_json: AsJson = False) -> None:
    """Show one transfer: where it is, and how far each stage is."""
    with gateway(context) as client:
        request = transfer_service_pb2.GetTransferRequest(name=resource_name("transfers", transfer))
        found = client.transfers.GetTransfer(request).transfer
    if as_json:
        print_object(found)
    else:
        print_transfer(found)


@app.command("receipt")
def show_receipt(context: typer.Context, transfer: Id, *, as_json: AsJson = False) -> None:
    """Show the receipt of a transfer that has ended."""
    with gateway(context) as client:
        request = transfer_service_pb2.GetReceiptRequest(name=resource_name("transfers", transfer))
        receipt = client.transfers.GetReceipt(request).receipt
    if as_json:
        print_object(receipt)
    else:
        print_receipt(receipt)


@app.command("match-report")
def show_match_report(context: typer.Context, transfer: Id, *, as_json: AsJson = False) -> None:
    """Show how well the ids of a transfer that has ended matched, and what the others would match by."""
    with gateway(context) as client:
        request = transfer_service_pb2.GetMatchReportRequest(name=resource_name("transfers", transfer))
        report = client.transfers.GetMatchReport(request).report
    if as_json:
        print_object(report)
    else:
        print_match_report(report)


@app.command("outcomes")
def list_outcomes(
    context: typer.Context,
    transfer: Id,
    outcome: Annotated[OutcomeName | None, typer.Option("--outcome", help="Only rows of this outcome.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Only rows of this reason, e.g. unknown_id.")] = "",
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=0, help="Show at most so many rows, else 1000; 0 means all."),
    ] = None,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="Write all rows to a file: .parquet for programs, .csv for spreadsheets."),
    ] = None,
    reveal_ids: Annotated[
        bool,
        typer.Option(
            "--reveal-ids", help=f"Show ids, for callers who have the right; {VARIABLE} has to hold their token."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List rows with their outcome, in the order of the source."""
    request = transfer_service_pb2.ListOutcomesRequest(
        parent=resource_name("transfers", transfer),
        outcome=transfer_pb2.Outcome.Value(f"OUTCOME_{outcome.name if outcome else 'UNSPECIFIED'}"),
        reason=reason,
        reveal_ids=reveal_ids,
    )
    token = caller_token() if reveal_ids else ()
    with gateway(context) as client:
        if output is None:
            _show(client, request, _SHOWN if limit is None else limit, token, as_json=as_json)
            return
        if limit is not None or as_json:
            raise typer.BadParameter("--output writes all rows to the file, without --limit and --json")
        # No other command here need load Arrow.
        from audience_gateway.cli.outcome_files import write_outcomes  # noqa: PLC0415 - see above

        export = transfer_service_pb2.ExportOutcomesRequest(
            parent=request.parent, outcome=request.outcome, reason=reason, reveal_ids=reveal_ids
        )
        print_line(f"{count_label(write_outcomes(client, export, output, token))} rows are in {output}.")


def _show(
    client: Client,
    request: transfer_service_pb2.ListOutcomesRequest,
    limit: int,
    token: Metadata,
    *,
    as_json: bool,
) -> None:
    request.page_size = min(limit + 1, _LARGEST_PAGE) if limit else _LARGEST_PAGE
    rows = _limited(_outcomes(client, request, token), limit)
    if as_json:
        print_array(rows)
    elif request.reveal_ids:
        print_table((*_COLUMNS, "Id"), ((*_row(row), _printable(row.id)) for row in rows))
    else:
        print_table(_COLUMNS, map(_row, rows))


def _outcomes(
    client: Client, request: transfer_service_pb2.ListOutcomesRequest, token: Metadata
) -> Iterator[transfer_pb2.RowOutcome]:
    for answer in pages(partial(client.transfers.ListOutcomes, metadata=token), request):
        yield from answer.outcomes


def _limited(rows: Iterator[transfer_pb2.RowOutcome], limit: int) -> Iterator[transfer_pb2.RowOutcome]:
    yield from islice(rows, limit or None)
    if next(rows, None) is not None:
        print_note(f"note: only the first {limit} rows are shown; --limit 0 shows all.")


def _row(row: transfer_pb2.RowOutcome) -> tuple[str, ...]:
    outcome = enum_label(transfer_pb2.Outcome.DESCRIPTOR, row.outcome)
    return (count_label(row.row), outcome, row.reason, row.detail, short_name(row.data_source), row.id_fingerprint)


def _printable(text: str) -> str:
    """An id may hold what a terminal would obey."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
