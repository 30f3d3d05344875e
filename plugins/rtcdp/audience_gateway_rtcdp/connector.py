"""The connector: what a Real-Time CDP connection can do, each part in a file of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from audience_gateway.sdk import (
    Audience,
    ConfigError,
    Context,
    DataSource,
    Diagnostic,
    MemberPage,
    Permanent,
    Push,
    PushAccess,
    ReadRequest,
)

from audience_gateway_rtcdp import checks
from audience_gateway_rtcdp.governance import held_back
from audience_gateway_rtcdp.parts import Parts
from audience_gateway_rtcdp.reading import Reading
from audience_gateway_rtcdp.receiver.profiles import ProfileReader
from audience_gateway_rtcdp.settings import RtcdpSettings


class RtcdpConnector:
    """Adobe Real-Time CDP: audiences of one sandbox of Experience Platform, and members out of exported files.

    Members are written in one of two ways, by those who build on it: as external audiences, or by streaming.
    """

    def __init__(self, settings: RtcdpSettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._parts = Parts(settings, context)

    async def open(self) -> None:
        """Do nothing: the first call gets a token, so that `check` can say why it fails."""

    async def check(self) -> Sequence[Diagnostic]:
        """Try access to the sandbox, and look for what keeps members from arriving."""
        return await checks.check(self._parts.platform, self._parts.preflight)

    async def close(self) -> None:
        """Do nothing: there is no session."""

    async def list_audiences(self) -> AsyncIterator[Audience]:
        """Read all audiences and segment definitions, ordered by id, with their sizes where they are known."""
        async with aclosing(self._parts.catalogue.all()) as found:
            async for audience in found:
                yield audience

    async def get_audience(self, audience: str) -> Audience | None:
        """Find an audience by the platform's id, or by the one that its maker chose."""
        found = await self._parts.catalogue.get(audience)
        # Only of what is read: a bucket that does not answer is nothing to a destination.
        if found is None or found.writable or not found.readable or not isinstance(self._parts.reading, Reading):
            return found
        return replace(found, refreshed=await self._parts.reading.refreshed(audience))

    def push_access(self) -> PushAccess | None:
        """Say who may push profiles; None where no streaming destination is configured."""
        receiver = self._settings.receiver
        return receiver.access if receiver else None

    def read_push(self, body: bytes) -> Push:
        """Read what pushed profiles say of memberships. Raises Permanent for a body that is no profile."""
        receiver = self._settings.receiver
        if receiver is None:
            raise Permanent("the connection takes no pushes")
        reader = ProfileReader(
            frozenset(receiver.audiences),
            frozenset(code.lower() for code in receiver.namespaces.values()),
            self._settings.governance.consent,
            receiver.shared_devices == "share",
        )
        return reader.read(body)

    async def check_source(self, audience: str, source: DataSource, destination: str) -> None:
        """Raise ConfigError or Permanent if members must not be shared, not by this way, or cannot be read."""
        await self._parts.source.require(audience, source, destination, self._context.now())
        await self._parts.reading.require(audience, source)

    async def check_several_ids(self, audience: str, sources: Sequence[DataSource]) -> None:
        """Raise ConfigError or Permanent if there are no files with a column for each data source."""
        reading = self._parts.reading
        if not isinstance(reading, Reading):
            raise ConfigError(
                "only out of files are members read with ids of several data sources",
                place=f"{self._parts.place}.files",
                remedy="Name one data source, or read the audience by a connection with `files`.",
            )
        await reading.require_several(audience, sources)

    async def reads_changes(self, audience: str, source: DataSource) -> bool:  # noqa: ARG002  # the same for all
        """Say whether the files of an audience are read that hold changes only."""
        return await self._parts.reading.changes_only(audience)

    async def read_members(self, request: ReadRequest) -> AsyncIterator[MemberPage]:
        """Read every row of the files that a destination has left; rows that a policy denies come without their ids."""
        denial = await self._parts.source.denial(request.audience)
        async with (
            aclosing(self._parts.reading.members(request)) as read,
            aclosing(held_back(read, denial)) as pages,
        ):
            async for page in pages:
                yield page
