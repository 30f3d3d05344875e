"""The global device data sources of Audience Manager, and how ids of each are written (people-and-ids 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_LOWER = "^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_UPPER = "^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$"
# How long an alphanumeric id may be, and whether it may hold dashes, the documents do not say.
_ALPHANUMERIC = "^[0-9A-Za-z-]{1,64}$"


@dataclass(frozen=True, slots=True)
class Format:
    """How the ids of one kind of device are written.

    Attributes:
        kind: what the ids are called.
        pattern: regular expression of an id that the servers take.
    """

    kind: str
    pattern: str


FORMATS: Mapping[int, Format] = MappingProxyType(
    {
        20914: Format("GAID (Android)", _LOWER),
        20915: Format("IDFA (Apple)", _UPPER),
        121963: Format("RIDA (Roku)", _LOWER),
        389146: Format("MAID (Microsoft)", _ALPHANUMERIC),
        488258: Format("Amazon Fire TV", _LOWER),
        963906: Format("TIFA (Samsung)", _ALPHANUMERIC),
        1171485: Format("LGUDID (LG webOS)", _LOWER),
        1171489: Format("Vizio IFA", _ALPHANUMERIC),
    }
)
"""The formats by the data source id (DPID) that Audience Manager gives all its customers."""
