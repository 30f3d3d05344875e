"""Times in the names of exported files: `DATETIME` with its formats, and `TIMESTAMP` (rtcdp 6.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

DEFAULT_FORMAT = "YYYYMMDD_HHMMSS"
"""What `DATETIME` without a format stands for."""

_EPOCH = datetime.fromtimestamp(0, UTC)
_LETTERS = re.compile(r"([A-Za-z])\1*")
_FIELDS = {"Y": ("year", 4), "D": ("day", 2), "H": ("hour", 2), "S": ("second", 2)}
_MONTH, _MINUTE = ("month", 2), ("minute", 2)


def time_pattern(form: str) -> str:
    """A regular expression of the times in a format such as `YYYYMMdd_HHmmss`, a group for each field.

    Letters are read whatever their case, since formats are spelled in both: an `M` behind the hour is a minute's.

    Raises ValueError for a format with other fields, a field that stands twice, or no year, month and day.
    """
    pattern, position, fields = "", 0, list[str]()
    for run in _LETTERS.finditer(form):
        letter = run[1].upper()
        name, digits = (_MINUTE if "hour" in fields else _MONTH) if letter == "M" else _FIELDS.get(letter, ("", 0))
        if not name or name in fields or len(run[0]) != digits:
            raise ValueError(f"the format `{form}` has a field that is not known, stands twice or is of another length")
        fields.append(name)
        pattern += f"{re.escape(form[position : run.start()])}(?P<{name}>[0-9]{{{digits}}})"
        position = run.end()
    if not {"year", "month", "day"} <= set(fields):
        raise ValueError(f"the format `{form}` does not tell a day")
    return pattern + re.escape(form[position:])


TIMESTAMP_PATTERN = "(?P<timestamp>[0-9]{10})"
"""Seconds since 1970."""


def time_of(found: Mapping[str, str | None]) -> datetime | None:
    """The time that the groups of a name tell, in UTC; None if they tell none. Raises ValueError for a 13th month."""
    if seconds := found.get("timestamp"):
        return _EPOCH + timedelta(seconds=int(seconds))
    if not found.get("year"):
        return None
    year, month, day, hour, minute, second = (
        int(found.get(name) or 0) for name in ("year", "month", "day", "hour", "minute", "second")
    )
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
