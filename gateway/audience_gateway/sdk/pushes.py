"""Members that a system pushes: how a connector reads what the gateway's receiver was sent, and what was kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

import pyarrow as pa

from audience_gateway.sdk.settings import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class PushAccess:
    """Who may push to a connection: whoever knows one of the tokens, or gets one as the client.

    Attributes:
        tokens: bearer tokens, all of which are good, so that they can be replaced one after the other.
        client_id: the client that may ask for a token of an hour (OAuth 2.0, client credentials); empty for none.
        client_secrets: its secrets, all of which are good.
        anyone: whether no token is asked for, as where the listener asks for certificates of clients.
    """

    tokens: tuple[Secret, ...] = ()
    client_id: str = ""
    client_secrets: tuple[Secret, ...] = ()
    anyone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedRow:
    """What was pushed of one id and one audience.

    Attributes:
        audience: id of the audience within the connection.
        id_kind: which kind of id it is, e.g. a namespace; the connector asks for ids by it.
        id: the id as pushed.
        is_member: whether it is in the audience, or has left.
        since: since when. Of several rows of an id the latest counts; of two of one time, the one that has left.
        mapped: when the system began to push the audience; None if it does not say.
        opted_out: whether the person must not be shared, as was pushed with it.
        consented: when the person said so; None if that is not known. The latest counts, whatever `since` says; of two
            of one time, and where none is known, an opt-out.
    """

    audience: str
    id_kind: str
    id: str
    is_member: bool
    since: datetime
    mapped: datetime | None = None
    opted_out: bool = False
    consented: datetime | None = None


class PushFate(StrEnum):
    """What became of a row that was pushed. Every row has one.

    Attributes:
        STORED: it was kept.
        DUPLICATE: the same was kept already.
        OUTDATED: something later is kept.
        UNMAPPED: it is of an audience that the connection does not take.
        WITHOUT_ID: the person has no id of a kind that the connection takes.
        AMBIGUOUS: nobody can say who of several people it is of.
        MALFORMED: it cannot be read.
    """

    STORED = "stored"
    DUPLICATE = "duplicate"
    OUTDATED = "outdated"
    UNMAPPED = "unmapped"
    WITHOUT_ID = "without_id"
    AMBIGUOUS = "ambiguous"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Push:
    """One push, as a connector has read it.

    Attributes:
        rows: what can be kept.
        not_kept: how many rows cannot, by their fate.
    """

    rows: Sequence[PushedRow] = ()
    not_kept: Mapping[PushFate, int] = field(default_factory=dict)


@runtime_checkable
class PushReceiver(Protocol):
    """Takes members that its system pushes to the gateway's receiver, by HTTP."""

    def push_access(self) -> PushAccess | None:
        """Who may push; None if the connection takes no pushes."""
        ...

    def read_push(self, body: bytes) -> Push:
        """The rows of a push; does no I/O. Raises Permanent for a body that is none at all."""
        ...


@dataclass(frozen=True, slots=True)
class PushedPage:
    """Some ids of an audience, by what was pushed of them last.

    Attributes:
        ids: string.
        are_members: bool; whether they are in the audience, or have left.
        opted_out: bool; whether they must not be shared.
        resume_token: where the next page begins.
    """

    ids: pa.StringArray
    are_members: pa.BooleanArray
    opted_out: pa.BooleanArray
    resume_token: str


@dataclass(frozen=True, slots=True)
class PushHistory:
    """Since when an audience is pushed.

    Attributes:
        first: when something of it came for the first time.
        latest: when something of it came last.
        mapped: when the system began to push it, as it said at first; None if it did not say.
        mapped_again: when the system began anew; None if it did not.
    """

    first: datetime
    latest: datetime
    mapped: datetime | None = None
    mapped_again: datetime | None = None


class PushedMembers(Protocol):
    """What was pushed to a connection, as the gateway keeps it."""

    async def page(self, audience: str, id_kind: str, after: str | None, rows: int) -> PushedPage:
        """The next ids, so many at most, each once; an empty page is behind the last."""
        ...

    async def history(self, audience: str) -> PushHistory | None:
        """Since when the audience is pushed; None if nothing of it ever came."""
        ...

    async def counts(self) -> Mapping[PushFate, int]:
        """How many rows ever came, by what became of them."""
        ...
