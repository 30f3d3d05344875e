"""The whole interface: what there is, and where."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Literal

from audience_gateway.sdk.audience_manager.rest import listing
from audience_gateway.sdk.audience_manager.rest.history import FileHistory, file_history
from audience_gateway.sdk.audience_manager.rest.history_settings import OUTBOUND, HistorySettings
from audience_gateway.sdk.audience_manager.rest.mappings import Mappings
from audience_gateway.sdk.audience_manager.rest.objects import DataSourceObject, Destination, Folder, Segment, Trait
from audience_gateway.sdk.audience_manager.rest.resource import Resource
from audience_gateway.sdk.rest import Caller

_WITH_METRICS = (("includeMetrics", "true"),)


class AudienceManagerRest:
    """Audience Manager's REST interface, `/v1` (audience-manager 1).

    Args:
        caller: calls it.
        page_size: objects of one page of a list.
        history: names of fields that are not published.
    """

    def __init__(self, caller: Caller, page_size: int, history: HistorySettings) -> None:
        self._caller = caller
        self._page_size = page_size
        self._history = history
        self.place = caller.place
        self.data_sources = Resource(caller, "/datasources/", DataSourceObject, page_size)
        self.traits = Resource(caller, "/traits/", Trait, page_size)
        self.segments = Resource(caller, "/segments/", Segment, page_size)
        self.destinations = Resource(caller, "/destinations/", Destination, page_size)

    async def introduce(self) -> None:
        """Makes the technical account known to administrators, where access is by roles (audience-manager 1.1)."""
        await self._caller.call("GET", "/users/self")

    def folders(self, of: Literal["traits", "segments"]) -> Resource[Folder]:
        """Folders of traits or of segments; a list has one element, the root, which holds the others."""
        return Resource(self._caller, f"/folders/{of}/", Folder, self._page_size)

    def mappings(self, destination: int) -> Mappings:
        """The segments that are mapped to a destination."""
        return Mappings(self._caller, destination, self._page_size)

    async def trait_population(self, trait: int, metric: str) -> int | None:
        """How many have a trait, by the name of a metric; None if it is not told, or there is no such trait."""
        found = await self.traits.find(trait, _WITH_METRICS)
        return found.count(metric) if found else None

    async def segment_population(self, segment: int, metric: str) -> int | None:
        """How many are in a segment, likewise."""
        found = await self.segments.find(segment, _WITH_METRICS)
        return found.count(metric) if found else None

    async def inbound_history(self, data_source: int, file_name: str = "") -> Sequence[FileHistory]:
        """What became of the files of a data source, or of one: the onboarding status (audience-manager 3.6)."""
        query = [("includeSamplingDetails", "false")] + ([("dataFileName", file_name)] if file_name else [])
        return await self._rows(f"/datasources/{data_source}/history/inbound", query, self._history)

    async def outbound_history(self, destination: int, since: datetime, until: datetime) -> Sequence[FileHistory]:
        """What was sent to a destination between two times."""
        query = [("startDate", _milliseconds(since)), ("endDate", _milliseconds(until))]
        return await self._rows(f"/destinations/{destination}/history/outbound", query, OUTBOUND)

    async def _rows(
        self, path: str, query: Sequence[tuple[str, str]], fields: HistorySettings
    ) -> Sequence[FileHistory]:
        async with aclosing(listing.items(self._caller, path, query, self._page_size)) as rows:
            return [file_history(row, fields) async for row in rows]


def _milliseconds(time: datetime) -> str:
    return str(int(time.timestamp() * 1000))
