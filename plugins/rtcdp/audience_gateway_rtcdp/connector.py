"""The connector: what a Real-Time CDP connection can do, each part in a file of its own."""

from __future__ import annotations

from collections.abc import Sequence

from audience_gateway.sdk import Context, Diagnostic

from audience_gateway_rtcdp import checks
from audience_gateway_rtcdp.platform import Platform
from audience_gateway_rtcdp.settings import RtcdpSettings


class RtcdpConnector:
    """Adobe Real-Time CDP: audiences of one sandbox of Experience Platform."""

    def __init__(self, settings: RtcdpSettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._platform = Platform(settings, context)

    async def open(self) -> None:
        """Do nothing: the first call gets a token, so that `check` can say why it fails."""

    async def check(self) -> Sequence[Diagnostic]:
        """Try access to the sandbox."""
        return await checks.check(self._platform)

    async def close(self) -> None:
        """Do nothing: there is no session."""
