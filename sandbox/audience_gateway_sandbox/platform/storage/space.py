"""One sandbox of the platform, the `x-sandbox-name` of a call, at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from audience_gateway_sandbox import credentials
from audience_gateway_sandbox.assumptions import PlatformAssumptions
from audience_gateway_sandbox.people import Bucket
from audience_gateway_sandbox.platform.faults import PlatformFaults
from audience_gateway_sandbox.platform.storage.agenda import Agenda, Item
from audience_gateway_sandbox.platform.storage.database import Database
from audience_gateway_sandbox.platform.storage.documents import Documents, name_uuid
from audience_gateway_sandbox.platform.storage.moments import microseconds_of

PRODUCTION = "prod"
"""The sandbox of a call that names none (ims 7)."""


@dataclass(frozen=True, slots=True)
class Space:
    """What a call works on.

    Attributes:
        name: of the sandbox.
        database: where everything of all sandboxes is.
        now: the virtual time.
        assumptions: what is assumed where the documents leave something open.
        files: the bucket that destinations write to and external audiences are read from.
        datasets: the bucket that export jobs write to.
        faults: what goes wrong.
    """

    name: str
    database: Database
    now: datetime
    assumptions: PlatformAssumptions
    files: Bucket
    datasets: Bucket
    faults: PlatformFaults

    def documents(self, kind: str) -> Documents:
        """Reach all documents of one kind."""
        return Documents(self.database, self.name, kind, self.microseconds)

    def later(self, kind: str, reference: str, after: timedelta) -> None:
        """Have something done some time from now, instead of when it was to be done."""
        Agenda(self.database).enter(Item(self.name, kind, reference, self.now + after))

    def at(self, kind: str, reference: str, moment: datetime) -> None:
        """Have something done at a moment, instead of when it was to be done."""
        Agenda(self.database).enter(Item(self.name, kind, reference, moment))

    def never(self, kind: str, reference: str) -> None:
        """Have something not done."""
        Agenda(self.database).strike(self.name, kind, reference)

    @property
    def microseconds(self) -> int:
        """The time, in microseconds since the epoch."""
        return microseconds_of(self.now)

    @property
    def milliseconds(self) -> int:
        """The time, in milliseconds since the epoch."""
        return self.microseconds // 1000

    @property
    def sandbox(self) -> dict[str, object]:
        """How the platform's objects describe the sandbox that they are in (rtcdp 1.2)."""
        production = self.name == PRODUCTION
        return {
            "sandboxId": name_uuid("sandbox", self.name),
            "sandboxName": self.name,
            "type": "production" if production else "development",
            "default": production,
        }

    @property
    def org(self) -> str:
        """The organisation."""
        return credentials.ORG_ID
