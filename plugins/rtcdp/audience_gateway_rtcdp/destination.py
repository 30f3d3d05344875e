"""Says, before anything is read or written, whether members can be written to an audience."""

from __future__ import annotations

from dataclasses import dataclass

from audience_gateway.sdk import ConfigError, DataSource

from audience_gateway_rtcdp.generations import may_be_base
from audience_gateway_rtcdp.namespaces import namespace_of, require_namespace
from audience_gateway_rtcdp.replacing import Replacing


@dataclass(frozen=True, slots=True)
class DestinationCheck:
    """Looks at the namespace of the ids and at the audience.

    Attributes:
        replacing: what would write them.
    """

    replacing: Replacing

    async def require(self, audience: str, source: DataSource) -> None:
        """Raises ConfigError or Permanent if members cannot be written, and what a call raises."""
        replacing = self.replacing
        code = namespace_of(replacing.settings.namespaces, source, replacing.place)
        await require_namespace(replacing.catalogue.platform, code, replacing.place)
        found = await self.replacing.catalogue.find(audience)
        if found is not None:
            return self.replacing.require_own(found, audience)
        if not may_be_base(audience):
            raise ConfigError(
                "an external audience cannot have this name",
                place=f"audiences/{audience}",
                remedy="Use letters, digits and `_`, with a letter in front.",
            )
        return None
