"""Experience Platform's REST services, as far as they are used: what there is, and where."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from audience_gateway.sdk import Context, Permanent
from audience_gateway.sdk.rest import Caller, NotFound, Query

from audience_gateway_rtcdp import paging
from audience_gateway_rtcdp.settings import RtcdpSettings

Object = Mapping[str, Any]

_UPS = "/data/core/ups"
NAMESPACES = "/data/core/idnamespace/identities"


class Platform:
    """One sandbox of Experience Platform. Every method raises what a call raises.

    Args:
        settings: of the connection.
        context: the gateway's side.
    """

    def __init__(self, settings: RtcdpSettings, context: Context) -> None:
        self.caller = Caller(settings.interface, context)
        self.place = self.caller.place
        self._page_size = settings.page_size

    def audiences(self, query: Query = ()) -> AsyncGenerator[Object, None]:
        """All audiences that the filters let through, of every origin."""
        return self._listed(f"{_UPS}/audiences", paging.AUDIENCES, query)

    def definitions(self, query: Query = ()) -> AsyncGenerator[Object, None]:
        """All segment definitions that the filters let through."""
        return self._listed(f"{_UPS}/segment/definitions", paging.DEFINITIONS, query)

    def segment_jobs(self, query: Query = ()) -> AsyncGenerator[Object, None]:
        """All segment jobs that the filters let through, the newest first."""
        return self._listed(f"{_UPS}/segment/jobs", paging.JOBS, query)

    def export_jobs(self, query: Query = ()) -> AsyncGenerator[Object, None]:
        """All export jobs that the filters let through, the newest first."""
        return self._listed(f"{_UPS}/export/jobs", paging.EXPORT_JOBS, query)

    async def find(self, path: str) -> Object | None:
        """One object by its whole path; None if there is none."""
        try:
            return self.object((await self.caller.call("GET", path)).content)
        except NotFound:
            return None

    async def find_audience(self, audience: str) -> Object | None:
        """One audience by its id; None if there is none."""
        return await self.find(f"{_UPS}/audiences/{quote(audience, safe='')}")

    async def find_definition(self, definition: str) -> Object | None:
        """One segment definition by its id; None if there is none."""
        return await self.find(f"{_UPS}/segment/definitions/{quote(definition, safe='')}")

    async def namespaces(self) -> Sequence[Object]:
        """All identity namespaces, the standard ones too (rtcdp 2.3). Raises Permanent for an answer that is none."""
        found = (await self.caller.call("GET", NAMESPACES)).content
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise Permanent("found an answer that is no list of namespaces", place=self.place)
        return found

    def object(self, content: object) -> Object:
        """What was answered, as an object. Raises Permanent if it is none."""
        if not isinstance(content, dict):
            raise Permanent("found an answer that is no object", place=self.place)
        return content

    def _listed(self, path: str, style: paging.Style, query: Query) -> AsyncGenerator[Object, None]:
        return paging.items(self.caller, path, style, query, page_size=self._page_size)
