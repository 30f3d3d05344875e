"""The segment that an audience is read from, and the trait that its members are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audience_gateway.sdk import ConfigError, DataSource, Permanent
from audience_gateway.sdk.audience_manager.inbound_writing import data_source_id
from audience_gateway.sdk.audience_manager.rest.objects import Trait
from audience_gateway.sdk.audience_manager.rest.trait_readiness import require_active, require_settled

from audience_gateway_people.library import Library, SharedAudience
from audience_gateway_people.settings import AudienceSettings, PeopleSettings


@dataclass(frozen=True, slots=True)
class Objects:
    """Looks both up: in the settings, and where these do not say, in the Audience Library.

    Attributes:
        settings: of the connection.
        library: the library; None if it is not known.
        place: what the settings call the audiences.
    """

    settings: PeopleSettings
    library: Library | None
    place: str

    async def segment_of(self, name: str) -> int:
        """The segment. Raises Permanent for an unknown audience, ConfigError for none."""
        configured, shared = await self._found(name)
        if segment := configured.segment_id if configured else 0:
            return segment
        if shared is None:
            raise self._no_id(name, "segment_id")
        return shared.segment.id

    async def trait_of(self, name: str) -> int:
        """The number of the trait. Raises Permanent for an unknown audience, ConfigError for none."""
        configured, shared = await self._found(name)
        if trait := configured.trait_id if configured else 0:
            return trait
        if shared is None or shared.trait is None:
            raise self._no_id(name, "trait_id")
        return shared.trait.id

    async def known_trait(self, name: str) -> Trait:
        """The trait as the library has it. Raises as `trait_of` does, and Permanent if the library has none."""
        number = await self.trait_of(name)
        found = await self.library.trait(number) if self.library else None
        if found is None:
            raise Permanent(
                f"there is no onboarded trait {number}",
                place=f"{self.place}.{name}",
                remedy="Set `trait_id` to that of an onboarded trait: no other can be given by files.",
            )
        return found

    async def writable_trait(self, name: str, now: datetime) -> Trait:
        """The trait as the library has it, fit for files. Raises as `known_trait` does, and Permanent if it is not."""
        if self.library is None:
            raise TypeError("the library is not known")
        trait = await self.known_trait(name)
        require_active(trait, self.library.rest.place)
        require_settled(trait, self.library.settings.new_trait_hours, now, self.library.rest.place)
        return trait

    async def require(self, name: str, source: DataSource, now: datetime) -> None:
        """Raises ConfigError or Permanent if members cannot be delivered to an audience."""
        configured, shared = await self._found(name, missing_ok=True)
        if configured is None and shared is None:
            self._require_creation(name)
            data_source_id(source)
            return
        if self.library is None:
            await self.trait_of(name)
            data_source_id(source)
            return
        trait = await self.writable_trait(name, now)
        data_source_id(source, trait.data_source_id)

    async def _found(
        self, name: str, *, missing_ok: bool = False
    ) -> tuple[AudienceSettings | None, SharedAudience | None]:
        configured = self.settings.audiences.get(name)
        shared = None
        if self.library is not None and configured is None:
            shared = await self.library.find(name)
        elif self.library is not None and configured is not None and configured.segment_id and not configured.trait_id:
            shared = await self.library.of_segment(configured.segment_id)
        if configured is None and shared is None and not missing_ok:
            raise Permanent(
                "there is no such audience", place=self.place, remedy="`audiences list` shows what there is."
            )
        return configured, shared

    def _require_creation(self, name: str) -> None:
        if self.library is None:
            raise Permanent(
                "there is no such audience",
                place=self.place,
                remedy="Add it with its segment and its trait, or set `library`, over which it can be created.",
            )
        if self.library.settings.onboarding is None:
            raise ConfigError(
                f"there is no audience `{name}`, and no data source to create it in",
                place=f"{self.place.removesuffix('.audiences')}.library.onboarding.data_source_id",
                remedy="Set it, or share to an audience that `audiences list` shows.",
            )

    def _no_id(self, name: str, setting: str) -> ConfigError:
        return ConfigError(
            "found no id", place=f"{self.place}.{name}.{setting}", remedy="Set it to Audience Manager's id."
        )
