"""Credentials of the developer console: a client with at most two live secrets (ims 2, 3)."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

MOST_SECRETS = 2
EVERY_SCOPE = (
    "openid",
    "session",
    "AdobeID",
    "read_organizations",
    "additional_info.projectedProductContext",
    "campaign_sdk",
)


@dataclass(slots=True)
class Client:
    """One OAuth server-to-server credential.

    Attributes:
        client_id: the API key, 32 lower-case hex digits.
        org_id: the organisation, 24 upper-case hex digits and `@AdobeOrg`.
        technical_account: whom its tokens stand for.
        secrets: the live secrets, oldest first; any of them mints tokens.
        scopes: the scopes granted to the credential.
        created: when secrets were added, as far as that is known.
        used: when secrets last minted a token.
    """

    client_id: str
    org_id: str
    technical_account: str
    secrets: Sequence[str]
    scopes: Sequence[str] = EVERY_SCOPE
    created: dict[str, datetime] = field(default_factory=dict, repr=False)
    used: dict[str, datetime] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.secrets) <= MOST_SECRETS:
            raise ValueError("a client has one or two live secrets")

    def __repr__(self) -> str:
        return f"Client({self.client_id!r})"

    def knows(self, secret: str) -> bool:
        """Tell whether a secret is live."""
        return any(hmac.compare_digest(secret.encode(), live.encode()) for live in self.secrets)

    def add_secret(self, secret: str) -> None:
        """Make a second secret live. Raises ValueError if there are two."""
        if len(self.secrets) >= MOST_SECRETS:
            raise ValueError("a client has at most two live secrets")
        self.secrets = (*self.secrets, secret)

    def delete_secret(self, secret: str) -> None:
        """End a secret: it mints no more tokens; those that it minted live on. Raises ValueError for the last one."""
        kept = tuple(live for live in self.secrets if live != secret)
        if not kept:
            raise ValueError("a client needs one live secret")
        self.secrets = kept

    def granted(self, asked: str) -> tuple[str, ...] | None:
        """Read a list of scopes, commas or blanks between them; all for none; None if one is not granted."""
        scopes = tuple(asked.replace(",", " ").split())
        if not set(scopes) <= set(self.scopes):
            return None
        return scopes or tuple(self.scopes)
