"""What the Campaign emulator is made of, and how its surroundings see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from audience_gateway_sandbox.campaign.catalogue import SCHEMAS, UUID_SCHEMAS
from audience_gateway_sandbox.campaign.database import Database
from audience_gateway_sandbox.campaign.instance import V7, Edition
from audience_gateway_sandbox.campaign.schema import Schema
from audience_gateway_sandbox.campaign.sessions import Sessions
from audience_gateway_sandbox.workflows.verbs import Workflows

MEMBERSHIP_REFUSED = "PGS-220000 PostgreSQL error: the membership of a recipient cannot be written."


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Tell the time, in UTC."""
        ...


class Uploads(Protocol):
    """Where uploaded files go."""

    def put(self, key: str, content: bytes) -> None:
        """Keep a file whole, instead of one of this name."""
        ...


@dataclass(slots=True)
class Faults:
    """Switches that make the emulator fail.

    Attributes:
        login_as_403: a bad login is answered with HTTP 403 and text, as live servers do, instead of a SOAP fault.
        session_as_403: a dead session likewise.
        refuse_recipients: ids of recipients whose memberships cannot be written.
        refuse_records: the same with a fault's detail of their own, beginning with its code; also ids and e-mails of
            recipients who cannot be written themselves.
    """

    login_as_403: bool = False
    session_as_403: bool = False
    refuse_recipients: set[str] = field(default_factory=set)
    refuse_records: dict[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> Mapping[str, str]:
        """Why records cannot be written, by what names them."""
        return dict.fromkeys(self.refuse_recipients, MEMBERSHIP_REFUSED) | self.refuse_records


@dataclass(frozen=True, slots=True)
class Campaign:
    """One emulated instance.

    Attributes:
        database: its tables, from `open_database`.
        clock: its time.
        operators: passwords of the native operators, by login.
        bearer: tells which operator a token of the token service stands for; None if it is not good.
        sessions: who is logged on.
        faults: what goes wrong on purpose.
        workflows: what runs on it.
        uploads: where uploaded files go; None to refuse them.
        edition: which generation of Campaign it is.
    """

    database: Database
    clock: Clock
    operators: Mapping[str, str] = field(repr=False)
    bearer: Callable[[str], str | None]
    sessions: Sessions
    faults: Faults
    workflows: Workflows
    uploads: Uploads | None = None
    edition: Edition = V7

    @property
    def schemas(self) -> Mapping[str, Schema]:
        """What is known of the tables."""
        return UUID_SCHEMAS if self.edition.uuid_keys else SCHEMAS
