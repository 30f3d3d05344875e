"""Experience Cloud IDs from device ids and back; the real functions are not public (people-and-ids 2.2)."""

from __future__ import annotations

import hashlib
import hmac

_HALF_BYTES = 8
_MASK = 2**63 - 1


def ecid_of(org_id: str, uuid: str) -> str:
    """Compute a device's Experience Cloud ID in an organisation: the same inputs give the same id on every domain."""
    return _digits(org_id, uuid)


def uuid_of(org_id: str, ecid: str) -> str:
    """Make up a device id for an Experience Cloud ID that came from elsewhere, as apps and browsers make their own."""
    return _digits(org_id, f"device of {ecid}")


def _digits(key: str, data: str) -> str:
    digest = hmac.new(key.encode(), data.encode(), hashlib.sha256).digest()
    first, second = digest[:_HALF_BYTES], digest[_HALF_BYTES : 2 * _HALF_BYTES]
    return "".join(f"{int.from_bytes(half, 'big') & _MASK:019d}" for half in (first, second))
