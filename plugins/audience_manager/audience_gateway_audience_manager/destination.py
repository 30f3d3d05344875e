"""Says, before anything is read or written, whether members can be given an audience's trait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audience_gateway.sdk import ConfigError, DataSource
from audience_gateway.sdk.audience_manager.inbound_names import GLOBAL_DEVICE_DATA_SOURCES
from audience_gateway.sdk.audience_manager.rest import AudienceManagerRest, Trait
from audience_gateway.sdk.audience_manager.rest.audiences import Audiences
from audience_gateway.sdk.audience_manager.rest.trait_readiness import require_active, require_settled

from audience_gateway_audience_manager.exports import Exports, blocked
from audience_gateway_audience_manager.id_syncs import IdSync
from audience_gateway_audience_manager.raw_ids import require_encoded
from audience_gateway_audience_manager.settings import AudienceManagerSettings


@dataclass(frozen=True, slots=True)
class DestinationCheck:
    """Looks at ids, trait, owner and what would leave again. Raises what a call raises, too.

    Attributes:
        rest: the interface.
        audiences: finds the trait.
        exports: says what may leave.
        settings: of the connection.
        place: what the settings call the connection.
    """

    rest: AudienceManagerRest
    audiences: Audiences
    exports: Exports
    settings: AudienceManagerSettings
    place: str

    async def require(self, audience: str, source: DataSource, now: datetime) -> None:
        """Raises ConfigError or Permanent if members cannot be delivered."""
        if not self.settings.is_written:
            raise ConfigError(
                "found no way to write members",
                place=f"{self.place}.inbound",
                remedy="Set the bucket of inbound files.",
            )
        require_encoded(source)
        await self._require_source(source)
        found = await self.audiences.find(audience)
        if found is None:
            return self._require_creation()
        trait = await self.audiences.trait_to_write(audience)
        require_active(trait, self.rest.place)
        await self._require_owner(source, trait)
        self.require_settled(trait, now)
        for segment, destination in await self.exports.destinations_of(trait):
            if controls := await self.exports.controls(segment, destination):
                raise blocked(segment, destination, controls)
        return None

    async def require_link(self, sync: IdSync, source: DataSource) -> None:
        """Raises ConfigError if ids of a data source cannot be linked with others."""
        sync.require_folder()
        require_encoded(source)
        await self._require_source(source)
        for name, number in sync.settings.attributes.items():
            place = f"{self.place}.id_syncs.{sync.name}.attributes.{name}"
            await self._require_inbound(number, place)

    def require_settled(self, trait: Trait, now: datetime) -> None:
        """Raises Permanent for a trait that is so new that members would be lost (audience-manager 1.5)."""
        if self.settings.inbound is not None:
            require_settled(trait, self.settings.inbound.new_trait_hours, now, self.rest.place)

    async def _require_source(self, source: DataSource) -> None:
        place = f"data_sources.{source.name}.aam_data_source_id"
        number = source.aam_data_source_id
        if not number:
            raise ConfigError(
                "found no id, needed is Audience Manager's", place=place, remedy="Set it to the id that it shows."
            )
        await self._require_inbound(number, place)

    async def _require_inbound(self, number: int, place: str) -> None:
        if number in GLOBAL_DEVICE_DATA_SOURCES:
            return
        found = await self.rest.data_sources.find(number)
        if found is None:
            raise ConfigError(
                f"Audience Manager has no data source {number}", place=place, remedy="Set it to the id that it shows."
            )
        if self.settings.inbound is not None and not found.inbound_s2s:
            raise ConfigError(
                f"data source {number} takes no files",
                place=place,
                remedy="Switch on Inbound for it in Audience Manager, under Data Sources.",
            )

    def _require_creation(self) -> None:
        if self.settings.onboarding is None:
            raise ConfigError(
                "there is no such audience, and no data source to create it in",
                place=f"{self.place}.onboarding.data_source_id",
                remedy="Set it, or share to an audience that `audiences list` shows.",
            )

    async def _require_owner(self, source: DataSource, trait: Trait) -> None:
        """Raises ConfigError if the trait is another company's: then Audience Manager fails it in validation."""
        if trait.data_source_id == source.aam_data_source_id:
            return
        own = [each.id async for each in self.rest.data_sources.all()]
        if trait.data_source_id not in own or trait.data_source_id in GLOBAL_DEVICE_DATA_SOURCES:
            raise ConfigError(
                f"data source {trait.data_source_id}, which owns trait {trait.id}, is not the organisation's own",
                place=f"data_sources.{source.name}.aam_data_source_id",
                remedy="Share to a trait of a data source of your own: files must name its owner.",
            )
