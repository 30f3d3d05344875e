"""The audiences of a sandbox: of every origin and namespace, and segment definitions that no list of audiences has."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from audience_gateway.sdk import Audience, Permanent
from audience_gateway.sdk.rest import Query

from audience_gateway_rtcdp.audiences import PlatformAudience, id_of, name_of
from audience_gateway_rtcdp.generations import Generations, may_be_base
from audience_gateway_rtcdp.platform import Platform
from audience_gateway_rtcdp.sizes import sizes


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Describes audiences. Every method raises what a call raises.

    Attributes:
        platform: where they are.
        size_jobs: how many evaluations are looked at for sizes.
        reads: whether members can be read.
        writes: whether external audiences of the gateway's own can be written.
        generations: which those are.
    """

    platform: Platform
    size_jobs: int
    reads: bool
    writes: bool
    generations: Generations

    async def all(self) -> AsyncGenerator[Audience, None]:
        """All audiences but those that were deleted, or are the platform's own; ordered by id."""
        found: dict[str, PlatformAudience] = {}
        async with aclosing(self.platform.audiences()) as audiences, aclosing(self.platform.definitions()) as rules:
            for listed in (audiences, rules):
                async for shown in listed:
                    audience = PlatformAudience.of(shown)
                    if audience is not None and not audience.is_gone and not audience.is_system:
                        found.setdefault(audience.id, audience)
        counts = await sizes(self.platform, self.size_jobs)
        described = [self.describe(each, counts.get(each.id)) for each in self.generations.newest_of(found.values())]
        for audience_ in sorted(described, key=lambda each: each.id):
            yield audience_

    async def get(self, name: str) -> Audience | None:
        """One audience by what the gateway calls it; None if there is none."""
        found = await self.find(name)
        if found is None:
            return None
        return self.describe(found, (await sizes(self.platform, self.size_jobs)).get(found.id))

    async def find(self, name: str) -> PlatformAudience | None:
        """One audience as the platform shows it, by its id, or by the one that its maker chose."""
        # The gateway names what it makes after its id; others may not, and have no further generations.
        for filters in ((("name", name),), (("property", f"audienceId=={name}"),)) if may_be_base(name) else ():
            chosen = [each async for each in self._of_maker(name, filters)]
            if chosen:
                return self.generations.newest_of(chosen)[0]
        shown = await self.platform.find_audience(id_of(name)) or await self.platform.find_definition(id_of(name))
        found = PlatformAudience.of(shown) if shown else None
        return None if found is None or found.is_gone else found

    async def require(self, name: str) -> PlatformAudience:
        """One audience as the platform shows it. Raises Permanent if there is none."""
        found = await self.find(name)
        if found is None:
            raise Permanent(
                "there is no such audience",
                place=f"{self.platform.place} {name}",
                remedy="`audiences list` shows what there is.",
            )
        return found

    async def _of_maker(self, name: str, filters: Query) -> AsyncGenerator[PlatformAudience, None]:
        async with aclosing(self.platform.audiences(filters)) as listed:
            async for shown in listed:
                audience = PlatformAudience.of(shown)
                if audience and not audience.is_gone and self.generations.base_of(audience) == name:
                    yield audience

    def describe(self, audience: PlatformAudience, size: int | None) -> Audience:
        """An audience with all that is known of it."""
        own = self.generations.base_of(audience)
        return Audience(
            id=own or name_of(audience.id),
            title=audience.name,
            description=_description(audience),
            size=size,
            updated=audience.updated,
            readable=self.reads and audience.is_used,
            writable=self.writes and bool(own),
            origin=audience.origin,
            active=audience.is_used,
        )


def _description(audience: PlatformAudience) -> str:
    """What its maker says, and what it is: kind, namespace, lifecycle and labels."""
    parts = ["External audience" if audience.is_external else (audience.type or "Audience")]
    parts += [f"namespace {audience.namespace}"] if audience.namespace else []
    parts += [audience.lifecycle] if audience.lifecycle else []
    parts += [f"labels {', '.join(audience.labels)}"] if audience.labels else []
    said = f"{audience.description} " if audience.description else ""
    return f"{said}{'; '.join(parts)}."
