"""Says, before anything is read, whether members of an audience may be shared, and by this way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audience_gateway.sdk import DataSource

from audience_gateway_rtcdp.activation import Activation
from audience_gateway_rtcdp.audiences import PlatformAudience
from audience_gateway_rtcdp.catalogue import Catalogue
from audience_gateway_rtcdp.governance import Governance
from audience_gateway_rtcdp.routes import Routes


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """Looks at policies, at the way to Campaign, and at the activation. Raises what a call raises, too.

    Attributes:
        catalogue: finds audiences.
        governance: what may leave.
        routes: the ways to Campaign.
        activation: the file destination to Campaign; None where people look after it.
    """

    catalogue: Catalogue
    governance: Governance
    routes: Routes
    activation: Activation | None

    async def require(self, name: str, source: DataSource, destination: str, now: datetime) -> None:
        """Raises ConfigError or Permanent if members must not be shared so."""
        audience = await self.audience(name)
        place = f"{self.catalogue.platform.place} {name}"
        await self.governance.require_allowed(audience, place)
        if not self.routes.leads_to_campaign(destination):
            return
        await self.routes.require_files(name, audience, source)
        if self.activation is not None:
            await self.activation.require(audience, now)

    async def denial(self, name: str) -> str:
        """What forbids that members are read, as `Governance.denial` says it."""
        return await self.governance.denial(await self.audience(name))

    async def audience(self, name: str) -> PlatformAudience:
        """The audience. Raises Permanent if there is none."""
        return await self.catalogue.require(name)
