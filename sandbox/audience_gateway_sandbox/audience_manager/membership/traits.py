"""The traits of profiles, as far as a rule asks for them and they have not ended."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from audience_gateway_sandbox.audience_manager.membership.logins import json_list
from audience_gateway_sandbox.audience_manager.objects import Trait
from audience_gateway_sandbox.audience_manager.profiles.qualifications import oldest_alive
from audience_gateway_sandbox.audience_manager.rules import Qualification
from audience_gateway_sandbox.audience_manager.store import moment_of

ProfileTraits: TypeAlias = Mapping[int, Mapping[int, list[Qualification]]]
"""By profile, by trait: when it was realized, and how often."""

_REALIZED = """
SELECT profile, last, count FROM realization WHERE trait = :trait AND last >= :oldest{only}
UNION ALL
SELECT profile, last, 1 FROM qualification WHERE trait = :trait AND last >= :oldest{only} AND NOT EXISTS (
    SELECT 1 FROM realization WHERE realization.profile = qualification.profile AND realization.trait = :trait)
"""
_ONLY = " AND profile IN (SELECT value FROM json_each(:only))"


def traits_of_profiles(
    db: sqlite3.Connection, traits: Iterable[Trait], now: int, only: Iterable[int] | None = None
) -> ProfileTraits:
    """Read who has which of some traits.

    Args:
        db: the tables.
        traits: those that are asked for.
        now: milliseconds since 1970.
        only: profiles to look at; None for all.
    """
    found: dict[int, dict[int, list[Qualification]]] = defaultdict(dict)
    statement = _REALIZED.format(only="" if only is None else _ONLY)
    profiles = None if only is None else json_list(only)
    for trait in traits:
        parameters = {"trait": trait.sid, "oldest": oldest_alive(trait.ttl, now), "only": profiles}
        for profile, last, count in db.execute(statement, parameters):
            found[profile].setdefault(trait.sid, []).append(Qualification(moment_of(last), count))
    return found
