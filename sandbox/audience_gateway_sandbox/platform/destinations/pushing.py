"""Pushes profiles to streaming destinations by HTTP (rtcdp 4)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

import aiohttp

from audience_gateway_sandbox.platform.destinations.push_access import Client, access_of, token_for
from audience_gateway_sandbox.platform.destinations.push_bodies import body_of
from audience_gateway_sandbox.platform.destinations.selectors import activations_of
from audience_gateway_sandbox.platform.destinations.target import target_of
from audience_gateway_sandbox.platform.flow_service.objects import FLOWS
from audience_gateway_sandbox.platform.storage import Database, Document, Space, microseconds_of, moment_of

PUSHED = "pushed"
RETRY_AFTER = timedelta(seconds=1)
_AT_ONCE = 64
_CONNECTIONS = 16
_ANEW = "ON CONFLICT (flow, profile) DO UPDATE SET due = excluded.due, attempts = 0, revision = push.revision + 1"
"""What waits, or is on its way, goes once more if it changes again."""


@dataclass(frozen=True, slots=True)
class Push:
    """A profile on its way.

    Attributes:
        id: of what waits.
        address: where it goes.
        headers: of the request.
        body: what is sent.
        attempts: how often it has been tried before.
        revision: grows when the profile changes again meanwhile.
        client: who asks for a token first; None where none is asked for.
    """

    id: int
    address: str
    headers: dict[str, str]
    body: bytes
    attempts: int
    revision: int
    client: Client | None = None


def enter_pushes(space: Space, flow: Document, audience: str) -> None:
    """Have the profiles pushed that entered or left an audience since the last time; the first time, all members."""
    states, key = space.documents(PUSHED), f"{flow.id}/{audience}"
    state = states.get(key)
    since, statuses = (0, "('realized')") if state is None else (state.body["until"], "('realized', 'exited')")
    space.database.execute(
        "INSERT INTO push (flow, profile, due) SELECT ?, profile, ? FROM membership"
        f" WHERE audience = ? AND changed > ? AND status IN {statuses} {_ANEW}",
        (flow.id, space.microseconds, audience, since),
    )
    body = {"until": space.microseconds}
    if state is None:
        states.add(body, key)
    else:
        states.put(key, body)


def enter_changed(space: Space, profiles: set[int]) -> None:
    """Have profiles pushed that have changed and are in an audience that is pushed, even if they are as before."""
    for flow in space.documents(FLOWS):
        target = target_of(space, flow)
        if target is not None and target.pushes and flow.body.get("state", "enabled") == "enabled":
            audiences = json.dumps([each.audience for each in activations_of(flow)])
            space.database.execute(
                "INSERT INTO push (flow, profile, due) SELECT DISTINCT ?, profile, ? FROM membership"
                " WHERE audience IN (SELECT value FROM json_each(?)) AND profile IN (SELECT value FROM json_each(?))"
                f" AND status = 'realized' {_ANEW}",
                (flow.id, space.microseconds, audiences, json.dumps(sorted(profiles))),
            )


def first_due(database: Database) -> datetime | None:
    """Tell when something is to be pushed next; None if nothing waits."""
    row = database.execute("SELECT min(due) FROM push").fetchone()
    return None if row[0] is None else moment_of(row[0])


def spaces_waiting(database: Database, now: datetime) -> list[str]:
    """Name the sandboxes of which something is to be pushed now; what waits for deleted flows is forgotten."""
    database.execute("DELETE FROM push WHERE flow NOT IN (SELECT id FROM document WHERE kind = 'flows')")
    rows = database.execute(
        "SELECT DISTINCT space FROM push JOIN document ON document.id = push.flow AND document.kind = 'flows'"
        " WHERE due <= ?",
        (microseconds_of(now),),
    )
    return [row[0] for row in rows.fetchall()]


def waiting(space: Space) -> list[Push]:
    """List what is to be pushed now; what cannot be made any more is left out and forgotten."""
    rows = space.database.execute(
        "SELECT push.id, push.flow, push.profile, push.attempts, push.revision FROM push"
        " JOIN document ON document.id = push.flow AND document.kind = 'flows'"
        " WHERE document.space = ? AND due <= ? ORDER BY push.id LIMIT ?",
        (space.name, space.microseconds, _AT_ONCE),
    ).fetchall()
    made = [(row[0], _push(space, *row)) for row in rows]
    for id_, push in made:
        if push is None:
            space.database.execute("DELETE FROM push WHERE id = ?", (id_,))
    return [push for _, push in made if push is not None]


async def send(pushes: Sequence[Push], seconds: float) -> list[bool]:
    """Push; tell of each whether the other side took it within so many seconds (rtcdp 4: two)."""
    gate = asyncio.Semaphore(_CONNECTIONS)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds)) as http:
        clients = {push.client for push in pushes if push.client is not None}
        tokens = {client: await token_for(http, client) for client in clients}

        async def one(push: Push) -> bool:
            token = tokens[push.client] if push.client else ""
            headers = push.headers | ({"Authorization": f"Bearer {token}"} if token else {})
            async with gate:
                try:
                    async with http.post(push.address, data=push.body, headers=headers) as response:
                        return response.status < HTTPStatus.MULTIPLE_CHOICES
                except (aiohttp.ClientError, TimeoutError, ValueError):
                    return False

        return list(await asyncio.gather(*(one(push) for push in pushes)))


def settle(space: Space, pushes: Sequence[Push], taken: Sequence[bool]) -> dict[str, int]:
    """Forget what was taken, try again what was not, and give up after the last attempt; count each."""
    counts = {"delivered": 0, "retried": 0, "given_up": 0}
    for push, was_taken in zip(pushes, taken, strict=True):
        again = not was_taken and push.attempts < space.assumptions.push_retries
        counts["delivered" if was_taken else "retried" if again else "given_up"] += 1
        if again:
            space.database.execute(
                "UPDATE push SET attempts = attempts + 1, due = ? WHERE id = ?",
                (space.microseconds + RETRY_AFTER // timedelta(microseconds=1), push.id),
            )
        else:
            space.database.execute("DELETE FROM push WHERE id = ? AND revision = ?", (push.id, push.revision))
    return counts


def _push(space: Space, id_: int, flow_id: str, profile: int, attempts: int, revision: int) -> Push | None:  # noqa: PLR0917 - a row
    flow = space.documents(FLOWS).get(flow_id)
    target = target_of(space, flow) if flow else None
    there = space.database.execute("SELECT 1 FROM profile WHERE id = ?", (profile,)).fetchone()
    if flow is None or target is None or not target.address or there is None:
        return None
    token, client = access_of(space, target)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return Push(id_, target.address, headers, body_of(space, flow, target, profile), attempts, revision, client)
