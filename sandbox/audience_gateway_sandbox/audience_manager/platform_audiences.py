"""Audiences of the Experience Platform, as they arrive by audience sharing (audience-manager 7, rtcdp 9)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audience_gateway_sandbox.audience_manager.data import AudienceData
from audience_gateway_sandbox.audience_manager.objects import (
    PARTNER_ID,
    DataSource,
    Folder,
    Segment,
    Trait,
    TraitRuleVersion,
    TraitType,
)
from audience_gateway_sandbox.audience_manager.profiles.id_formats import AAM_UUID, IdKind
from audience_gateway_sandbox.audience_manager.profiles.privacy import is_opted_out
from audience_gateway_sandbox.audience_manager.profiles.qualifications import realize, remove
from audience_gateway_sandbox.audience_manager.store import Table, milliseconds, moment_of

DATA_SOURCE = "Adobe Experience Platform Audience Sharing"
TRAITS, SEGMENTS = "Experience Platform Traits", "Experience Platform Segments"
"""Names of the folders."""


@dataclass(frozen=True, slots=True)
class PlatformAudiences:
    """An onboarded trait for each audience, whose integration code is the platform's id, and a segment of that trait.

    Attributes:
        data: profiles and objects.
    """

    data: AudienceData

    def announce(self, audience: str, name: str, now: datetime) -> None:
        """Make trait and segment of an audience, as far as they are not there."""
        with self.data.database.transaction(), self.data.store.transaction():
            if self._trait(audience) is None:
                self._make(audience, name, moment_of(milliseconds(now)))

    def tell(self, audience: str, entered: Sequence[str], left: Sequence[str], now: datetime) -> None:
        """Give devices the trait of an audience, and take it from others; devices that were not known are made."""
        moment = milliseconds(now)
        with self.data.database.transaction() as db:
            trait = self._trait(audience)
            if trait is None:
                return
            self.data.identities.add_devices(db, moment, self.data.assumptions.dcs_region, entered)
            for profile in self._profiles(db, entered):
                if not is_opted_out(db, profile):
                    realize(db, profile, [(trait.sid, trait.data_source_id)], moment, self.data.limits.traits)
            for profile in self._profiles(db, left):
                remove(db, profile, [trait.sid])

    def _trait(self, audience: str) -> Trait | None:
        found = self.data.store.traits.all(integration_code=audience)
        return next((each for each in found if each.trait_type == TraitType.ON_BOARDED), None)

    def _profiles(self, db: sqlite3.Connection, ecids: Sequence[str]) -> Sequence[int]:
        return list(self.data.identities.known_of(db, IdKind.ECID, AAM_UUID, ecids).values())

    def _make(self, audience: str, name: str, now: datetime) -> None:
        store = self.data.store
        made: dict[str, Any] = {"pid": PARTNER_ID, "create_time": now, "update_time": now}
        about: dict[str, Any] = {
            "name": name,
            "integration_code": audience,
            "data_source_id": self._source(made),
            **made,
        }
        trait = store.traits.create(
            Trait(
                trait_type=TraitType.ON_BOARDED,
                folder_id=_folder(store.trait_folders, TRAITS),
                trait_rule=f"segID = {audience}",
                **about,
            )
        )
        store.trait_rule_versions.create(
            TraitRuleVersion(sid=trait.sid, version=1, trait_rule=trait.trait_rule, create_time=now)
        )
        folder = _folder(store.segment_folders, SEGMENTS)
        store.segments.create(Segment(segment_rule=f"{trait.sid}T", folder_id=folder, **about))

    def _source(self, made: dict[str, Any]) -> int:
        store = self.data.store
        found = next((each for each in store.data_sources.all() if each.name == DATA_SOURCE), None)
        return (found or store.data_sources.create(DataSource(name=DATA_SOURCE, **made))).data_source_id


def _folder(folders: Table[Folder], name: str) -> int:
    found = next((each for each in folders.all() if each.name == name), None)
    return (found or folders.create(Folder(name=name))).folder_id
