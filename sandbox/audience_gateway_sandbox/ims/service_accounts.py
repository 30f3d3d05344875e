"""Reads the JWT of a service account, the way to a token that Adobe ended in 2025 (ims 4)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import datetime
from typing import Any

_PARTS = 3


class BadAssertion(ValueError):
    """A JWT that gets no token; its text is the error code of the answer."""


def check_assertion(token: str, *, client_id: str, org_id: str, now: datetime) -> None:
    """Check form, expiry, issuer and audience. Raises BadAssertion.

    The signature counts for nothing: no client has a certificate here to check it with.
    """
    header, claims = _read(token)
    expiry = claims.get("exp")
    if header.get("alg") != "RS256" or not isinstance(expiry, int) or isinstance(expiry, bool):
        raise BadAssertion("invalid_token")
    if expiry <= now.timestamp() or claims.get("iss") != org_id:
        raise BadAssertion("invalid_token")
    audience = claims.get("aud")
    if not isinstance(audience, str) or not audience.endswith(f"/c/{client_id}"):
        raise BadAssertion("invalid_client")


def _read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    parts = token.split(".")
    try:
        header, claims = (json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2])
    except ValueError:
        raise BadAssertion("invalid_token") from None
    if len(parts) != _PARTS or not isinstance(header, dict) or not isinstance(claims, dict):
        raise BadAssertion("invalid_token")
    return header, claims
