"""The connector of a connection that writes external audiences: a file with all members, and a run (rtcdp 1.7)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from audience_gateway.sdk import Arrival, ArrivalRequest, ArrivalStage, DataSource, TargetBatch, WriteResult

from audience_gateway_rtcdp.connector import RtcdpConnector


class ExternalConnector(RtcdpConnector):
    """Real-Time CDP, with external audiences that are given all their members at once."""

    async def check_destination(self, audience: str, source: DataSource) -> None:
        """Raise ConfigError or Permanent if members cannot be written."""
        await self._parts.destination.require(audience, source)

    async def replace_members(
        self, audience: str, source: DataSource, batches: AsyncIterator[TargetBatch], key: str
    ) -> WriteResult:
        """Leave a file with all members of an external audience, and have it taken in; the audience is made first."""
        return await self._parts.replacing.replace(audience, source, batches, key)

    def arrival_stages(self, audience: str, source: DataSource) -> Sequence[ArrivalStage]:  # noqa: ARG002
        """Name the stages: the file is read, profiles are members, and leavers have left."""
        return self._parts.arriving.stages()

    async def poll_arrivals(self, request: ArrivalRequest) -> Sequence[Arrival]:
        """Say how far a file has got, by the runs of its audience."""
        return await self._parts.arriving.poll(request, self._context.now())
