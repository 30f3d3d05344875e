"""What plugins may observe of the gateway's life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """The kinds of event; more may be added, so an observer leaves alone what it does not know.

    That a transfer has ended may be told twice, when the gateway was killed while it told it. `transfer_withheld` says
    that a guard holds it back, and that somebody has to release or cancel it. `transfer_arrived` says
    that what it delivered has reached the last stage of its destination, `arrival_overdue` that a stage was not reached
    when it was due, `arrival_failed` that one never will be. `ids_revealed` says that a caller was allowed to see the
    ids of a transfer's rows.
    """

    GATEWAY_STARTED = "gateway_started"
    GATEWAY_STOPPING = "gateway_stopping"
    TRANSFER_STARTED = "transfer_started"
    TRANSFER_WITHHELD = "transfer_withheld"
    TRANSFER_ENDED = "transfer_ended"
    TRANSFER_ARRIVED = "transfer_arrived"
    ARRIVAL_OVERDUE = "arrival_overdue"
    ARRIVAL_FAILED = "arrival_failed"
    IDS_REVEALED = "ids_revealed"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; holds no id of a person.

    Attributes:
        kind: what happened.
        subject: to whom: a resource name, or the address of the gateway.
        at: when, in UTC.
        caller: name of the caller who did it; empty where it does not matter who did.
    """

    kind: EventKind
    subject: str
    at: datetime
    caller: str = ""
