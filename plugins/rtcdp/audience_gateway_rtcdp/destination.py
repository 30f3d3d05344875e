"""Says, before anything is read or written, whether members can be written to an audience."""

from __future__ import annotations

from dataclasses import dataclass

from audience_gateway.sdk import ConfigError, DataSource

from audience_gateway_rtcdp.generations import may_be_base
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
        await self._require_namespace(source)
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

    async def _require_namespace(self, source: DataSource) -> None:
        """Namespaces are compared without letter case: services write them differently (rtcdp 2.1)."""
        code = self.replacing.settings.namespace_of(source, self.replacing.place)
        known = [str(each.get("code", "")) for each in await self.replacing.catalogue.platform.namespaces()]
        if code.lower() not in {each.lower() for each in known}:
            raise ConfigError(
                f"Experience Platform has no identity namespace `{code}`",
                place=f"{self.replacing.place}.namespaces",
                remedy="Set the code that Identities show in Experience Platform, or create the namespace.",
            )
