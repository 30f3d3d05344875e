"""The values of a schedule: what is shared when, and what became of its runs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from audience_gateway.transfers.model import Failure, ShareRequest

_RUNS = uuid.UUID("6d0c9d5c-52f9-4f0a-9a2e-3f1b8f7c4a11")


class CatchUp(StrEnum):
    """What becomes of runs that were due while no gateway was running."""

    NONE = "none"
    LATEST = "latest"


class Overlap(StrEnum):
    """What becomes of a run that is due while the last one is still going on."""

    SKIP = "skip"
    QUEUE = "queue"
    CANCEL_RUNNING = "cancel_running"


class RunResult(StrEnum):
    """What a run came to."""

    STARTED = "started"
    SKIPPED = "skipped"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a schedule does.

    Attributes:
        share: what each run shares, without schedule, request id and deadline.
        time_limit: how long a run may take; None for as long as it takes.
        cron: when: cron expression of five fields, or of six with seconds first.
        time_zone: IANA name of the time zone that the expression is in.
        catch_up: what becomes of runs that were due while no gateway was running.
        overlap: what becomes of a run that is due while the last one is still going on.
    """

    share: ShareRequest
    time_limit: timedelta | None = None
    cron: str
    time_zone: str = "UTC"
    catch_up: CatchUp = CatchUp.NONE
    overlap: Overlap = Overlap.SKIP

    def request(self, schedule: str, request_id: str, begins: datetime) -> ShareRequest:
        """What a run of the schedule asks for that begins then."""
        deadline = begins + self.time_limit if self.time_limit else None
        return replace(self.share, schedule=schedule, request_id=request_id, deadline=deadline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A schedule as it is kept.

    Attributes:
        name: its name.
        definition: what it does.
        paused: whether no run is started.
        version: counts its changes, from 1.
        request_id: of the request that made the last change.
        created: when it was created.
        updated: when it last changed.
    """

    name: str
    definition: Definition
    paused: bool = False
    version: int
    request_id: str
    created: datetime
    updated: datetime

    @property
    def etag(self) -> str:
        """Changes with every change, also when the schedule is deleted and created again."""
        return f"{self.version}-{self.created.timestamp():.6f}"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a schedule.

    Attributes:
        due: when it was due, in UTC.
        result: what it came to.
        transfer: id of the transfer that it started; empty if it started none.
        failure: why it could not be started, if it was refused.
    """

    due: datetime
    result: RunResult
    transfer: str = ""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """A schedule with what is before it and behind it.

    Attributes:
        schedule: the schedule.
        next_runs: when the next runs are due, in UTC, the first one first; none while it is paused.
        last_runs: the last runs, the newest first.
    """

    schedule: Schedule
    next_runs: tuple[datetime, ...]
    last_runs: tuple[Run, ...]


def run_request_id(schedule: str, run: str) -> str:
    """Request id of the transfer of a run, by what tells the run from others: a repeat starts nothing new."""
    return str(uuid.uuid5(_RUNS, f"{schedule} {run}"))
