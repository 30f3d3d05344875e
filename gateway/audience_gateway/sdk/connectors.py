"""What a connector is: a small core, and capabilities that it has by implementing them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

import pyarrow as pa

from audience_gateway.sdk.arrivals import ArrivalPoller
from audience_gateway.sdk.attributes import AttributeReader, AttributeWriter
from audience_gateway.sdk.diagnostics import Diagnostic
from audience_gateway.sdk.identities import DataSource
from audience_gateway.sdk.members import IndexChangesPage, IndexPage, MemberPage, TargetBatch, WriteResult
from audience_gateway.sdk.pushes import PushReceiver
from audience_gateway.sdk.records import RecordCreator


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """An audience of a connected system.

    Attributes:
        id: its id within the connection, e.g. a list's internal name.
        title: what the system calls it.
        description: what the system says about it.
        size: number of members as last reported; None if not known.
        updated: when it last changed; None if not known.
        refreshed: when its members, as they can be read now, were last found out or written, also if they are the same
            as before; None if not known. A source that was refreshed too long ago may be held back.
        readable: whether members can be read from it.
        writable: whether members can be written to it.
        origin: who made it, as the system names that, e.g. a product or a data source; empty if not known.
        active: whether the system uses it.
        size_is_estimate: whether the size is no count yet.
    """

    id: str
    title: str
    description: str = ""
    size: int | None = None
    updated: datetime | None = None
    refreshed: datetime | None = None
    readable: bool = True
    writable: bool = True
    origin: str = ""
    active: bool = True
    size_is_estimate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """Which members to read.

    Attributes:
        audience: id of the audience within the connection.
        source: data source that says which id of a member is wanted.
        after: resume token of the last page that was kept; None to begin.
        attributes: names of the attributes wanted with each member; only an `AttributeReader` is asked for any.
        further: data sources whose ids are wanted as well, `source` apart; only a `SeveralIdsReader` is asked for any.
    """

    audience: str
    source: DataSource
    after: str | None = None
    attributes: tuple[str, ...] = ()
    further: tuple[DataSource, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRequest:
    """Which ids of which records to read.

    Attributes:
        source: data source whose reconciliation key holds the id.
        after: resume token of the last page that was kept; None to begin.
    """

    source: DataSource
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexChangesRequest:
    """Which changes of an identity index to read.

    Attributes:
        source: data source whose reconciliation key holds the id.
        since: token of the mark of the reading that is there.
        after: resume token of the last page that was kept; None to begin.
    """

    source: DataSource
    since: str
    after: str | None = None


class IndexChange(StrEnum):
    """What has become of an identity index since an earlier reading.

    Attributes:
        NONE: it is the same.
        SOME: what has changed can be read.
        UNKNOWN: it has to be read anew.
    """

    NONE = "none"
    SOME = "some"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class IndexMark:
    """Where a reading stands that begins now.

    Attributes:
        token: opaque to the core, without ids of people; given back later, what has changed since can be told.
        change: what has changed since the earlier mark that was asked about; UNKNOWN without one.
        complete: whether changes are all that there are. Where some cannot be seen, such as records that were deleted,
            the core reads anew now and then.
    """

    token: str
    change: IndexChange
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRequest:
    """Members to add or to remove.

    Attributes:
        audience: id of the audience within the connection.
        source: data source of the transfer.
        batch: the members.
        key: the same for a repeat of the same write and different for any other, so that a repeat changes nothing.
            What stands before its last slash is the same for all writes of one transfer and for no others; no two of
            these say different things of one member.
        attributes: string columns with the names that an `AttributeWriter` wants, a row for each member, null where
            there is no value; None where none are wanted, and for removals.
    """

    audience: str
    source: DataSource
    batch: TargetBatch
    key: str
    attributes: pa.RecordBatch | None = None


class WritePromise(StrEnum):
    """What happens when the same write is sent again, because its reply was lost or the gateway was killed.

    Attributes:
        IDEMPOTENT_BY_KEY: nothing more, since every member is written under its own key.
        IDEMPOTENT_BY_FILE_NAME: nothing more, since the write is a file and its name is the write's key.
        AT_LEAST_ONCE: the members are written again. A lost reply is reconciled by reading back where the connector
            can find members; where it cannot, its rows end as in doubt and nothing is sent again.
    """

    IDEMPOTENT_BY_KEY = "idempotent_by_key"
    IDEMPOTENT_BY_FILE_NAME = "idempotent_by_file_name"
    AT_LEAST_ONCE = "at_least_once"


class Connector(Protocol):
    """One open connection to a system. Every method may raise the five errors of `sdk.errors`."""

    async def open(self) -> None:
        """Makes the connection usable; called once, before anything else."""
        ...

    async def check(self) -> Sequence[Diagnostic]:
        """Tries what the connection needs and says what is wrong; never raises for a finding."""
        ...

    async def close(self) -> None:
        """Gives everything back; called once, also when `open` failed."""
        ...


@runtime_checkable
class AudienceCatalogue(Protocol):
    """Lists audiences and describes them."""

    def list_audiences(self) -> AsyncIterator[Audience]:
        """All audiences, ordered by id."""
        ...

    async def get_audience(self, audience: str) -> Audience | None:
        """One audience, or None if there is none of that id."""
        ...


@runtime_checkable
class AudienceCreator(Protocol):
    """Creates an audience that is not there."""

    async def create_audience(self, audience: str, title: str) -> Audience:
        """Creates it, or answers the one that is there already."""
        ...


@runtime_checkable
class MemberReader(Protocol):
    """Reads members of an audience."""

    def read_members(self, request: ReadRequest) -> AsyncIterator[MemberPage]:
        """The members page by page: every row of the source once, also those that cannot be read as a member."""
        ...


@runtime_checkable
class SeveralIdsReader(Protocol):
    """Reads several ids of each member: a `MemberReader` that heeds `ReadRequest.further`."""

    async def check_several_ids(self, audience: str, sources: Sequence[DataSource]) -> None:
        """Raises ConfigError, naming what is missing, if members of the audience cannot be read with all these ids."""
        ...


@runtime_checkable
class MemberWriter(Protocol):
    """Adds members to an audience."""

    def write_promise(self) -> WritePromise:
        """What happens when the same write or removal is sent again."""
        ...

    async def write_members(self, request: WriteRequest) -> WriteResult:
        """Adds the members; one that is there already is accepted."""
        ...


@runtime_checkable
class MemberRemover(Protocol):
    """Removes members from an audience."""

    async def remove_members(self, request: WriteRequest) -> WriteResult:
        """Removes the members; one that is not there is accepted."""
        ...


@runtime_checkable
class MemberFinder(Protocol):
    """Says who is a member: reads back what became of a write whose reply was lost."""

    async def find_members(self, request: WriteRequest) -> Sequence[int]:
        """Positions in the batch, from 0 and ascending, of those that are members of the audience now."""
        ...


@runtime_checkable
class MemberReplacer(Protocol):
    """Replaces all members of an audience at once; used instead of adding and removing where there is a choice.

    A replacement is idempotent: sent again, the audience holds the same members.
    """

    async def replace_members(
        self, audience: str, source: DataSource, batches: AsyncIterator[TargetBatch], key: str
    ) -> WriteResult:
        """Makes the audience hold these members and no others, or fails and leaves it as it was."""
        ...


@runtime_checkable
class SourceChecker(Protocol):
    """Says, before anything is read, whether the members of an audience can and may be shared as they are wanted."""

    async def check_source(self, audience: str, source: DataSource, destination: str) -> None:
        """Raises ConfigError or Permanent if they may not; called when a transfer is planned.

        Args:
            audience: id of the audience within the connection.
            source: data source that says which id of a member is wanted.
            destination: where members are to go, `connections/{connection}/audiences/{audience}`.
        """
        ...


@runtime_checkable
class ChangeReader(Protocol):
    """Reads members of some audiences as changes: only who has joined or left since some time, in the order of time."""

    async def reads_changes(self, audience: str, source: DataSource) -> bool:
        """Whether those who are not read may be members all the same; called when a transfer is planned."""
        ...


@runtime_checkable
class DestinationChecker(Protocol):
    """Says, before anything is read, whether members can be delivered to an audience."""

    async def check_destination(self, audience: str, source: DataSource) -> None:
        """Raises ConfigError or Permanent if they cannot; called when a transfer is planned."""
        ...


@runtime_checkable
class IdentityIndex(Protocol):
    """Supplies the ids of the connection's records, for reconciling ids with records."""

    def read_index(self, request: IndexRequest) -> AsyncIterator[IndexPage]:
        """All ids that the data source's reconciliation key has in this connection, page by page."""
        ...

    def reconciles(self, source: DataSource) -> bool:
        """Whether ids of this data source must be reconciled here; if not, the encoded ids themselves are delivered."""
        ...


