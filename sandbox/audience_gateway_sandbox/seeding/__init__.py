"""Sample data that is the same for the same number and seed, and the facts that it makes known beforehand."""

from audience_gateway_sandbox.seeding.audience import (
    DATA_SOURCE_ID,
    DESTINATION_ID,
    SEGMENT_ID,
    TRAIT_ID,
    AudienceDay,
    audience_of,
)
from audience_gateway_sandbox.seeding.audience_objects import CAMPAIGN_SOURCE_IDS, open_seeded_store
from audience_gateway_sandbox.seeding.campaign_tables import fill_campaign
from audience_gateway_sandbox.seeding.facts import DayFacts, facts_of, hash_of, list_members
from audience_gateway_sandbox.seeding.population import Population, populate
from audience_gateway_sandbox.seeding.profiles import seed_profiles
from audience_gateway_sandbox.seeding.seeded_database import open_seeded
from audience_gateway_sandbox.seeding.sizes import FEWEST_RECIPIENTS, Sizes

__all__ = [
    "CAMPAIGN_SOURCE_IDS",
    "DATA_SOURCE_ID",
    "DESTINATION_ID",
    "FEWEST_RECIPIENTS",
    "SEGMENT_ID",
    "TRAIT_ID",
    "AudienceDay",
    "DayFacts",
    "Population",
    "Sizes",
    "audience_of",
    "facts_of",
    "fill_campaign",
    "hash_of",
    "list_members",
    "open_seeded",
    "open_seeded_store",
    "populate",
    "seed_profiles",
]
