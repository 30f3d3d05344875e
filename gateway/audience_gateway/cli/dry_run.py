"""What a dry run shows: some rows of each outcome that they would have."""

from __future__ import annotations

from collections.abc import Sequence

from audience_gateway.cli.client import Client
from audience_gateway.cli.labels import count_label, enum_label
from audience_gateway.cli.tables import print_line, print_table
from audience_gateway.v1 import transfer_pb2, transfer_service_pb2

_SAMPLE_ROWS = 5


def row_samples(client: Client, receipt: transfer_pb2.Receipt) -> list[transfer_pb2.RowOutcome]:
    """The first rows of each outcome that has any."""
    return [
        row
        for count in receipt.outcomes
        if count.rows
        for row in client.transfers.ListOutcomes(
            transfer_service_pb2.ListOutcomesRequest(
                parent=receipt.transfer, outcome=count.outcome, page_size=_SAMPLE_ROWS
            )
        ).outcomes
    ]


def print_samples(rows: Sequence[transfer_pb2.RowOutcome]) -> None:
    """Prints them, and that it was a dry run; nothing where there are none."""
    if not rows:
        return
    print_line("")
    print_table(("#Row", "Would be", "Reason", "Fingerprint"), map(_row, rows))
    print_line("")
    print_line("This was a dry run: the destination is as it was. It may refuse members, which only a share finds out.")


def _row(row: transfer_pb2.RowOutcome) -> tuple[str, ...]:
    outcome = enum_label(transfer_pb2.Outcome.DESCRIPTOR, row.outcome)
    return (count_label(row.row), outcome, row.reason, row.id_fingerprint)
