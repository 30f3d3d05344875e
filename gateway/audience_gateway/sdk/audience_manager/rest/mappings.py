"""Segments that are mapped to destinations (audience-manager 1.3, 1.4)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from collections.abc import Mapping as Values
from contextlib import aclosing
from typing import Any

from audience_gateway.sdk.audience_manager.rest.objects import Mapping
from audience_gateway.sdk.audience_manager.rest.resource import Resource
from audience_gateway.sdk.errors import GatewayError
from audience_gateway.sdk.rest import Caller


class Mappings:
    """The mappings of one destination. Every method raises what a call raises.

    Args:
        caller: the interface.
        destination: id of the destination.
        page_size: mappings of one page.
    """

    def __init__(self, caller: Caller, destination: int, page_size: int) -> None:
        self._caller = caller
        self._destination = f"/destinations/{destination}"
        self._mappings = Resource(caller, f"{self._destination}/mappings/", Mapping, page_size)

    async def all(self) -> AsyncGenerator[Mapping, None]:
        """Reads all mappings."""
        async with aclosing(self._mappings.all()) as found:
            async for mapping in found:
                yield mapping

    async def find(self, mapping: int) -> Mapping | None:
        """Finds one by its id; None if there is none."""
        return await self._mappings.find(mapping)

    async def create(self, segment: int, start_date: str, alias: str = "") -> Mapping:
        """Maps a segment, from a day on (yyyy-mm-dd), under the key that it has with the partner."""
        return await self._mappings.create(_values(segment, start_date, alias))

    async def create_all(self, segments: Sequence[int], start_date: str) -> Sequence[int]:
        """Maps several segments at once.

        Whatever is answered, the mappings are read again: the call may say that it failed though it did not.

        Returns:
            The segments that are not mapped, in their order.

        Raises what the call raised, if it failed and mapped none.
        """
        failure: GatewayError | None = None
        try:
            body = [_values(segment, start_date, "") for segment in segments]
            await self._caller.call("POST", f"{self._destination}/bulk-create", body=body)
        except GatewayError as error:
            failure = error
        mapped = {mapping.segment_id async for mapping in self.all()}
        left = [segment for segment in segments if segment not in mapped]
        if failure is not None and len(left) == len(segments):
            raise failure
        return left

    async def update(self, mapping: int, changes: Values[str, Any]) -> None:
        """Changes a mapping; its address is not below that of the destination."""
        before = await self._caller.call("GET", f"{self._destination}/mappings/{mapping}")
        values = {**before.content, **changes} if isinstance(before.content, dict) else dict(changes)
        await self._caller.call("PUT", f"/destinations/mappings/{mapping}", body=values, if_match=before.etag)

    async def delete(self, mapping: int) -> None:
        """Ends a mapping; one that is not there is no error."""
        await self._mappings.delete(mapping)


def _values(segment: int, start_date: str, alias: str) -> dict[str, object]:
    # The docs' example of server-to-server destinations has these four (audience-manager 1.4).
    return {"sid": segment, "traitType": "SEGMENT", "startDate": start_date, "traitAlias": alias or str(segment)}
