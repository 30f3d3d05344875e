"""What an audience is here: an onboarded trait that members are given, a segment that they are read from, or both.

Both go by an integration code in the data source that audiences are created in; anything else goes by its number,
`trait-1024` or `segment-24`, for traits and segments are numbered apart (people-and-ids 1).
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from audience_gateway.sdk.audience_manager.rest.client import AudienceManagerRest
from audience_gateway.sdk.audience_manager.rest.objects import Segment, Trait
from audience_gateway.sdk.audience_manager.rest.resource import Filters, Resource
from audience_gateway.sdk.errors import ConfigError, Permanent

T = TypeVar("T", Trait, Segment)

WITH_DETAILS = (("includeDetails", "true"), ("includeMetrics", "true"))
"""What traits are asked for with: lists leave out integration codes and metrics."""
WITH_METRICS = (("includeMetrics", "true"),)

_NUMBERED = re.compile(r"(trait|segment)-([1-9][0-9]{0,17})")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,254}")


@dataclass(frozen=True, slots=True)
class Objects:
    """What an audience consists of; at least one of the two.

    Attributes:
        trait: the onboarded trait that members are given.
        segment: the segment that members are read from.
    """

    trait: Trait | None = None
    segment: Segment | None = None


def may_be_code(name: str) -> bool:
    """Whether an integration code can name an audience: it fits into names, and is not like that of a number."""
    return _CODE.fullmatch(name) is not None and _NUMBERED.fullmatch(name) is None


class Audiences:
    """Finds what audiences consist of. Every method raises what a call raises.

    Args:
        rest: the interface.
        data_source: in which audiences go by integration codes; 0 for none.
    """

    def __init__(self, rest: AudienceManagerRest, data_source: int) -> None:
        self._rest = rest
        self._data_source = data_source

    async def find(self, name: str) -> Objects | None:
        """What an audience consists of; None if there is none of that name."""
        numbered = _NUMBERED.fullmatch(name)
        if numbered:
            found = await self._numbered(numbered[1], int(numbered[2]))
        else:
            found = Objects(await self.trait_of_code(name), await self.segment_of_code(name))
        return found if found.trait or found.segment else None

    async def trait_of_code(self, code: str) -> Trait | None:
        """The onboarded trait of an integration code. Raises Permanent if there are several."""
        traits = [trait async for trait in self._of_code(self._rest.traits, code, WITH_DETAILS)]
        return self._only([trait for trait in traits if trait.is_onboarded], code)

    async def segment_of_code(self, code: str) -> Segment | None:
        """The segment of an integration code. Raises Permanent if there are several."""
        return self._only([segment async for segment in self._of_code(self._rest.segments, code, WITH_METRICS)], code)

    async def trait_to_write(self, name: str) -> Trait:
        """The trait that members are given. Raises Permanent for an unknown audience, ConfigError if it has none."""
        found = await self._existing(name)
        if found.trait is None:
            raise ConfigError(
                "there is no onboarded trait that members could be given",
                place=f"audiences/{name}",
                remedy="Share to an audience with an onboarded trait; `audiences list` shows what can be written.",
            )
        return found.trait

    async def segment_to_read(self, name: str) -> Segment:
        """The segment that members are read from. Raises Permanent for an unknown audience, ConfigError if none."""
        found = await self._existing(name)
        if found.segment is None:
            raise ConfigError(
                "there is no segment that members could be read from",
                place=f"audiences/{name}",
                remedy="Traits are not exported: make a segment of it, and read that.",
            )
        return found.segment

    async def _existing(self, name: str) -> Objects:
        found = await self.find(name)
        if found is None:
            raise Permanent(
                "there is no such audience",
                place=f"{self._rest.place}/audiences/{name}",
                remedy="`audiences list` shows what there is.",
            )
        return found

    async def _numbered(self, kind: str, number: int) -> Objects:
        if kind == "segment":
            return Objects(segment=await self._rest.segments.find(number, WITH_METRICS))
        trait = await self._rest.traits.find(number, WITH_METRICS)
        return Objects(trait=trait if trait and trait.is_onboarded else None)

    async def _of_code(self, resource: Resource[T], code: str, query: Filters) -> AsyncGenerator[T, None]:
        if not self._data_source:
            return
        filters = [("dataSourceId", str(self._data_source)), ("integrationCode", code), *query]
        async with aclosing(resource.all(filters)) as found:
            async for each in found:
                # Looked at again: a filter that is not known lets everything through.
                if each.data_source_id == self._data_source and each.integration_code == code:
                    yield each

    def _only(self, found: Sequence[T], code: str) -> T | None:
        if len(found) > 1:
            numbers = ", ".join(str(each.id) for each in found)
            raise Permanent(
                f"several objects have this integration code: {numbers}",
                place=f"{self._rest.place}/audiences/{code}",
                remedy="Give each its own integration code, or name one by its number.",
            )
        return found[0] if found else None
