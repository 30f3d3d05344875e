"""What becomes of the audience, known from how its lines were made.

The account is that of a share by Visitor ID into a Campaign list: day 0 into an empty list, each later day after the
day before, with the policy that all recipients of a Visitor ID become members.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass

from audience_gateway_sandbox.seeding.audience import AudienceDay, audience_of
from audience_gateway_sandbox.seeding.population import Population

_OUTCOMES = {
    "added": "delivered",
    "already_member": "unchanged",
    "unknown_id": "unmatched",
    "invalid_id": "rejected",
    "malformed_row": "rejected",
    "invalid_encoding": "rejected",
    "opted_out": "suppressed",
    "same_id": "duplicate",
    "same_target": "duplicate",
}


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What one day's share must come to.

    Attributes:
        day: days since the seeding.
        rows: lines of the audience, malformed ones included.
        outcomes: rows by outcome, all seven of them.
        reasons: rows by reason; only reasons that occur.
        list_members: recipients in the list afterwards.
        list_members_sha256: hash over their ids in ascending order of number, a line feed between two.
        list_members_with_email: those of them that have an e-mail.
        leavers: recipients that are removed from the list.
    """

    day: int
    rows: int
    outcomes: dict[str, int]
    reasons: dict[str, int]
    list_members: int
    list_members_sha256: str
    list_members_with_email: int
    leavers: int


def facts_of(population: Population, day: int) -> DayFacts:
    """Tell the facts of a day."""
    audience = audience_of(population, day)
    reasons = +_reasons(population, audience)
    outcomes = dict.fromkeys(
        ("delivered", "unchanged", "unmatched", "rejected", "suppressed", "duplicate", "withheld"), 0
    )
    for reason, rows in reasons.items():
        outcomes[_OUTCOMES[reason]] += rows
    members = list_members(population, audience)
    return DayFacts(
        day=day,
        rows=population.sizes.lines,
        outcomes=outcomes,
        reasons=dict(sorted(reasons.items())),
        list_members=len(members),
        list_members_sha256=hash_of(members),
        list_members_with_email=len(members - population.without_email),
        leavers=len(audience.leavers),
    )


def list_members(population: Population, audience: AudienceDay) -> set[int]:
    """Tell which recipients are in the list after the day's share."""
    sizes = population.sizes
    sharing = {one for shared in population.shared[: sizes.shared_lines] for one in shared.recipients}
    doubles = population.doubles[: sizes.double_lines]
    return {*audience.singles, *doubles, *sharing}.difference(population.opted_out)


def hash_of(recipients: set[int]) -> str:
    """Hash ids of recipients as `list_members_sha256` does."""
    return hashlib.sha256("\n".join(map(str, sorted(recipients))).encode()).hexdigest()


def _reasons(population: Population, audience: AudienceDay) -> Counter[str]:
    sizes = population.sizes
    claiming = sizes.single_lines + sizes.double_lines + sizes.shared_lines
    added = len(audience.joiners) if audience.day else claiming
    return Counter(
        added=added,
        already_member=claiming - added,
        unknown_id=sizes.unknown_lines,
        opted_out=sizes.opted_out_lines,
        same_id=sizes.repeated_lines,
        same_target=sizes.double_lines,
    ) + Counter(audience.malformed_reasons)
