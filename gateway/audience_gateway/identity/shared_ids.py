"""Ids that several people have: a device of a family, a mailbox of an office, and markers that pass for ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audience_gateway.identity.index_version import IndexVersion
from audience_gateway.storage.relations import Session


@dataclass(frozen=True, slots=True)
class PeopleLimits:
    """How many people may have one id; Adobe's own limits are the defaults (people-and-ids, identity graphs).

    Attributes:
        many: an id that more have is pointed out.
        too_many: an id that more have matches nobody, whatever the policy.
    """

    many: int = 500
    too_many: int = 10_000


@dataclass(frozen=True, slots=True)
class SharedIds:
    """Ids of an index that more than one of its records have.

    Attributes:
        by_several: how many ids these are.
        by_many: of these, those that are pointed out.
        by_too_many: of these, those that match nobody.
        most_people: the most records that have one id.
    """

    by_several: int
    by_many: int
    by_too_many: int
    most_people: int


def together(counts: Sequence[SharedIds]) -> SharedIds | None:
    """The ids of several indexes; None for no index."""
    if not counts:
        return None
    return SharedIds(
        sum(one.by_several for one in counts),
        sum(one.by_many for one in counts),
        sum(one.by_too_many for one in counts),
        max(one.most_people for one in counts),
    )


def shared_ids(session: Session, version: IndexVersion, limits: PeopleLimits) -> SharedIds:
    """Counts them, a partition of keys after the other."""
    by_several = by_many = by_too_many = most_people = 0
    for partition in range(1 << version.bits):
        counts = ", ".join(f"count(*) FILTER (people > {least})" for least in (1, limits.many, limits.too_many))
        people = f"SELECT count(DISTINCT target) AS people FROM ({version.query(partition, version.bits)}) GROUP BY key"
        [(several, many, too_many, most)] = session.rows(f"SELECT {counts}, coalesce(max(people), 0) FROM ({people})")
        by_several, by_many, by_too_many = by_several + several, by_many + many, by_too_many + too_many
        most_people = max(most_people, most)
    return SharedIds(by_several, by_many, by_too_many, most_people)
