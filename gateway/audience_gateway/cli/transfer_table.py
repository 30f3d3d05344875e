"""Transfers as tables."""

from __future__ import annotations

from collections.abc import Iterable

from audience_gateway.cli.arrival_table import print_arrivals
from audience_gateway.cli.labels import count_label, enum_label, time_label
from audience_gateway.cli.names import short_name
from audience_gateway.cli.tables import print_line, print_table
from audience_gateway.v1 import identity_pb2, transfer_pb2


def print_transfers(transfers: Iterable[transfer_pb2.Transfer]) -> None:
    """Prints one line a transfer."""
    print_table(("Transfer", "From", "To", "By", "State", "#Rows", "Created (UTC)"), map(_row, transfers))


def print_transfer(transfer: transfer_pb2.Transfer) -> None:
    """Prints all about one transfer."""
    print_table(("Field", "Value"), ((name, value) for name, value in _fields(transfer) if value))
    print_line("")
    print_table(("Stage", "#Rows done", "#Rows", "#Rows/s", "Ends about (UTC)"), map(_progress_row, transfer.progress))
    print_arrivals(transfer)


def _row(transfer: transfer_pb2.Transfer) -> tuple[str, ...]:
    return (
        short_name(transfer.name),
        short_name(transfer.source),
        short_name(transfer.destination),
        short_name(transfer.data_source),
        enum_label(transfer_pb2.TransferState.DESCRIPTOR, transfer.state) + (" (dry run)" * transfer.validate_only),
        count_label(sum(count.rows for count in transfer.outcomes)) if transfer.outcomes else "",
        time_label(transfer.create_time),
    )


def _fields(transfer: transfer_pb2.Transfer) -> tuple[tuple[str, str], ...]:
    return (
        ("transfer", short_name(transfer.name)),
        ("source", short_name(transfer.source)),
        ("destination", short_name(transfer.destination)),
        ("data source", short_name(transfer.data_source)),
        ("then by", ", ".join(map(short_name, transfer.further_data_sources))),
        ("purposes", ", ".join(transfer.purposes)),
        ("policy", enum_label(identity_pb2.CandidatePolicy.DESCRIPTOR, transfer.candidate_policy)),
        ("dry run", "yes: nothing is written" if transfer.validate_only else ""),
        ("mode", enum_label(transfer_pb2.TransferMode.DESCRIPTOR, transfer.mode)),
        ("unknown ids", "records are created" if transfer.create_unknown_records else ""),
        ("priority", enum_label(transfer_pb2.Priority.DESCRIPTOR, transfer.priority)),
        ("deadline (UTC)", time_label(transfer.deadline) if transfer.HasField("deadline") else ""),
        ("schedule", short_name(transfer.schedule)),
        ("state", enum_label(transfer_pb2.TransferState.DESCRIPTOR, transfer.state)),
        ("stage", enum_label(transfer_pb2.Stage.DESCRIPTOR, transfer.stage)),
        ("failure", f"{transfer.failure.reason} {transfer.failure.message} {transfer.failure.remedy}".strip()),
        *(field for hold in transfer.holds for field in _hold_fields(hold)),
        ("created (UTC)", time_label(transfer.create_time)),
        ("updated (UTC)", time_label(transfer.update_time)),
        ("ended (UTC)", time_label(transfer.end_time)),
    )


def _hold_fields(hold: transfer_pb2.Hold) -> tuple[tuple[str, str], ...]:
    return (
        ("held back for", "; ".join(f"{finding.reason}: {finding.message}" for finding in hold.findings)),
        ("held back (UTC)", time_label(hold.withhold_time)),
        ("ends at the latest (UTC)", "" if _is_over(hold) else time_label(hold.expire_time)),
        ("released (UTC)", time_label(hold.release_time) if hold.release_reason else ""),
        ("released for", hold.release_reason),
        ("superseded by", short_name(hold.superseded_by)),
    )


def _is_over(hold: transfer_pb2.Hold) -> bool:
    return bool(hold.release_reason or hold.superseded_by) or not hold.HasField("expire_time")


def _progress_row(progress: transfer_pb2.StageProgress) -> tuple[str, ...]:
    total = count_label(progress.rows_total) if progress.HasField("rows_total") else ""
    return (
        enum_label(transfer_pb2.Stage.DESCRIPTOR, progress.stage),
        count_label(progress.rows_done),
        total,
        count_label(round(progress.rows_per_second)),
        time_label(progress.estimated_end_time) if progress.HasField("estimated_end_time") else "",
    )
