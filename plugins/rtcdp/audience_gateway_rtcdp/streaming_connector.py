"""The connector of a connection that streams: members are a field of their profiles (rtcdp 5)."""

from __future__ import annotations

from audience_gateway.sdk import Audience, Context, DataSource, WritePromise, WriteRequest, WriteResult

from audience_gateway_rtcdp.connector import RtcdpConnector
from audience_gateway_rtcdp.settings import RtcdpSettings
from audience_gateway_rtcdp.streaming_settings import StreamingSettings


class StreamingConnector(RtcdpConnector):
    """Real-Time CDP, with members that are added and removed as a field of their profiles."""

    def __init__(self, settings: RtcdpSettings, streaming: StreamingSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._streaming = self._parts.streaming(streaming)

    async def create_audience(self, audience: str, title: str) -> Audience:
        """Answer what members are written under: the platform has an audience of them once a rule asks for it."""
        return Audience(id=audience, title=title, readable=False)

    async def check_destination(self, audience: str, source: DataSource) -> None:
        """Raise ConfigError or Permanent if members cannot be written."""
        await self._streaming.require(audience, source)

    def write_promise(self) -> WritePromise:
        """A record says of one person whether it is a member; said again, it changes nothing."""
        return WritePromise.IDEMPOTENT_BY_KEY

    async def write_members(self, request: WriteRequest) -> WriteResult:
        """Say of people that they are members."""
        return await self._streaming.write(request, is_member=True)

    async def remove_members(self, request: WriteRequest) -> WriteResult:
        """Say of people that they are no members."""
        return await self._streaming.write(request, is_member=False)
