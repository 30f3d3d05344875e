"""The connector: what a People connection can do, each part in a file of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from audience_gateway.sdk import (
    Audience,
    Context,
    Diagnostic,
    MemberPage,
    ReadRequest,
    WritePromise,
    WriteRequest,
    WriteResult,
)
from audience_gateway.sdk.audience_manager.inbound_lines import RealiseTrait, RemoveTrait
from audience_gateway.sdk.audience_manager.inbound_writing import write
from audience_gateway.sdk.audience_manager.outbound_reading import read_members

from audience_gateway_people import catalogue, checks
from audience_gateway_people.settings import PeopleSettings


class PeopleConnector:
    """The People core service as Campaign shares with it: over two buckets, in Audience Manager's file formats.

    It holds ids, already encoded, so it neither has nor needs an identity index.
    """

    def __init__(self, settings: PeopleSettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._imports = settings.import_folder(context.bucket(settings.import_bucket, settings.import_credentials))
        self._exports = settings.export_folder(context.bucket(settings.export_bucket, settings.export_credentials))

    async def open(self) -> None:
        """Do nothing: buckets need no session."""

    async def check(self) -> Sequence[Diagnostic]:
        """Try both buckets and the newest batch."""
        return await checks.check(self._imports, self._exports, self._settings, self._context.now())

    async def close(self) -> None:
        """Do nothing: buckets need no session."""

    async def list_audiences(self) -> AsyncIterator[Audience]:
        """Read the configured audiences."""
        async with aclosing(catalogue.audiences(self._imports, self._settings)) as found:
            async for audience in found:
                yield audience

    async def get_audience(self, audience: str) -> Audience | None:
        """Find a configured audience."""
        return await catalogue.find_audience(self._imports, self._settings, audience)

    async def read_members(self, request: ReadRequest) -> AsyncIterator[MemberPage]:
        """Read an audience's members out of the newest complete batch."""
        segment = catalogue.segment_of(self._settings, self._context.name, request.audience)
        async with aclosing(read_members(self._imports, segment, request, self._context.now())) as pages:
            async for page in pages:
                yield page

    def write_promise(self) -> WritePromise:
        """A write is a file, and its name comes from the key of the write."""
        return WritePromise.IDEMPOTENT_BY_FILE_NAME

    async def write_members(self, request: WriteRequest) -> WriteResult:
        """Give members the audience's trait."""
        trait = catalogue.trait_of(self._settings, self._context.name, request.audience)
        return await write(self._exports, request, RealiseTrait(trait), self._context.now())

    async def remove_members(self, request: WriteRequest) -> WriteResult:
        """Take the audience's trait from members."""
        trait = catalogue.trait_of(self._settings, self._context.name, request.audience)
        return await write(self._exports, request, RemoveTrait(trait), self._context.now())
