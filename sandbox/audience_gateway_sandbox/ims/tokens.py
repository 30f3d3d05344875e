"""Mints access tokens and knows which of them are still good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from audience_gateway_sandbox.clock import Clock
from audience_gateway_sandbox.ims.clients import Client
from audience_gateway_sandbox.ims.json_web_token import Signer

LIFETIME = timedelta(seconds=86399)
LEGACY = "legacy_access_token"
"""The type of tokens that are good for Audience Manager only, and need neither a key nor an organisation there."""
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a token.

    Attributes:
        claims: its claims if it is good, else None.
        reason: why it is not good.
    """

    claims: Mapping[str, Any] | None
    reason: str = ""


class Tokens:
    """The tokens of all clients; every emulated system asks here whether one is good."""

    def __init__(self, clients: Sequence[Client], clock: Clock, signer: Signer | None = None) -> None:
        self.clients = {client.client_id: client for client in clients}
        self._clock = clock
        self._signer = signer or Signer()
        self._invalidated: set[str] = set()

    def mint(self, client: Client, scopes: Sequence[str]) -> str:
        """Make a new token, good for LIFETIME."""
        return self._minted(client, "access_token", client.technical_account, scopes, LIFETIME)

    def mint_legacy(self, client: Client, user: str, lifetime: timedelta) -> str:
        """Make a token of a user of Audience Manager, which is good there only."""
        return self._minted(client, LEGACY, user, ("read", "write"), lifetime)

    def _minted(self, client: Client, kind: str, user: str, scopes: Sequence[str], lifetime: timedelta) -> str:
        return self._signer.sign(
            {
                "id": uuid4().hex,
                "type": kind,
                "client_id": client.client_id,
                "user_id": user,
                "org": client.org_id,
                "as": "ims-na1",
                "scope": ",".join(scopes),
                "created_at": str((self._clock.now() - _EPOCH) // _MILLISECOND),
                "expires_in": str(lifetime // _MILLISECOND),
            }
        )

    def now(self) -> datetime:
        """Tell the time that tokens live by."""
        return self._clock.now()

    def judge(self, token: str) -> Verdict:
        """Tell whether a token is good now, and why not."""
        claims = self._signer.read(token)
        if claims is None:
            return Verdict(None, "bad_signature")
        if claims["id"] in self._invalidated:
            return Verdict(None, "token_invalidated")
        expiry = _EPOCH + (int(claims["created_at"]) + int(claims["expires_in"])) * _MILLISECOND
        return Verdict(claims) if self._clock.now() < expiry else Verdict(None, "token_expired")

    def invalidate(self, token: str) -> None:
        """End one token, everywhere and at once; one that is not good already stays so."""
        claims = self.judge(token).claims
        if claims is not None:
            self._invalidated.add(claims["id"])

    def account_of(self, token: str) -> str | None:
        """Tell whom a token stands for; None if it is not good everywhere."""
        claims = self.judge(token).claims
        return None if claims is None or claims["type"] == LEGACY else str(claims["user_id"])
