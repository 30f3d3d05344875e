"""What the guard found when it held a transfer back, and what became of that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audience_gateway.sdk import Reason

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that looks like an accident.

    Attributes:
        reason: what its rows end with if nobody releases the transfer.
        message: the numbers, for people.
    """

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Release:
    """Somebody let the transfer go on.

    Attributes:
        reason: why, as they say.
        time: when, in UTC.
        request_id: of the request; empty if it had none.
    """

    reason: str
    time: datetime
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One time that a transfer was held back. Another one follows if its destination changed before it went on.

    Attributes:
        findings: why; the first is the reason of the rows.
        snapshot_version: the snapshot that was compared with.
        began: since when, in UTC.
        expires: when it lapses if nobody releases it, in UTC; None if it does not wait.
        release: who let it go on; None if nobody did.
        superseded_by: id of the newer transfer that took its place; empty if none did.
    """

    findings: tuple[Finding, ...]
    snapshot_version: int
    began: datetime
    expires: datetime | None = None
    release: Release | None = None
    superseded_by: str = ""

    def record(self) -> Record:
        """The hold as JSON."""
        release = self.release
        return {
            "findings": findings_record(self.findings),
            "snapshot_version": self.snapshot_version,
            "began": self.began.isoformat(),
            "expires": self.expires.isoformat() if self.expires else None,
            "release": [release.reason, release.time.isoformat(), release.request_id] if release else None,
            "superseded_by": self.superseded_by,
        }

    @classmethod
    def of(cls, record: Record) -> Hold:
        """The hold from JSON."""
        release = record["release"]
        return cls(
            findings=findings(record["findings"]),
            snapshot_version=record["snapshot_version"],
            began=datetime.fromisoformat(record["began"]),
            expires=datetime.fromisoformat(record["expires"]) if record["expires"] else None,
            release=Release(release[0], datetime.fromisoformat(release[1]), release[2]) if release else None,
            superseded_by=record["superseded_by"],
        )


def findings_record(found: tuple[Finding, ...]) -> list[list[str]]:
    """Findings as JSON."""
    return [[one.reason.value, one.message] for one in found]


def findings(record: list[list[str]]) -> tuple[Finding, ...]:
    """Findings from JSON."""
    return tuple(Finding(Reason(reason), message) for reason, message in record)
