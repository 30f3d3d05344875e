"""How calls are authorised: a native operator's session, or IMS tokens (campaign 3.4, 4.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from audience_gateway.sdk import CredentialProvider


@dataclass(frozen=True, slots=True)
class Grant:
    """What a call carries to be let in. Held in memory only, and shown nowhere."""

    session_token: str = field(default="", repr=False)
    security_token: str = field(default="", repr=False)
    bearer: str = field(default="", repr=False)

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of a call."""
        if self.bearer:
            return {"Authorization": f"Bearer {self.bearer}"}
        session = {"Cookie": f"__sessiontoken={self.session_token}"} if self.session_token else {}
        return session | {"X-Security-Token": self.security_token} if self.security_token else session


class Access(Protocol):
    """Supplies grants; safe to be asked by many calls at once."""

    async def grant(self, *, refused: Grant | None = None) -> Grant:
        """Supply a grant that is good now, never the one that was refused."""
        ...

    async def forget(self) -> Grant | None:
        """Forget the grant; answer it if it is a session to log off from."""
        ...


class SessionAccess:
    """Sessions of a native operator: one logon, however many calls wait for it."""

    def __init__(self, log_on: Callable[[], Awaitable[Grant]]) -> None:
        self._log_on = log_on
        self._grant: Grant | None = None
        self._logon: asyncio.Task[Grant] | None = None

    async def grant(self, *, refused: Grant | None = None) -> Grant:
        """Supply the session; a refused one is replaced by one logon."""
        if self._grant is not None and self._grant is not refused:
            return self._grant
        if self._logon is None or self._logon.done():
            self._logon = asyncio.create_task(self._renewed())
        # One call that gives up must not end the logon that others wait for.
        return await asyncio.shield(self._logon)

    async def forget(self) -> Grant | None:
        """Forget the session and end a logon that is going on."""
        if self._logon is not None and not self._logon.done():
            self._logon.cancel()
            with suppress(asyncio.CancelledError):
                await self._logon
        grant, self._grant = self._grant, None
        return grant

    async def _renewed(self) -> Grant:
        self._grant = None
        self._grant = await self._log_on()
        return self._grant


class BearerAccess:
    """IMS tokens, sent with every call; there is no logon."""

    def __init__(self, provider: CredentialProvider) -> None:
        self._provider = provider

    async def grant(self, *, refused: Grant | None = None) -> Grant:
        """Supply the provider's token."""
        return Grant(bearer=await self._provider.token(refused=refused.bearer if refused else None))

    async def forget(self) -> None:
        """Keep nothing: the tokens are the provider's."""
