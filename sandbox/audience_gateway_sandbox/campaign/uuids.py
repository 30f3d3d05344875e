"""Primary keys of Campaign v8: UUIDs on the wire, numbers in the tables (campaign 3.8).

They are in the order of the numbers, so that pages by key work. A UUID of anybody else's names no record.
"""

from __future__ import annotations

import re

_UUID = re.compile(r"5a17d0b0-0000-4000-8000-([0-9a-f]{12})", re.IGNORECASE)
_NOBODY = -1


def uuid_text(number: int) -> str:
    """Write a key; 0, which no record has, is the empty text."""
    return f"5a17d0b0-0000-4000-8000-{number:012x}" if number else ""


def uuid_number(text: str) -> int | None:
    """Read a key; the empty text is 0, what is no key of this instance None."""
    if not text.strip():
        return 0
    found = _UUID.fullmatch(text.strip())
    return int(found[1], 16) if found else None


def uuid_number_or_nobody(value: str | float) -> int:
    """Read a key of an expression; what is no key of this instance becomes a number that no record has."""
    number = uuid_number(str(value)) if value else 0
    return _NOBODY if number is None else number
