"""Where inbound files lie in a bucket: `<directory>/<partner>/date=yyyy-mm-dd/<name>` (audience-manager 3.1)."""

from __future__ import annotations

import re
from datetime import date

from audience_gateway_sandbox.audience_manager.inbound.names import is_meant
from audience_gateway_sandbox.people import Bucket, Stored

PROCESSED = ".processed"
_DAY = re.compile(r"(?:.*/)?date=(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})", re.ASCII)


def waiting_in(bucket: Bucket) -> list[Stored]:
    """List the files that wait to be looked at; those under temporary names, and the processed ones, do not."""
    return [stored for stored in bucket.files() if not stored.key.endswith(PROCESSED) and is_meant(_name(stored.key))]


def name_of(key: str) -> str | None:
    """Tell the name of a file; None if it is neither in a folder of a day nor in none, and is not looked at."""
    folder, _, name = key.rpartition("/")
    if not folder:
        return name
    match = _DAY.fullmatch(folder)
    return name if match and _is_day(match["day"]) else None


def mark_processed(bucket: Bucket, key: str, content: bytes) -> None:
    """Give a file the name of a processed one."""
    bucket.put(f"{key}{PROCESSED}", content)
    bucket.delete(key)


def _name(key: str) -> str:
    return key.rpartition("/")[2]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
