"""Schedules as tables."""

from __future__ import annotations

from collections.abc import Iterable

from audience_gateway.cli.labels import enum_label, time_label
from audience_gateway.cli.names import short_name
from audience_gateway.cli.tables import print_line, print_table
from audience_gateway.v1 import identity_pb2, schedule_pb2, transfer_pb2


def print_schedules(schedules: Iterable[schedule_pb2.Schedule]) -> None:
    """Prints one line a schedule."""
    print_table(("Schedule", "From", "To", "Cron", "Time zone", "Next run (UTC)", "Last run"), map(_row, schedules))


def print_schedule(schedule: schedule_pb2.Schedule) -> None:
    """Prints all about one schedule."""
    print_table(("Field", "Value"), ((name, value) for name, value in _fields(schedule) if value))
    print_line("")
    print_runs(schedule.last_runs)


def print_runs(runs: Iterable[schedule_pb2.ScheduledRun]) -> None:
    """Prints one line a run."""
    print_table(("Due (UTC)", "Run", "Transfer", "Why not"), map(_run_row, runs))


def _row(schedule: schedule_pb2.Schedule) -> tuple[str, ...]:
    share = schedule.share
    return (
        short_name(schedule.name),
        short_name(share.source),
        short_name(share.destination),
        schedule.cron,
        schedule.time_zone,
        "paused" if schedule.paused else "".join(time_label(time) for time in schedule.next_run_times[:1]),
        "".join(_result(run) for run in schedule.last_runs[:1]),
    )


def _fields(schedule: schedule_pb2.Schedule) -> list[tuple[str, str]]:
    share = schedule.share
    limit = share.time_limit.ToTimedelta() if share.HasField("time_limit") else ""
    return [
        ("schedule", short_name(schedule.name)),
        ("source", short_name(share.source)),
        ("destination", short_name(share.destination)),
        ("data source", short_name(share.data_source)),
        ("then by", ", ".join(map(short_name, share.further_data_sources))),
        ("purposes", ", ".join(share.purposes)),
        ("policy", enum_label(identity_pb2.CandidatePolicy.DESCRIPTOR, share.candidate_policy)),
        ("mode", enum_label(transfer_pb2.TransferMode.DESCRIPTOR, share.mode)),
        ("unknown ids", "records are created" if share.create_unknown_records else ""),
        ("priority", enum_label(transfer_pb2.Priority.DESCRIPTOR, share.priority)),
        ("time limit", str(limit)),
        ("cron", schedule.cron),
        ("time zone", schedule.time_zone),
        ("catch up", enum_label(schedule_pb2.CatchUp.DESCRIPTOR, schedule.catch_up)),
        ("overlap", enum_label(schedule_pb2.OverlapPolicy.DESCRIPTOR, schedule.overlap)),
        ("paused", "yes" if schedule.paused else ""),
        *(("next run (UTC)", time_label(time)) for time in schedule.next_run_times),
        ("etag", schedule.etag),
    ]


def _run_row(run: schedule_pb2.ScheduledRun) -> tuple[str, ...]:
    failure = run.failure
    return (
        time_label(run.due_time),
        _result(run),
        short_name(run.transfer) if run.transfer else "",
        f"{failure.reason} {failure.message} {failure.remedy}".strip(),
    )


def _result(run: schedule_pb2.ScheduledRun) -> str:
    return enum_label(schedule_pb2.RunResult.DESCRIPTOR, run.result)
