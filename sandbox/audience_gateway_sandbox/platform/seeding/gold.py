"""The one audience that is there from the beginning: who is a gold member on which day."""

from __future__ import annotations

from audience_gateway_sandbox.platform.storage import name_uuid
from audience_gateway_sandbox.seeding import Population

AUDIENCE_ID = name_uuid("audience", "gold members")
AUDIENCE_NAME = "Gold members"
RULE = 'loyalty.tier = "gold"'
DATASET_ID = name_uuid("dataset", "recipients")[:24].replace("-", "")
"""The dataset that all sample profiles come by."""


def gold_on(population: Population, day: int) -> list[int]:
    """List the recipients that are gold on a day: a quarter of those with one Visitor ID, who move on day by day."""
    singles = population.singles
    size, step = len(singles) // 4, moving(population)
    first = day * step
    return [singles[position % len(singles)] for position in range(first, first + size)]


def moving(population: Population) -> int:
    """Tell how many become gold from one day to the next, and as many cease to be."""
    return max(1, len(population.singles) // 4 * 2 // 100)
