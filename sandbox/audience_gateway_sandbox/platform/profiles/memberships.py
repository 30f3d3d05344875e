"""Who is in which audience, since when, and who has left (rtcdp 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from audience_gateway_sandbox.platform.storage import Space

REALIZED, EXITED = "realized", "exited"
_EXITED_STAY = timedelta(days=30)
"""Memberships that have ended may be deleted after so long (rtcdp 3)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What an evaluation came to.

    Attributes:
        realized: profiles in the audience.
        exited: profiles that have left it, as far as that is still known.
        entered: profiles that entered with this evaluation.
        left: profiles that left with this evaluation.
    """

    realized: int
    exited: int
    entered: int
    left: int


def become(space: Space, audience: str, condition: str, parameters: Sequence[Any]) -> Counts:
    """Let an audience consist of the profiles of which a condition holds; those that stay keep their time.

    Args:
        space: the sandbox of the platform.
        audience: id of the audience.
        condition: SQL on the table `profile`.
        parameters: of the condition.
    """
    now = space.microseconds
    chosen, given = chosen_by(space, condition, parameters)
    entered = space.database.execute(
        "INSERT INTO membership (audience, profile, status, qualified, changed)"
        f" SELECT ?, id, 'realized', ?, ? FROM ({chosen}) WHERE true"
        " ON CONFLICT (audience, profile) DO UPDATE SET status = 'realized', qualified = excluded.qualified,"
        " changed = excluded.changed WHERE membership.status <> 'realized'",
        (audience, now, now, *given),
    ).rowcount
    left = space.database.execute(
        "UPDATE membership SET status = 'exited', qualified = ?, changed = ?"
        f" WHERE audience = ? AND status = 'realized' AND profile NOT IN ({chosen})",
        (now, now, audience, *given),
    ).rowcount
    _forget(space, audience)
    by_status = count(space, audience)
    return Counts(by_status.get(REALIZED, 0), by_status.get(EXITED, 0), entered, left)


def chosen_by(space: Space, condition: str, parameters: Sequence[Any]) -> tuple[str, list[Any]]:
    """Make SQL for the ids of the profiles of which a condition holds; who has opted out is in no audience."""
    # The condition is made by `condition_of` of constants and parameters.
    sql = f"SELECT profile.id FROM profile WHERE profile.space = ? AND profile.opted_out = 0 AND {condition}"
    return sql, [space.name, *parameters]


def put(space: Space, audience: str, profile: int, *, lasting: timedelta, payload: str | None = None) -> None:
    """Let a profile be in an external audience until some time has passed."""
    now = space.microseconds
    until = now + lasting // timedelta(microseconds=1)
    space.database.execute(
        "INSERT INTO membership (audience, profile, status, qualified, changed, valid_until, payload)"
        " VALUES (?, ?, 'realized', ?, ?, ?, ?) ON CONFLICT (audience, profile) DO UPDATE SET"
        " changed = CASE WHEN membership.status = 'realized' THEN membership.changed ELSE excluded.changed END,"
        " status = 'realized', qualified = excluded.qualified, valid_until = excluded.valid_until,"
        " payload = excluded.payload",
        (audience, profile, now, now, until, payload),
    )


def end_those_expired(space: Space, audience: str) -> int:
    """Let profiles leave whose time in an external audience is over; tell how many."""
    now = space.microseconds
    return space.database.execute(
        "UPDATE membership SET status = 'exited', qualified = ?, changed = ?"
        " WHERE audience = ? AND status = 'realized' AND valid_until <= ?",
        (now, now, audience, now),
    ).rowcount


def count(space: Space, audience: str) -> dict[str, int]:
    """Count an audience's profiles by status."""
    rows = space.database.execute("SELECT status, count(*) FROM membership WHERE audience = ? GROUP BY 1", (audience,))
    return dict(rows.fetchall())


def count_by_namespace(space: Space, audience: str) -> dict[str, int]:
    """Count the identities of an audience's members by namespace, in small letters."""
    rows = space.database.execute(
        "SELECT lower(namespace), count(*) FROM identity JOIN membership ON membership.profile = identity.profile"
        " WHERE membership.audience = ? AND membership.status = 'realized' GROUP BY 1",
        (audience,),
    )
    return dict(rows.fetchall())


def _forget(space: Space, audience: str) -> None:
    space.database.execute(
        "DELETE FROM membership WHERE audience = ? AND status = 'exited' AND qualified < ?",
        (audience, space.microseconds - _EXITED_STAY // timedelta(microseconds=1)),
    )
