"""The connector: what an Audience Manager connection can do, each part in a file of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from audience_gateway.sdk import (
    Arrival,
    ArrivalRequest,
    ArrivalStage,
    Audience,
    ConfigError,
    Context,
    DataSource,
    Diagnostic,
    MemberPage,
    ReadRequest,
    WritePromise,
    WriteRequest,
    WriteResult,
)
from audience_gateway.sdk.audience_manager.outbound_batches import newest_batch
from audience_gateway.sdk.audience_manager.outbound_names import SyncMode
from audience_gateway.sdk.audience_manager.outbound_reading import read_members

from audience_gateway_audience_manager import checks
from audience_gateway_audience_manager.parts import Parts
from audience_gateway_audience_manager.settings import AudienceManagerSettings


class AudienceManagerConnector:
    """Audience Manager: segments that members are read from, onboarded traits that they are given, and links of ids.

    It holds ids, already encoded, so it neither has nor needs an identity index.
    """

    def __init__(self, settings: AudienceManagerSettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._parts = Parts(settings, context)

    async def open(self) -> None:
        """Do nothing: the first call gets a token, so that `check` can say why it fails."""

    async def check(self) -> Sequence[Diagnostic]:
        """Try access and buckets, and look for what keeps members from arriving."""
        return await checks.check(self._parts.preflight(), self._settings, self._parts.buckets)

    async def close(self) -> None:
        """Do nothing: there is no session."""

    async def list_audiences(self) -> AsyncIterator[Audience]:
        """Read all segments and onboarded traits, ordered by id, with their populations."""
        async with aclosing(self._parts.catalogue.all()) as found:
            others = [audience async for audience in found]
        for audience in sorted([*others, *self._parts.id_syncs()], key=lambda audience: audience.id):
            yield audience

    async def get_audience(self, audience: str) -> Audience | None:
        """Find an audience by its integration code, or as `segment-24`, `trait-1024` or `id-sync-<name>`."""
        if sync := self._parts.id_sync(audience):
            return sync.audience
        found = await self._parts.audiences.find(audience)
        if found is None:
            return None
        described, folder = self._parts.catalogue.describe(audience, found), self._parts.outbound
        # Only of what is read: a bucket that does not answer is nothing to a destination.
        if folder is None or described.writable or not described.readable:
            return described
        return replace(described, refreshed=await newest_batch(folder))

    async def create_audience(self, audience: str, title: str) -> Audience:
        """Create an onboarded trait and its segment, or answer those that are there."""
        created = await self._parts.creation().create(audience, title, self._context.now())
        return self._parts.catalogue.describe(audience, created)

    async def check_destination(self, audience: str, source: DataSource) -> None:
        """Raise ConfigError or Permanent if members would be lost, or must not be written."""
        if sync := self._parts.id_sync(audience):
            return await self._parts.destination().require_link(sync, source)
        return await self._parts.destination().require(audience, source, self._context.now())

    async def wanted_attributes(self, audience: str) -> Sequence[str]:
        """Name the attributes that hold further ids; none for an audience of other members."""
        sync = self._parts.id_sync(audience)
        return tuple(sync.settings.attributes) if sync else ()

    async def read_members(self, request: ReadRequest) -> AsyncIterator[MemberPage]:
        """Read the members of a segment out of complete files of the data source's destination."""
        folder, outbound = self._parts.outbound, self._settings.outbound
        if folder is None or outbound is None:
            raise ConfigError(
                "found no bucket to read members from",
                place=f"connections.{self._context.name}.settings.outbound.bucket",
                remedy="Set it to the bucket that the destination delivers to.",
            )
        segment = await self._parts.audiences.segment_to_read(request.audience)
        if outbound.check_mapping and request.after is None:
            await self._parts.exports().require_mapped(segment, request.source)
        async with aclosing(read_members(folder, segment.id, request, self._context.now())) as pages:
            async for page in pages:
                yield page

    async def reads_changes(self, audience: str, source: DataSource) -> bool:  # noqa: ARG002  # the same for all
        """Say whether the files that are read hold changes only."""
        outbound = self._settings.outbound
        return outbound is not None and outbound.sync_mode is SyncMode.ITER

    def write_promise(self) -> WritePromise:
        """A write is a file, and its name comes from its key; a trait that is given twice is there once."""
        return WritePromise.IDEMPOTENT_BY_FILE_NAME

    async def write_members(self, request: WriteRequest) -> WriteResult:
        """Give members the audience's trait, or link their ids."""
        if sync := self._parts.id_sync(request.audience):
            return await sync.write(request, self._context.now())
        return await self._parts.ways().add(request, await self._parts.trait_to_write(request.audience))

    async def remove_members(self, request: WriteRequest) -> WriteResult:
        """Take the audience's trait from members; links remain."""
        if sync := self._parts.id_sync(request.audience):
            return sync.refuse_removal(request)
        return await self._parts.ways().remove(request, await self._parts.trait_to_write(request.audience))

    def arrival_stages(self, audience: str, source: DataSource) -> Sequence[ArrivalStage]:  # noqa: ARG002  # of the contract
        """Name the stages: files are ingested, then members are visible; nothing tells that of links."""
        return () if self._parts.id_sync(audience) else self._parts.arriving().stages()

    async def poll_arrivals(self, request: ArrivalRequest) -> Sequence[Arrival]:
        """Say how far a delivery has got, by the onboarding status and the population of the trait."""
        return await self._parts.arriving().poll(request, self._context.now())
