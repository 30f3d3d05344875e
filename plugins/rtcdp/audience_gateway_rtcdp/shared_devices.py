"""Profiles that may be of several people: those who share a device are joined by its ECID (rtcdp 2.4, 10.5)."""

from __future__ import annotations

from typing import Literal

DEVICE = "ecid"
"""The namespace of devices, in small letters."""
SharedDevices = Literal["hold", "share"]
MEANING = (
    "What becomes of members whose profile has a device and several ids of the namespace, as of people who share the"
    " device and have become one profile: nobody can say who of them is meant."
)
"""What the setting is for."""


def may_be_several(namespace: str, ids: int, devices: int) -> bool:
    """Whether a profile with so many ids of a namespace, and so many devices, may be that of several people."""
    return namespace.lower() != DEVICE and ids > 1 and devices > 0
