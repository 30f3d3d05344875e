"""The flow service, `/data/foundation/flowservice`: connections, their sources and targets, and flows (rtcdp 6.8)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from audience_gateway.sdk import ConfigError, Permanent
from audience_gateway.sdk.rest import Query, VersionIsStale

from audience_gateway_rtcdp import paging
from audience_gateway_rtcdp.platform import Object, Platform

_PATH = "/data/foundation/flowservice"
_TRIES = 5

Step = Mapping[str, Any]
"""One operation of a JSON Patch."""


@dataclass(frozen=True, slots=True)
class FlowService:
    """Objects of the flow service, by kind: `connections`, `sourceConnections`, `targetConnections`, `flows`.

    Every method raises what a call raises.

    Attributes:
        platform: the sandbox.
        page_size: objects of one page.
    """

    platform: Platform
    page_size: int

    def all(self, kind: str, query: Query = ()) -> AsyncGenerator[Object, None]:
        """All objects of a kind that the filters let through."""
        caller = self.platform.caller
        return paging.items(caller, f"{_PATH}/{kind}", paging.FLOW_OBJECTS, query, page_size=self.page_size)

    async def get(self, kind: str, id_: str) -> Object:
        """One object. Raises NotFound if there is none."""
        shown = self.platform.object((await self.platform.caller.call("GET", _one(kind, id_))).content)
        items = shown.get("items")
        if not isinstance(items, list) or len(items) != 1:
            raise Permanent(f"found an answer that is not one of {kind}", place=self.platform.place)
        return self.platform.object(items[0])

    async def find(self, kind: str, name: str) -> Object | None:
        """The object of a name; None if there is none. Raises ConfigError if there are several."""
        found = [each async for each in self.all(kind, [("property", f"name=={name}")]) if each.get("name") == name]
        if len(found) > 1:
            raise ConfigError(
                f"there are {len(found)} {kind} of one name",
                place=f"{self.platform.place} {name}",
                remedy="Delete or rename all but one of them in Experience Platform.",
            )
        return found[0] if found else None

    async def ensure(self, kind: str, name: str, body: Mapping[str, Any]) -> str:
        """The id of the object of a name, which is made if it is not there; one that is there stays as it is."""
        found = await self.find(kind, name)
        if found is not None:
            return str(found["id"])
        answer = await self.platform.caller.call("POST", f"{_PATH}/{kind}", body={"name": name, **body})
        return str(self.platform.object(answer.content)["id"])

    async def change(self, kind: str, id_: str, steps_of: Callable[[Object], Sequence[Step]]) -> bool:
        """Changes an object by what its present state asks for.

        Where somebody else was faster, it is read anew, and asked again what is to be changed.

        Args:
            kind: of the object.
            id_: its id.
            steps_of: says what is to be changed; nothing if it is as it should be.

        Returns:
            Whether anything was changed.
        """
        for _ in range(_TRIES):
            shown = await self.get(kind, id_)
            steps = steps_of(shown)
            if not steps:
                return False
            etag = str(shown.get("etag", "")).strip('"')
            try:
                await self.platform.caller.call(
                    "PATCH", _one(kind, id_), body=[dict(step) for step in steps], if_match=f'"{etag}"'
                )
            except VersionIsStale:
                continue
            return True
        raise Permanent(
            f"one of {kind} was changed by somebody else {_TRIES} times while it was to be changed",
            place=self.platform.place,
            remedy="Share again when nobody else is changing it.",
        )


def _one(kind: str, id_: str) -> str:
    return f"{_PATH}/{kind}/{quote(id_, safe='')}"
