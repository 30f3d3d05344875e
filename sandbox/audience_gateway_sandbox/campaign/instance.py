"""Which instance the emulator pretends to be (campaign 3.4, 3.5, 3.8, 3.12)."""

from __future__ import annotations

from dataclasses import dataclass

INSTANCE = "sandbox"
SHA1 = "5a17d0b"


@dataclass(frozen=True, slots=True)
class Edition:
    """A generation of Campaign.

    Attributes:
        build: its build number.
        version: major, minor and service pack.
        native_logon: whether operators can log on with a password.
        uuid_keys: whether primary keys are UUIDs, written as text, instead of numbers.
    """

    build: int
    version: tuple[int, int, int]
    native_logon: bool = True
    uuid_keys: bool = False


V7 = Edition(9396, (7, 4, 3))
V8 = Edition(9368, (8, 6, 0), native_logon=False, uuid_keys=True)
"""Enterprise (FFDA) behind the token service. Which build it is, is an assumption."""
EDITIONS = {"7": V7, "8": V8}
