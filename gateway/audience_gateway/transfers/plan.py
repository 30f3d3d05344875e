"""Stage plan: finds out what is to be done, and whether it can be, before anything is read or written."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import (
    ArrivalPoller,
    ArrivalStage,
    AudienceCatalogue,
    AudienceCreator,
    ConfigError,
    Connector,
    DataSource,
    MemberRemover,
    MemberReplacer,
    MemberWriter,
    Permanent,
    WritePromise,
    WriteSize,
)
from audience_gateway.transfers.arrival_records import stage, stage_record
from audience_gateway.transfers.attributes import wanted_attributes
from audience_gateway.transfers.creation_check import check_creation
from audience_gateway.transfers.deltas import Delta
from audience_gateway.transfers.model import AudienceRef, ShareRequest, TransferMode
from audience_gateway.transfers.several_sources import check_destination
from audience_gateway.transfers.sources import look_at_source
from audience_gateway.transfers.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a transfer is done.

    Attributes:
        reconciles: ids are reconciled with records of the destination; otherwise the encoded ids are delivered.
        replaces: the destination takes all members at once, instead of joiners and leavers.
        removes: the destination can lose members.
        creates: the destination's audience is not there and will be created.
        snapshot_key: what the snapshot is kept under.
        snapshot_version: version of the snapshot that this transfer starts from.
        snapshot_members: members of that version.
        snapshot_file: name of its file.
        source_rows: rows that the source is said to have; None if not known.
        source_refreshed: when its members were last found out, in UTC; None if not known.
        promise: what happens when a write is sent again.
        arrival_stages: the stages that what is delivered passes at the destination; none if the connector cannot say.
        attributes: names of the attributes that members are delivered with.
        members_a_write: at most so many members a write.
    """

    reconciles: bool
    replaces: bool
    removes: bool
    creates: bool
    snapshot_key: str
    snapshot_version: int
    snapshot_members: int
    snapshot_file: str
    source_rows: int | None
    source_refreshed: datetime | None
    promise: WritePromise
    arrival_stages: tuple[ArrivalStage, ...]
    attributes: tuple[str, ...]
    members_a_write: int

    @property
    def member_key(self) -> str:
        """The column that members are compared by: records by their own key, ids by the key of the id."""
        return "target" if self.reconciles else "target_key"

    @property
    def delivered_key(self) -> str:
        """The columns that must be those of the last delivery for a member to be unchanged."""
        return f"{self.member_key}, attributes" if self.attributes else self.member_key

    def record(self) -> StepResult:
        """The plan as JSON."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {
            "source_refreshed": self.source_refreshed.isoformat() if self.source_refreshed else None,
            "promise": self.promise.value,
            "arrival_stages": [stage_record(stage) for stage in self.arrival_stages],
            "attributes": list(self.attributes),
        }

    @classmethod
    def of(cls, record: StepResult) -> Plan:
        """The plan from JSON."""
        refreshed = record["source_refreshed"]
        values: dict[str, Any] = {
            **record,
            "source_refreshed": datetime.fromisoformat(str(refreshed)) if refreshed else None,
            "promise": WritePromise(str(record["promise"])),
            "arrival_stages": tuple(stage(one) for one in cast("list[dict[str, Any]]", record["arrival_stages"])),
            "attributes": tuple(cast("list[str]", record["attributes"])),
        }
        return cls(**values)


async def plan(task: Task) -> StepResult:
    """Makes the plan.

    Raises ConfigError where a connector cannot do its part, Permanent where an audience is missing.
    """
    for way in task.ways:
        way.strategy.check(way.source)
    if not task.request.dry_run:
        await _check_not_paused(task)
        await _check_order(task)
    source = await look_at_source(task)
    async with task.connections.open(task.request.destination.connection) as writer:
        reconciles = await check_destination(task, writer)
        check_creation(task, writer, reconciles=reconciles)
        key = _snapshot_key(task.request.destination, task.source, reconciles=reconciles)
        await asyncio.to_thread(_check_kind, task, key)
        snapshot = task.snapshots.current(key)
        return Plan(
            reconciles=reconciles,
            replaces=isinstance(writer, MemberReplacer),
            removes=_removes(writer, task.request),
            creates=task.request.mode.creates and await _is_missing(writer, task.request.destination),
            snapshot_key=key,
            snapshot_version=snapshot.version,
            snapshot_members=snapshot.members,
            snapshot_file=task.snapshots.name(snapshot.path),
            source_rows=source.rows,
            source_refreshed=source.refreshed,
            promise=_promise(writer, task.request.destination),
            arrival_stages=_arrival_stages(writer, task),
            attributes=await wanted_attributes(task, writer),
            members_a_write=writer.members_a_write() if isinstance(writer, WriteSize) else task.sizes.deliver_rows,
        ).record()


async def plan_again(task: Task, planned: Plan) -> StepResult:
    """The plan of a transfer that was withheld, with what may have changed at the destination meanwhile.

    Raises ConfigError where another transfer to it is paused, or it cannot be written any more, Permanent where it is
    missing.
    """
    await _check_not_paused(task)
    async with task.connections.open(task.request.destination.connection) as writer:
        creates = task.request.mode.creates and await _is_missing(writer, task.request.destination)
    snapshot = task.snapshots.current(planned.snapshot_key)
    return replace(
        planned,
        creates=creates,
        snapshot_version=snapshot.version,
        snapshot_members=snapshot.members,
        snapshot_file=task.snapshots.name(snapshot.path),
    ).record()


async def _check_not_paused(task: Task) -> None:
    if (paused := await asyncio.to_thread(task.held_by)) is not None:
        raise ConfigError(
            f"transfers/{paused} to it is paused",
            place=str(task.request.destination),
            remedy="Resume or cancel that one first.",
        )


async def _check_order(task: Task) -> None:
    """Raises ConfigError for changes that would go before older ones, which wait to be released."""
    waiting = await asyncio.to_thread(task.waiting_before) if task.request.mode.takes_changes else None
    if waiting is not None:
        raise ConfigError(
            f"transfers/{waiting} with older changes of the same source is withheld",
            place=str(task.request.destination),
            remedy="Release or cancel that one first.",
        )


def _check_kind(task: Task, key: str) -> None:
    """Raises ConfigError if what is to be taken back was of another kind than what would be delivered now."""
    undone = Delta.of(task.workspace.file("undone.parquet"))
    if undone is not None and undone.snapshot_key != key:
        raise ConfigError(
            "the destination took other ids when it was delivered to",
            place=str(task.request.source),
            remedy="Give the connection back the settings that it had then.",
        )


def _removes(writer: Connector, request: ShareRequest) -> bool:
    able = isinstance(writer, (MemberReplacer, MemberRemover))
    if request.mode.names_leavers and not able:
        raise ConfigError(
            "the connector cannot remove members",
            place=str(request.destination),
            remedy="" if request.mode is not TransferMode.DELTA else "Share in mode `add_only`: it removes nobody.",
        )
    return able and request.mode is not TransferMode.ADD_ONLY


def _promise(writer: Connector, destination: AudienceRef) -> WritePromise:
    if isinstance(writer, MemberReplacer):
        return WritePromise.IDEMPOTENT_BY_KEY
    if isinstance(writer, MemberWriter):
        return writer.write_promise()
    raise ConfigError("the connector cannot write members", place=str(destination))


def _arrival_stages(writer: Connector, task: Task) -> tuple[ArrivalStage, ...]:
    if not isinstance(writer, ArrivalPoller):
        return ()
    stages = tuple(writer.arrival_stages(task.request.destination.audience, task.source))
    if len({stage.name for stage in stages}) < len(stages):
        raise Permanent(
            "the connector declares a stage of arrival twice",
            place=str(task.request.destination),
            remedy="Report this to the author of the plugin.",
        )
    return stages


async def _is_missing(writer: Connector, destination: AudienceRef) -> bool:
    if not isinstance(writer, AudienceCatalogue):
        return False
    audience = await writer.get_audience(destination.audience)
    if audience is None:
        if not isinstance(writer, (AudienceCreator, MemberReplacer)):
            raise Permanent(
                "there is no such audience, and the connector cannot create one",
                place=str(destination),
                remedy="`audiences list` shows what there is.",
            )
        return isinstance(writer, AudienceCreator)
    if not audience.writable:
        raise ConfigError("members cannot be written to this audience", place=str(destination))
    return False


def _snapshot_key(destination: AudienceRef, source: DataSource, *, reconciles: bool) -> str:
    # Records of one destination are one kind of target whatever id led to them; ids are a kind for each data source.
    return str(destination) if reconciles else f"{destination} by dataSources/{source.name}"
