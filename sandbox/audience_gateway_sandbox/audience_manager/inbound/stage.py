"""How far an inbound file has come."""

from enum import StrEnum


class Stage(StrEnum):
    """What became of a file that was looked at."""

    IGNORED = "IGNORED"
    """It stays where it is: it is not where files are taken from, or cannot be opened here."""
    REJECTED = "REJECTED"
    """It cannot be processed, and was removed."""
    PROCESSED = "PROCESSED"
    """It is accounted for; its traits do not count yet."""
    USABLE = "USABLE"
    """Its traits count."""
