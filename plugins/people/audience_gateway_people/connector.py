"""The connector: what a People connection can do, each part in a file of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from audience_gateway.sdk import (
    Arrival,
    ArrivalRequest,
    ArrivalStage,
    Audience,
    ConfigError,
    Context,
    DataSource,
    Diagnostic,
    GatewayError,
    MemberPage,
    ReadRequest,
    WritePromise,
    WriteRequest,
    WriteResult,
)
from audience_gateway.sdk.audience_manager.inbound_lines import RealiseTrait, RemoveTrait
from audience_gateway.sdk.audience_manager.inbound_writing import write
from audience_gateway.sdk.audience_manager.outbound_reading import read_members
from audience_gateway.sdk.audience_manager.rest.arriving import Arriving
from audience_gateway.sdk.audience_manager.rest.object_settings import PopulationSettings

from audience_gateway_people.catalogue import Catalogue
from audience_gateway_people.checks import check
from audience_gateway_people.library import Library
from audience_gateway_people.objects import Objects
from audience_gateway_people.settings import PeopleSettings


class PeopleConnector:
    """The People core service as Campaign shares with it: over two buckets, in Audience Manager's file formats.

    It holds ids, already encoded, so it neither has nor needs an identity index. What the Audience Library has is known
    by Audience Manager's objects, where there is access to them.
    """

    def __init__(self, settings: PeopleSettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._imports = settings.import_folder(context.bucket(settings.import_bucket, settings.import_credentials))
        self._exports = settings.export_folder(context.bucket(settings.export_bucket, settings.export_credentials))
        self._library = Library(settings.library, context) if settings.library else None
        self._objects = Objects(settings, self._library, f"connections.{context.name}.settings.audiences")
        self._traits: dict[tuple[str, int], tuple[int, int | None]] = {}

    async def open(self) -> None:
        """Do nothing: neither buckets nor calls need a session."""

    async def check(self) -> Sequence[Diagnostic]:
        """Try both buckets and the newest batch, and look at the library."""
        return await check(self._imports, self._exports, self._settings, self._library, self._context.now())

    async def close(self) -> None:
        """Do nothing: neither buckets nor calls need a session."""

    async def list_audiences(self) -> AsyncIterator[Audience]:
        """List the configured audiences, and those of the library."""
        async with aclosing(self._catalogue().all()) as found:
            async for audience in found:
                yield audience

    async def get_audience(self, audience: str) -> Audience | None:
        """Find an audience."""
        return await self._catalogue().find(audience)

    async def create_audience(self, audience: str, title: str) -> Audience:
        """Create a segment over an onboarded trait, as sharing a new audience does."""
        if self._library is None:
            raise ConfigError(
                "audiences are created over Audience Manager's REST interface, which is not set",
                place=f"connections.{self._context.name}.settings.library",
                remedy="Set it, or make segment and trait in Audience Manager and add both to `audiences`.",
            )
        shared = await self._library.create(audience, title, self._context.now())
        return self._catalogue().described(audience, shared)

    async def check_destination(self, audience: str, source: DataSource) -> None:
        """Look for the trait, and whether files may name it already."""
        await self._objects.require(audience, source, self._context.now())

    async def read_members(self, request: ReadRequest) -> AsyncIterator[MemberPage]:
        """Read an audience's members out of the newest complete batch."""
        segment = await self._objects.segment_of(request.audience)
        async with aclosing(read_members(self._imports, segment, request, self._context.now())) as pages:
            async for page in pages:
                yield page

    def write_promise(self) -> WritePromise:
        """A write is a file, and its name comes from the key of the write."""
        return WritePromise.IDEMPOTENT_BY_FILE_NAME

    async def write_members(self, request: WriteRequest) -> WriteResult:
        """Give members the audience's trait."""
        trait, owner = await self._trait(request)
        return await write(self._exports, request, RealiseTrait(trait), self._context.now(), target=owner)

    async def remove_members(self, request: WriteRequest) -> WriteResult:
        """Take the audience's trait from members."""
        trait, owner = await self._trait(request)
        return await write(self._exports, request, RemoveTrait(trait), self._context.now(), target=owner)

    def arrival_stages(self, audience: str, source: DataSource) -> Sequence[ArrivalStage]:  # noqa: ARG002  # as for all
        """Until files were taken, and until members can be used where somebody counts them."""
        return self._arriving().stages()

    async def poll_arrivals(self, request: ArrivalRequest) -> Sequence[Arrival]:
        """Look what became of the files, and whether the trait was counted again."""
        return await self._arriving().poll(request, self._context.now())

    async def _trait(self, request: WriteRequest) -> tuple[int, int | None]:
        """The trait, looked up once for a delivery, and the data source that owns it if that is not the ids' own."""
        key = request.audience, request.source.aam_data_source_id
        if key not in self._traits:
            try:
                self._traits[key] = await self._looked_up(request.audience, request.source)
            except GatewayError as error:
                error.sent = False  # the call that failed was no write
                raise
        return self._traits[key]

    async def _looked_up(self, name: str, source: DataSource) -> tuple[int, int | None]:
        if self._library is None:
            return await self._objects.trait_of(name), None
        trait = await self._objects.writable_trait(name, self._context.now())
        owner = trait.data_source_id
        return trait.id, owner if owner and owner != source.aam_data_source_id else None

    def _catalogue(self) -> Catalogue:
        return Catalogue(self._imports, self._settings, self._library, self._context.now())

    def _arriving(self) -> Arriving:
        library = self._library
        populations = library.settings.populations if library else PopulationSettings()
        rest, trait_of = (library.rest, self._objects.known_trait) if library else (None, None)
        return Arriving(rest, trait_of, self._settings.arrival, populations, self._exports, 0)
