"""Who is logged on: pairs of session token and security token, each good for a day (campaign 3.4)."""

from __future__ import annotations

import hmac
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes
from uuid import uuid4

LIFETIME = timedelta(days=1)
_SECURITY_TOKEN_BYTES = 64  # one over a multiple of three, so that the text ends in `==`


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A pair of tokens and whom it stands for."""

    session_token: str = field(repr=False)
    security_token: str = field(repr=False)
    operator: str
    expires: datetime


class Sessions:
    """The live sessions. Their tokens are bound to no connection."""

    def __init__(self, lifetime: timedelta = LIFETIME) -> None:
        self.lifetime = lifetime
        self._live: dict[str, LiveSession] = {}

    def begin(self, operator: str, now: datetime) -> LiveSession:
        """Log an operator on."""
        self._live = {token: session for token, session in self._live.items() if now < session.expires}
        session = LiveSession(
            f"___{uuid4()}", f"@{b64encode(token_bytes(_SECURITY_TOKEN_BYTES)).decode()}", operator, now + self.lifetime
        )
        self._live[session.session_token] = session
        return session

    def operator_of(self, session_token: str, security_token: str, now: datetime) -> str | None:
        """Tell whom a pair of tokens stands for; None if it is not good."""
        session = self._live.get(session_token)
        if session is None or now >= session.expires:
            return None
        # What a caller sends may be no text at all; such bytes come as lone surrogates.
        good = hmac.compare_digest(security_token.encode(errors="replace"), session.security_token.encode())
        return session.operator if good else None

    def end(self, session_token: str) -> None:
        """Log off."""
        self._live.pop(session_token, None)

    def expire_all(self) -> None:
        """End every session at once."""
        self._live.clear()