@runtime_checkable
class IncrementalIndex(Protocol):
    """Tells what has changed in its identity index, so that it need not be read anew; also an `IdentityIndex`."""

    async def mark_index(self, source: DataSource, since: str | None) -> IndexMark:
        """Where a reading that begins after this call stands, and what has changed since the token of another mark.

        A token is of the same connection with the same settings, and may be of any age.
        """
        ...

    def read_index_changes(self, request: IndexChangesRequest) -> AsyncIterator[IndexChangesPage]:
        """What has changed since a mark, page by page; asked only where the mark of now says SOME."""
        ...


class Capability(StrEnum):
    """The capabilities by name."""

    AUDIENCE_CATALOGUE = "audience_catalogue"
    CREATE_AUDIENCE = "create_audience"
    READ_MEMBERS = "read_members"
    WRITE_MEMBERS = "write_members"
    REMOVE_MEMBERS = "remove_members"
    FIND_MEMBERS = "find_members"
    REPLACE_MEMBERS = "replace_members"
    IDENTITY_INDEX = "identity_index"
    INCREMENTAL_INDEX = "incremental_index"
    POLL_ARRIVALS = "poll_arrivals"
    READ_ATTRIBUTES = "read_attributes"
    WRITE_ATTRIBUTES = "write_attributes"
    RECEIVE_PUSHES = "receive_pushes"
    READ_SEVERAL_IDS = "read_several_ids"
    CREATE_RECORDS = "create_records"


