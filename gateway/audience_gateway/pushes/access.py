"""Who may push: whoever has a token that is configured, or one that the gateway has handed out for an hour."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from audience_gateway.sdk import PushAccess, Secret

LIFETIME = timedelta(hours=1)
"""For how long a token is good that was handed out."""


@dataclass(frozen=True, slots=True)
class Doorman:
    """Lets those in who may push to a connection. Keeps nothing, so that all replicas agree.

    Attributes:
        connection: its name.
        access: who may.
        now: tells the time.
    """

    connection: str
    access: PushAccess
    now: Callable[[], datetime]

    def lets_in(self, token: str) -> bool:
        """Whether a bearer token is good; empty for none."""
        return self.access.anyone or self._is_configured(token) or self._was_handed_out(token)

    def token(self, client_id: str, client_secret: str) -> str | None:
        """A token for the client; None for anybody else."""
        access = self.access
        if not access.client_id or not _same(client_id, access.client_id):
            return None
        for secret in access.client_secrets:
            if _same(client_secret, revealed := secret.reveal()):
                return self._signed(int((self.now() + LIFETIME).timestamp()), revealed)
        return None

    def _is_configured(self, token: str) -> bool:
        return bool(token) and any(_same(token, each) for each in _revealed(self.access.tokens))

    def _was_handed_out(self, token: str) -> bool:
        expiry = token.partition(".")[0]
        if not expiry.isdecimal() or len(expiry) > len("9999999999") or int(expiry) <= self.now().timestamp():
            return False
        return any(_same(token, self._signed(int(expiry), each)) for each in _revealed(self.access.client_secrets))

    def _signed(self, expiry: int, secret: str) -> str:
        text = f"push {self.connection} {self.access.client_id} {expiry}"
        return f"{expiry}.{hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()}"


def _revealed(secrets: Iterable[Secret]) -> list[str]:
    return [secret.reveal() for secret in secrets]


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
