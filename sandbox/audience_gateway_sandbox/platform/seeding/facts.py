"""What is known beforehand of the sample profiles and their audience, from how they are made."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from audience_gateway_sandbox.platform.seeding.gold import AUDIENCE_ID, AUDIENCE_NAME, RULE, gold_on, moving
from audience_gateway_sandbox.platform.seeding.people import people
from audience_gateway_sandbox.seeding import Population


@dataclass(frozen=True, slots=True)
class Facts:
    """What does not change with the days.

    Attributes:
        people: recipients that have an identity.
        profiles: profiles; who shares a device with another shares a profile, unless linking rules are on.
        identities: identities by namespace code.
    """

    people: int
    profiles: int
    identities: dict[str, int]


@dataclass(frozen=True, slots=True)
class GoldDay:
    """What the audience is on one day, once it is evaluated.

    Attributes:
        day: days since the seeding.
        realized: profiles in it.
        entered: those that were not the day before.
        exited: those of the day before that are not any more.
        recipients_sha256: hash over the members' ids in Campaign in ascending order, a line feed between two.
        with_email: members with an e-mail.
    """

    day: int
    realized: int
    entered: int
    exited: int
    recipients_sha256: str
    with_email: int


def facts_of(population: Population, *, linking_rules: bool) -> Facts:
    """Tell what does not change."""
    keys: dict[str, set[str]] = {"Email": set(), "ECID": set()}
    known = 0
    for person in people(population):
        known += bool(person.identities)
        for namespace, value in person.identities:
            keys[namespace].add(value)
    joined = 0 if linking_rules else len(population.shared)
    return Facts(known, known - joined, {namespace: len(values) for namespace, values in keys.items()})


def gold_day(population: Population, day: int) -> GoldDay:
    """Tell what the audience is on a day."""
    gold = gold_on(population, day)
    text = "\n".join(map(str, sorted(gold)))
    return GoldDay(
        day,
        realized=len(gold),
        entered=moving(population) if day else len(gold),
        exited=moving(population) if day else 0,
        recipients_sha256=hashlib.sha256(text.encode()).hexdigest(),
        with_email=sum(recipient not in population.without_email for recipient in gold),
    )


def audience_fact() -> dict[str, Any]:
    """Tell which audience it is."""
    return {"id": AUDIENCE_ID, "name": AUDIENCE_NAME, "rule": RULE}
