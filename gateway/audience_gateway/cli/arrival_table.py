"""How what a transfer delivered arrives, as a table."""

from __future__ import annotations

from audience_gateway.cli.labels import count_label, enum_label, time_label
from audience_gateway.cli.tables import print_line, print_table
from audience_gateway.v1 import transfer_pb2


def print_arrivals(transfer: transfer_pb2.Transfer) -> None:
    """Prints one line a stage of the destination, behind an empty line; nothing for a transfer without arrivals."""
    if transfer.arrivals:
        print_line("")
        print_table(
            ("Arrival", "State", "Reached (UTC)", "Due (UTC)", "Counts", "Message"), map(_row, transfer.arrivals)
        )


def _row(arrival: transfer_pb2.Arrival) -> tuple[str, ...]:
    return (
        arrival.stage,
        enum_label(transfer_pb2.ArrivalState.DESCRIPTOR, arrival.state).replace("_", " "),
        time_label(arrival.reached_time),
        time_label(arrival.due_time),
        ", ".join(f"{name} {count_label(rows)}" for name, rows in sorted(arrival.counts.items())),
        f"{arrival.message} {arrival.remedy}".strip(),
    )
