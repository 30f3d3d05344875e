"""Fills Audience Manager's profiles: the devices of the population, so that ids which Campaign sends are known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from audience_gateway_sandbox.audience_manager.profiles.database import ProfileDatabase
from audience_gateway_sandbox.audience_manager.profiles.identities import Identities
from audience_gateway_sandbox.audience_manager.store import milliseconds
from audience_gateway_sandbox.seeding.population import Population
from audience_gateway_sandbox.seeding.seeded_file import seed_file


def seed_profiles(file: Path, population: Population, *, org_id: str, region: int, began: datetime) -> None:
    """Make the profiles that a sandbox begins with, if the file is new: devices that were active when it began."""

    def fill(unfinished: Path) -> None:
        with closing(ProfileDatabase(unfinished)) as database, database.transaction() as db:
            Identities(org_id).add_devices(db, milliseconds(began), region, _visitor_ids(population))

    seed_file(file, fill)


def _visitor_ids(population: Population) -> Iterator[str]:
    yield from population.visitor_ids.values()
    yield from population.second_ids.values()
    yield from (shared.visitor_id for shared in population.shared)
