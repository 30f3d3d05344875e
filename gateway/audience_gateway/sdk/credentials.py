"""What supplies tokens to connectors."""

from __future__ import annotations

from typing import Protocol


class CredentialProvider(Protocol):
    """Supplies access tokens; safe to be asked by many at once."""

    async def token(self, *, refused: str | None = None) -> str:
        """A token that is good now.

        Args:
            refused: a token from an earlier call that the remote system refused; it is not answered again.

        Raises AuthError, RateLimited, Transient or ConfigError.
        """
        ...

    @property
    def client_id(self) -> str:
        """The client that the tokens are issued to (the API key)."""
        ...

    @property
    def org_id(self) -> str:
        """The organisation that the tokens are good for; empty if not configured."""
        ...

    async def close(self) -> None:
        """Gives everything back."""
        ...
