"""Methods of `nms:rtEvent` and `nms:batchEvent`: take events of Message Center (campaign 3.10)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from audience_gateway_sandbox.campaign.access import Caller
from audience_gateway_sandbox.campaign.campaign import Campaign
from audience_gateway_sandbox.campaign.elements import Element, child, children
from audience_gateway_sandbox.campaign.envelope import Call
from audience_gateway_sandbox.campaign.times import time_text

_TEXTS = ("type", "email", "origin", "wishedChannel", "externalId", "mobilePhone", "emailFormat", "scheduled")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_CELL = 1
"""Which execution instance this is; the high byte of an event's id."""
_CELL_SHIFT = 56
_FAILED = "0"

Push = Callable[[Campaign, Call, Caller], tuple[str, ...]]


def pushes_one(table: str) -> Push:
    """Make the method that takes one event; its result is 0, without a fault, if the event is not stored."""

    def push(campaign: Campaign, call: Call, _: Caller) -> tuple[str, ...]:
        event = call.document(0)
        return (_stored(campaign, table, [] if event is None else [event]),)

    return push


def pushes_several(table: str) -> Push:
    """Make the method that takes events inside one more element: all or none; its result is the id of the last."""

    def push(campaign: Campaign, call: Call, _: Caller) -> tuple[str, ...]:
        parent = call.document(0)
        return (_stored(campaign, table, [] if parent is None else list(children(parent))),)

    return push


def _stored(campaign: Campaign, table: str, events: Sequence[Element]) -> str:
    if not events or not all(_is_good(event) for event in events):
        return _FAILED
    columns = ", ".join(f'"{name}"' for name in _TEXTS)
    places = ", ".join("?" * len(_TEXTS))
    text = f"INSERT INTO {table} ({columns}, context, created) VALUES ({places}, ?, ?) RETURNING id"  # noqa: S608 - names of ours
    id_ = 0
    with campaign.database:
        for event in events:
            values = [event.get(name, "") for name in _TEXTS]
            row = campaign.database.execute(text, [*values, _context(event), time_text(campaign.clock.now())])
            (id_,) = row.fetchone()
    return str(_CELL << _CELL_SHIFT | id_)


def _is_good(event: Element) -> bool:
    email = event.get("email", "")
    return bool(event.get("type")) and (not email or _EMAIL.fullmatch(email) is not None)


def _context(event: Element) -> str:
    """Write what the event carries, as the names of the elements in it: what they hold is of no use here."""
    context = child(event, "ctx")
    return "" if context is None else " ".join(str(each.tag).rpartition("}")[2] for each in context.iterdescendants())
