"""Fills a new platform: profiles, graphs, the audience and its members, and moves the audience on each day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from audience_gateway_sandbox.platform.audiences.audience import audiences, kept
from audience_gateway_sandbox.platform.profiles.merging import merged, stitch
from audience_gateway_sandbox.platform.seeding.gold import AUDIENCE_ID, AUDIENCE_NAME, DATASET_ID, RULE, gold_on
from audience_gateway_sandbox.platform.seeding.people import Person, people, record_of
from audience_gateway_sandbox.platform.segmentation.evaluation import evaluate_all
from audience_gateway_sandbox.platform.storage import Space
from audience_gateway_sandbox.seeding import Population

DAY = "day"
"""The item of the agenda: the sample audience moves on."""
_CHUNK = 10_000
_SET_TIER = (
    "UPDATE fragment SET body = json_set(fragment.body, '$.loyalty.tier', ?) FROM identity AS device"
    " JOIN identity AS person ON person.profile = device.profile"
    " WHERE device.space = ? AND device.namespace = ? AND device.value = ? AND fragment.space = device.space"
    " AND fragment.namespace = person.namespace AND fragment.value = person.value"
    f" AND fragment.dataset = '{DATASET_ID}' AND json_extract(fragment.body, '$._sandbox.recipientId') = ?"
)


def fill(space: Space, population: Population, day: int) -> None:
    """Fill the production sandbox of a new platform as it is on a day.

    Args:
        space: the sandbox, at the time of that day's evaluation.
        population: whose recipients the profiles are.
        day: days since the seeding.
    """
    gold = frozenset(gold_on(population, day))
    persons = (person for person in people(population) if person.identities)
    grouped = _grouped(space, persons, population)
    number = 0
    while chunk := list(islice(grouped, _CHUNK)):
        _insert(space, chunk, number, gold)
        number += len(chunk)
    body = {
        "name": AUDIENCE_NAME,
        "description": "Sample audience: a quarter of the recipients that have one Visitor ID.",
        "expression": {"type": "PQL", "format": "pql/text", "value": RULE},
    }
    audiences(space).add(kept(body), AUDIENCE_ID)
    evaluate_all(space)


def move_on(space: Space, population: Population, began: datetime) -> None:
    """Let people become gold and cease to be, as they do from the day before to this one."""
    day = (space.now - began) // timedelta(days=1)
    before, after = frozenset(gold_on(population, day - 1)), frozenset(gold_on(population, day))
    for recipient in sorted(before ^ after):
        device = ("ECID", population.visitor_ids[recipient])
        space.database.execute(_SET_TIER, ("gold" if recipient in after else "silver", space.name, *device, recipient))
        stitch(space, [device])
    enter_day(space, "")


def enter_day(space: Space, _: str) -> None:
    """Enter the day after the one that is due now."""
    space.later(DAY, "", timedelta(days=1))


def _grouped(space: Space, persons: Iterable[Person], population: Population) -> Iterator[list[Person]]:
    """Put together who shares a device: without linking rules their graphs are one (rtcdp 10.5)."""
    if space.assumptions.graph_linking_rules:
        yield from ([person] for person in persons)
        return
    partners = {pair: set(each.recipients) for each in population.shared for pair in each.recipients}
    waiting: dict[frozenset[int], Person] = {}
    for person in persons:
        pair = frozenset(partners.get(person.recipient, ()))
        if not pair:
            yield [person]
        elif pair in waiting:
            yield [waiting.pop(pair), person]
        else:
            waiting[pair] = person
    yield from ([person] for person in waiting.values())


def _insert(space: Space, chunk: list[list[Person]], number: int, gold: frozenset[int]) -> None:
    now, name, database = space.microseconds, space.name, space.database
    groups = list(enumerate(chunk, start=number + 1))
    records = [(person, record_of(person, gold=person.recipient in gold)) for _, group in groups for person in group]
    bodies = {person.recipient: record for person, record in records}
    database.executemany(
        "INSERT INTO profile (id, space, entity, identities, modified) VALUES (?, ?, ?, ?, ?)",
        (
            (
                id_,
                name,
                json.dumps(merged(bodies[person.recipient] for person in group)),
                len({key for person in group for key in person.identities}),
                now,
            )
            for id_, group in groups
        ),
    )
    # Who shares a device keeps it with linking rules on if it is the last to have used it.
    database.executemany(
        "INSERT OR REPLACE INTO identity (space, namespace, value, profile, seen, state)"
        " VALUES (?, ?, ?, ?, ?, 'authenticated')",
        ((name, *key, id_, now) for id_, group in groups for person in group for key in person.identities),
    )
    database.executemany(
        "INSERT OR REPLACE INTO link (space, namespace, value, other_namespace, other_value, established, confirmed,"
        " dataset, batch) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '')",
        (
            (name, *low, *high, now, now, DATASET_ID)
            for person, _ in records
            for other in person.identities[1:]
            for low, high in ((person.identities[0], other), (other, person.identities[0]))
        ),
    )
    database.executemany(
        "INSERT INTO fragment (space, namespace, value, dataset, body, updated) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (name, *person.identities[0], DATASET_ID, json.dumps(record), now + person.recipient)
            for person, record in records
        ),
    )
