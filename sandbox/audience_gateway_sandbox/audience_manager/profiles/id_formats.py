"""Which ids are formally good, by what their data source says they are (people-and-ids 1, 2.1, 4)."""

from __future__ import annotations

import re
from enum import Enum

AAM_UUID = 0
"""Data source of Audience Manager's own device ids (audience-manager 3.7)."""

_AAM_ID = re.compile(r"[0-9]{38}", re.ASCII)
_HALF = 19
_LARGEST_HALF = f"{2**63 - 1:019d}"
_LOWER_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UPPER_UUID = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_ALPHANUMERIC = re.compile(r"[0-9A-Za-z-]{1,64}")
_NO_ADVERTISING_ID = "00000000-0000-0000-0000-000000000000"

GLOBAL_DEVICES = {
    20914: _LOWER_UUID,
    20915: _UPPER_UUID,
    121963: _LOWER_UUID,
    488258: _LOWER_UUID,
    1171485: _LOWER_UUID,
    389146: _ALPHANUMERIC,
    963906: _ALPHANUMERIC,
    1171489: _ALPHANUMERIC,
}
"""Data sources of advertising ids that all companies share, and the form of each one's ids."""


class IdKind(Enum):
    """What the ids of a data source are. The kind comes from the data source, never from the look of an id."""

    UUID = "Audience Manager ID"
    ECID = "Experience Cloud ID"
    DEVICE = "device advertising ID"
    CUSTOMER = "customer ID"
    COOKIE = "cookie ID"

    @property
    def is_aam_id(self) -> bool:
        """Whether ids have 38 digits and have to be known before data can be stored for them."""
        return self in {IdKind.UUID, IdKind.ECID}

    @property
    def is_device(self) -> bool:
        """Whether ids are of a browser or a device and not of a person."""
        return self is not IdKind.CUSTOMER


def is_good(kind: IdKind, data_source_id: int, value: str) -> bool:
    """Tell whether a value can be an id of a data source."""
    match kind:
        case IdKind.UUID:
            return _AAM_ID.fullmatch(value) is not None
        case IdKind.ECID:
            return is_ecid(value)
        case IdKind.DEVICE:
            form = GLOBAL_DEVICES.get(data_source_id, _ALPHANUMERIC)
            return form.fullmatch(value) is not None
        case _:
            return is_declared_id(value)


def is_ecid(value: str) -> bool:
    """Tell whether a value is a valid Experience Cloud ID: 38 digits, each half at most 2^63-1."""
    if _AAM_ID.fullmatch(value) is None:
        return False
    return value[:_HALF] <= _LARGEST_HALF and value[_HALF:] <= _LARGEST_HALF


def is_declared_id(value: str) -> bool:
    """Tell whether a value can be a customer's id: neither a colon nor its percent form (audience-manager 3.3)."""
    return bool(value.strip()) and ":" not in value and "%3A" not in value and "%3a" not in value


def is_exported(value: str) -> bool:
    """Tell whether an id stands for somebody: the all-zero advertising id says that there is none."""
    return value.lower() != _NO_ADVERTISING_ID
