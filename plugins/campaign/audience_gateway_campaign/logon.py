"""The calls that begin a session: by password, or by an IMS token (campaign 3.4, 3.5)."""

from __future__ import annotations

from typing import Protocol

from audience_gateway.sdk import ConfigError, CredentialProvider, Secret

from audience_gateway_campaign.envelope import Call


class Logon(Protocol):
    """Makes the call; each is sent once."""

    async def call(self) -> Call:
        """Make the call for one logon."""
        ...

    def refused(self) -> None:
        """Note that Campaign refused the last one."""
        ...


class LogonByPassword:
    """`Logon` of a native operator."""

    def __init__(self, user: str, password: Secret | None) -> None:
        self._user = user
        self._password = password

    async def call(self) -> Call:
        """Make the call. Raises ConfigError for a password that leads nowhere."""
        if self._password is None:
            raise ConfigError("There is no password.", place="password", remedy="Set `password` or `credentials`.")
        parameters = {"strLogin": self._user, "strPassword": self._password.reveal(), "elemParameters": ""}
        return Call("xtk:session", "Logon", parameters)

    def refused(self) -> None:
        """Do nothing: there is one password."""


class LogonByToken:
    """`BearerTokenLogon` of a technical operator."""

    def __init__(self, provider: CredentialProvider) -> None:
        self._provider = provider
        self._token = ""
        self._refused: str | None = None

    async def call(self) -> Call:
        """Make the call, never with a token that was refused before. Raises what the provider raises."""
        self._token = await self._provider.token(refused=self._refused)
        return Call("xtk:session", "BearerTokenLogon", {"bearerToken": self._token})

    def refused(self) -> None:
        """Ask for another token at the next logon."""
        self._refused = self._token
