"""What a schedule does, as options of the command line and as the API has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

import typer
from google.protobuf.duration_pb2 import Duration

from audience_gateway.cli.guard_options import GuardOptions
from audience_gateway.cli.names import audience_name, resource_name
from audience_gateway.cli.options import Mode, Policy, Priority, further_names, mode_value, policy_value, priority_value
from audience_gateway.v1 import schedule_pb2, transfer_pb2


class CatchUp(StrEnum):
    """What becomes of runs that were due while no gateway was running."""

    NONE = "none"
    LATEST = "latest"


class Overlap(StrEnum):
    """What becomes of a run that is due while the last one is still going on."""

    SKIP = "skip"
    QUEUE = "queue"
    CANCEL_RUNNING = "cancel-running"


TimeZoneOption = Annotated[
    str | None, typer.Option("--time-zone", help="Time zone of the expression, e.g. Europe/Berlin; else UTC.")
]
CatchUpOption = Annotated[
    CatchUp | None,
    typer.Option("--catch-up", help="Make up for the last run that was due while no gateway was running; else none."),
]
OverlapOption = Annotated[
    Overlap | None,
    typer.Option("--overlap", help="What becomes of a run that is due while the last one is going on; else skip."),
]
LimitOption = Annotated[
    int | None, typer.Option("--within", min=0, help="Give a run up after so many minutes; 0 means never.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The options that were given, None for those that were not; they are those of `share`."""

    source: str | None = None
    destination: str | None = None
    data_source: str | None = None
    then: list[str] | None = None
    purposes: list[str] | None = None
    cron: str | None = None
    time_zone: str | None = None
    catch_up: CatchUp | None = None
    overlap: Overlap | None = None
    policy: Policy | None = None
    guard: GuardOptions = field(default_factory=GuardOptions)
    mode: Mode | None = None
    add_only: bool | None = None
    priority: Priority | None = None
    within: int | None = None
    create_unknown_records: bool | None = None

    def schedule(self) -> schedule_pb2.Schedule:
        """The schedule with what was given."""
        return schedule_pb2.Schedule(
            share=self._share(),
            cron=self.cron or "",
            time_zone=self.time_zone or "",
            catch_up=schedule_pb2.CatchUp.Value(f"CATCH_UP_{self.catch_up.name if self.catch_up else 'UNSPECIFIED'}"),
            overlap=schedule_pb2.OverlapPolicy.Value(
                f"OVERLAP_POLICY_{self.overlap.name if self.overlap else 'UNSPECIFIED'}"
            ),
        )

    def paths(self) -> list[str]:
        """Paths of what was given, for a mask."""
        given = {
            "share.source": self.source,
            "share.destination": self.destination,
            "share.data_source": self.data_source,
            "share.further_data_sources": self.then,
            "share.purposes": self.purposes,
            "share.candidate_policy": self.policy,
            "share.mode": self.mode if self.add_only is None else self.add_only,
            "share.priority": self.priority,
            "share.time_limit": self.within,
            "share.create_unknown_records": self.create_unknown_records,
            "cron": self.cron,
            "time_zone": self.time_zone,
            "catch_up": self.catch_up,
            "overlap": self.overlap,
        }
        changed = [path for path, value in given.items() if value is not None]
        return [*changed, *(f"share.guard.{path}" for path in self.guard.paths())]

    def _share(self) -> schedule_pb2.ScheduledShare:
        return schedule_pb2.ScheduledShare(
            source=audience_name(self.source) if self.source else "",
            destination=audience_name(self.destination) if self.destination else "",
            data_source=resource_name("dataSources", self.data_source) if self.data_source else "",
            further_data_sources=further_names(self.then),
            purposes=self.purposes,
            candidate_policy=policy_value(self.policy),
            guard=self.guard.message(),
            mode=mode_value(self.mode, add_only=self.add_only, replace=self.add_only is False)
            or transfer_pb2.TRANSFER_MODE_REPLACE,
            priority=priority_value(self.priority),
            create_unknown_records=bool(self.create_unknown_records),
            time_limit=Duration(seconds=60 * self.within) if self.within else None,
        )
