"""A receipt as tables: every row of the source by outcome and reason, and what became of the members that left."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from audience_gateway.cli.errors import CommandError
from audience_gateway.cli.labels import count_label, enum_label
from audience_gateway.cli.names import short_name
from audience_gateway.cli.tables import add_column, new_table
from audience_gateway.v1 import transfer_pb2


def print_receipt(receipt: transfer_pb2.Receipt) -> None:
    """Prints the outcomes, and the removals if any member left.

    Raises CommandError if the outcomes do not sum to the rows read.
    """
    console = Console()
    console.print(_outcomes(receipt.outcomes, receipt.rows_read))
    if receipt.data_source_counts:
        console.print()
        console.print(_by_source(receipt))
    if receipt.removals.leavers:
        console.print()
        console.print(_removals(receipt.removals))
    total = sum(count.rows for count in receipt.outcomes)
    if total != receipt.rows_read:
        raise CommandError(
            f"the outcomes sum to {total}, not to the {receipt.rows_read} rows read",
            "Report this: no row may be lost.",
        )


def print_outcomes(outcomes: Sequence[transfer_pb2.OutcomeCount]) -> None:
    """Prints outcomes that no receipt tells yet."""
    Console().print(_outcomes(outcomes, sum(count.rows for count in outcomes)))


def _outcomes(outcomes: Sequence[transfer_pb2.OutcomeCount], rows_read: int) -> Table:
    table = new_table()
    for column in ("Outcome", "Reason", "#Rows"):
        add_column(table, column)
    for count in outcomes:
        table.add_row(
            enum_label(transfer_pb2.Outcome.DESCRIPTOR, count.outcome), "", count_label(count.rows), style="bold"
        )
        for reason, rows in sorted(count.reasons.items()):
            table.add_row("", reason, count_label(rows), style="dim")
    table.add_section()
    table.add_row("sum = rows read", "", count_label(rows_read), style="bold")
    return table


def _by_source(receipt: transfer_pb2.Receipt) -> Table:
    table = new_table()
    for column in ("Went by data source", "Reason", "#Rows"):
        add_column(table, column)
    for count in receipt.data_source_counts:
        table.add_row(short_name(count.data_source), "", count_label(count.rows), style="bold")
        for reason, rows in sorted(count.reasons.items()):
            table.add_row("", reason, count_label(rows), style="dim")
    return table


def _removals(removals: transfer_pb2.RemovalCount) -> Table:
    table = new_table()
    for column in ("Members that left", "#Members"):
        add_column(table, column)
    for name in ("removed", "refused", "withheld", "in_doubt", "not_supported"):
        table.add_row(name.replace("_", " "), count_label(getattr(removals, name)))
    table.add_section()
    table.add_row("leavers", count_label(removals.leavers), style="bold")
    return table
