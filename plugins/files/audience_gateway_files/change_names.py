"""Names of files of changes: they tell the audience, and their order is that of writing."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_NAME = re.compile(
    r"^(?P<stem>.+)\.(?P<time>\d{8}T\d{9})Z\.(?P<change>add|remove)\.(?P<digest>[0-9a-f]{16})(?P<suffix>(?:\..+)?)$"
)
_SUFFIX = re.compile(r"\.(?:csv|tsv|parquet)(?:\.gz)?$", re.IGNORECASE)
_DIGEST_CHARACTERS = 16
_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class ChangeName:
    """The name of a file of changes, `gold.20260102T030405678Z.add.0123456789abcdef.csv` for the audience `gold.csv`.

    Attributes:
        audience: whose changes these are.
        time: when it was written, in UTC; later than all that were there.
        change: what happens to its members.
        digest: of the write's key: the same for a repeat, and for no other write.
    """

    audience: str
    time: datetime
    change: str
    digest: str

    def __str__(self) -> str:
        suffix = _suffix_of(self.audience)
        time = self.time.astimezone(UTC)
        written = f"{time:%Y%m%dT%H%M%S}{time.microsecond // 1000:03d}Z"
        return f"{start_of_names(self.audience)}{written}.{self.change}.{self.digest}{suffix}"

    @classmethod
    def parse(cls, name: str) -> ChangeName | None:
        """From a name; None if it is none of ours."""
        found = _NAME.match(name)
        if found is None:
            return None
        try:
            time = datetime.strptime(f"{found['time']}000+0000", "%Y%m%dT%H%M%S%f%z")
        except ValueError:
            return None
        return cls(f"{found['stem']}{found['suffix']}", time, found["change"], found["digest"])


def start_of_names(audience: str) -> str:
    """What the names of an audience's files begin with; those of others may begin so too."""
    return f"{audience.removesuffix(_suffix_of(audience))}."


def digest_of(audience: str, key: str) -> str:
    """The digest of a write's key."""
    return hashlib.sha256(f"{audience}\n{key}".encode()).hexdigest()[:_DIGEST_CHARACTERS]


def next_time(now: datetime, last: datetime | None) -> datetime:
    """When a file is said to be written that is written now, after another one."""
    return now if last is None else max(now, last + _TICK)


def _suffix_of(audience: str) -> str:
    found = _SUFFIX.search(audience)
    return found[0] if found else ""
