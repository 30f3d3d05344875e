"""Schedules and runs as database rows, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from audience_gateway.schedules.model import CatchUp, Definition, Overlap, Run, RunResult, Schedule
from audience_gateway.transfers import records
from audience_gateway.transfers.model import Failure

Row = dict[str, Any]


def definition_row(definition: Definition) -> Row:
    """The columns of what a schedule does."""
    limit = definition.time_limit
    return {
        "share": {
            "request": records.request_record(definition.share),
            "time_limit": limit.total_seconds() if limit else None,
        },
        "cron": definition.cron,
        "time_zone": definition.time_zone,
        "catch_up": definition.catch_up.value,
        "overlap": definition.overlap.value,
    }


def schedule(row: Mapping[str, Any]) -> Schedule:
    """A schedule from its row."""
    limit = row["share"]["time_limit"]
    definition = Definition(
        share=records.request(row["share"]["request"]),
        time_limit=timedelta(seconds=limit) if limit else None,
        cron=row["cron"],
        time_zone=row["time_zone"],
        catch_up=CatchUp(row["catch_up"]),
        overlap=Overlap(row["overlap"]),
    )
    return Schedule(
        name=row["name"],
        definition=definition,
        paused=row["paused"],
        version=row["version"],
        request_id=row["request_id"],
        created=row["created"].replace(tzinfo=UTC),
        updated=row["updated"].replace(tzinfo=UTC),
    )


def run_row(schedule: str, run: Run) -> Row:
    """The row of a run."""
    return {
        "schedule": schedule,
        "due": naive(run.due),
        "result": run.result.value,
        "transfer": run.transfer or None,
        "failure": records.failure_record(run.failure) if run.failure else None,
    }


def run(row: Mapping[str, Any]) -> Run:
    """A run from its row."""
    failure = Failure(**row["failure"]) if row["failure"] else None
    return Run(row["due"].replace(tzinfo=UTC), RunResult(row["result"]), row["transfer"] or "", failure)


def naive(time: datetime) -> datetime:
    """A time as the database keeps it."""
    return time.astimezone(UTC).replace(tzinfo=None)
