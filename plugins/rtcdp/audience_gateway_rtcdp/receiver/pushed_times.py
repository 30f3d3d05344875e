"""Times in pushed profiles, in all the forms that were seen (rtcdp 3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_FRACTION = re.compile(r"(\.\d{1,6})\d*")
_OFFSET = re.compile(r"([+-]\d{2})(\d{2})$")


def moment_of(value: object) -> datetime | None:
    """A time: text with `Z`, `+00:00`, `+0000` or no offset, which is UTC; or milliseconds. None if it is none."""
    try:
        if isinstance(value, str):
            text = _OFFSET.sub(r"\1:\2", _FRACTION.sub(r"\1", value.strip()))
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None
