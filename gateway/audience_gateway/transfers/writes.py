"""The writes that a delivery consists of, and the keys that they have."""

from __future__ import annotations

from enum import StrEnum


class Change(StrEnum):
    """What is done to a member; the name stands in file names and keys."""

    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"


def write_key(transfer: str, change: Change, number: int) -> str:
    """The key of a write: the same for a repeat of it and different for any other. A replacement is one write."""
    return f"{transfer}/{change}" if change is Change.REPLACE else f"{transfer}/{change}-{number:05d}"
