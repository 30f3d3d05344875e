"""Reads the members of an audience, by the files that a destination leaves: there is no list of members to ask for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime

from audience_gateway.sdk import DataSource, MemberPage, ReadRequest

from audience_gateway_rtcdp.catalogue import Catalogue
from audience_gateway_rtcdp.export_modes import ExportModes
from audience_gateway_rtcdp.files.columns import id_column, require_distinct
from audience_gateway_rtcdp.files.exports import find_exports
from audience_gateway_rtcdp.files.folders import ExportFolder
from audience_gateway_rtcdp.files.reading import check_members, read_members
from audience_gateway_rtcdp.on_demand import OnDemand


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads audiences by what the gateway calls them.

    Attributes:
        catalogue: knows the platform's ids, which names of files bear.
        folder: where the files are.
        modes: compares settings with the flow that exports; None where no flow is configured.
        on_demand: has full files exported before they are read; None if scheduled ones are read.
        now: tells the time.
    """

    catalogue: Catalogue
    folder: ExportFolder
    modes: ExportModes | None
    on_demand: OnDemand | None
    now: Callable[[], datetime]

    async def require(self, audience: str, source: DataSource) -> None:
        """Raises ConfigError or Permanent if members cannot be read, and what a call raises."""
        platform_id = await self._platform_id(audience)
        id_column(self.folder.settings, source)
        if self.modes is not None:
            await self.modes.require(platform_id)
        if self._orders(platform_id) is None:
            await check_members(self.folder, platform_id, [source], self.now())

    async def require_several(self, audience: str, sources: Sequence[DataSource]) -> None:
        """Raises what `require` raises, and ConfigError where data sources have no columns of their own."""
        platform_id = await self._platform_id(audience)
        require_distinct(self.folder.settings, sources)
        if self._orders(platform_id) is None:
            await check_members(self.folder, platform_id, sources, self.now())

    async def members(self, request: ReadRequest) -> AsyncGenerator[MemberPage, None]:
        """Every row of the files. Raises ConfigError, Permanent, and what a call raises."""
        asked = replace(request, audience=await self._platform_id(request.audience))
        folder, orders = self.folder, self._orders(asked.audience)
        if orders is not None and request.after is None:
            if not await orders.export([asked.audience]):
                return  # a run without rows writes no file
            folder = folder.settled()
        async with aclosing(read_members(folder, asked, self.now())) as pages:
            async for page in pages:
                yield page

    def _orders(self, platform_id: str) -> OnDemand | None:
        """Exports on demand are full: one of changes goes on by its schedule."""
        return None if self.folder.settings.has_changes(platform_id) else self.on_demand

    async def refreshed(self, audience: str) -> datetime | None:
        """When the newest export was made; None if there is none, or one is made when it is read."""
        platform_id = await self._platform_id(audience)
        if self._orders(platform_id) is not None:
            return None
        found = await find_exports(self.folder, platform_id)
        return max((export.time or export.modified for export in found.exports), default=None)

    async def changes_only(self, audience: str) -> bool:
        """Whether what is read of an audience is only who has joined and left. Raises what a call raises."""
        return await self._platform_id(audience) in self.folder.settings.changes_only

    async def _platform_id(self, audience: str) -> str:
        return (await self.catalogue.require(audience)).id
