"""Stage plan: finds out what is to be done, and whether it can be, before anything is read or written."""

from __future__ import annotations

from dataclasses import dataclass

from audience_gateway.jobs.engine import StepResult
from audience_gateway.sdk import (
    AudienceCatalogue,
    AudienceCreator,
    ConfigError,
    Connector,
    DataSource,
    IdentityIndex,
    MemberReader,
    MemberRemover,
    MemberReplacer,
    MemberWriter,
    Permanent,
)
from audience_gateway.transfers.model import AudienceRef
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
    """

    reconciles: bool
    replaces: bool
    removes: bool
    creates: bool
    snapshot_key: str
    snapshot_version: int
    snapshot_members: int

    @property
    def member_key(self) -> str:
        """The column that members are compared by: records by their own key, ids by the key of the id."""
        return "target" if self.reconciles else "target_key"

    def record(self) -> StepResult:
        """The plan as JSON."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def of(cls, record: StepResult) -> Plan:
        """The plan from JSON."""
        return cls(**record)  # type: ignore[arg-type]  # written by `record`


async def plan(task: Task) -> StepResult:
    """Makes the plan.

    Raises ConfigError where a connector cannot do its part, Permanent where an audience is missing.
    """
    task.strategy.check(task.source)
    async with task.connections.open(task.request.source.connection) as reader:
        await _check_source(reader, task.request.source)
    async with task.connections.open(task.request.destination.connection) as writer:
        reconciles = isinstance(writer, IdentityIndex) and writer.reconciles(task.source)
        replaces = isinstance(writer, MemberReplacer)
        if not replaces and not isinstance(writer, MemberWriter):
            raise ConfigError("the connector cannot write members", place=str(task.request.destination))
        key = _snapshot_key(task.request.destination, task.source, reconciles=reconciles)
        snapshot = task.snapshots.current(key)
        return Plan(
            reconciles=reconciles,
            replaces=replaces,
            removes=replaces or isinstance(writer, MemberRemover),
            creates=await _is_missing(writer, task.request.destination),
            snapshot_key=key,
            snapshot_version=snapshot.version,
            snapshot_members=snapshot.members,
        ).record()


async def _check_source(reader: Connector, source: AudienceRef) -> None:
    if not isinstance(reader, MemberReader):
        raise ConfigError("the connector cannot read members", place=str(source))
    if isinstance(reader, AudienceCatalogue):
        audience = await reader.get_audience(source.audience)
        if audience is None:
            raise Permanent(
                "there is no such audience", place=str(source), remedy="`audiences list` shows what there is."
            )
        if not audience.readable:
            raise ConfigError("members of this audience cannot be read", place=str(source))


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