_PROTOCOLS: dict[Capability, type] = {
    Capability.AUDIENCE_CATALOGUE: AudienceCatalogue,
    Capability.CREATE_AUDIENCE: AudienceCreator,
    Capability.READ_MEMBERS: MemberReader,
    Capability.WRITE_MEMBERS: MemberWriter,
    Capability.REMOVE_MEMBERS: MemberRemover,
    Capability.FIND_MEMBERS: MemberFinder,
    Capability.REPLACE_MEMBERS: MemberReplacer,
    Capability.IDENTITY_INDEX: IdentityIndex,
    Capability.INCREMENTAL_INDEX: IncrementalIndex,
    Capability.POLL_ARRIVALS: ArrivalPoller,
    Capability.READ_ATTRIBUTES: AttributeReader,
    Capability.WRITE_ATTRIBUTES: AttributeWriter,
    Capability.RECEIVE_PUSHES: PushReceiver,
    Capability.READ_SEVERAL_IDS: SeveralIdsReader,
    Capability.CREATE_RECORDS: RecordCreator,
}


def capabilities(connector_type: type) -> frozenset[Capability]:
    """What a connector class can do: exactly what it implements."""
    return frozenset(capability for capability, protocol in _PROTOCOLS.items() if issubclass(connector_type, protocol))
