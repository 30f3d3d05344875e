"""Reads the members of an audience, by the files that a destination leaves: there is no list of members to ask for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime

from audience_gateway.sdk import DataSource, MemberPage, Permanent, ReadRequest

from audience_gateway_rtcdp.catalogue import Catalogue
from audience_gateway_rtcdp.files.folders import ExportFolder
from audience_gateway_rtcdp.files.reading import check_members, read_members


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads audiences by what the gateway calls them.

    Attributes:
        catalogue: knows the platform's ids, which names of files bear.
        folder: where the files are.
        now: tells the time.
    """

    catalogue: Catalogue
    folder: ExportFolder
    now: Callable[[], datetime]

    async def require(self, audience: str, source: DataSource) -> None:
        """Raises ConfigError or Permanent if members cannot be read, and what a call raises."""
        await check_members(self.folder, await self._platform_id(audience), source, self.now())

    async def members(self, request: ReadRequest) -> AsyncGenerator[MemberPage, None]:
        """Every row of the files. Raises ConfigError, Permanent, and what a call raises."""
        asked = replace(request, audience=await self._platform_id(request.audience))
        async with aclosing(read_members(self.folder, asked, self.now())) as pages:
            async for page in pages:
                yield page

    async def _platform_id(self, audience: str) -> str:
        found = await self.catalogue.find(audience)
        if found is None:
            raise Permanent(
                "there is no such audience",
                place=f"audiences/{audience}",
                remedy="`audiences list` shows what there is.",
            )
        return found.id
