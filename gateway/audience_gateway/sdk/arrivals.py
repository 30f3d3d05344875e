"""What becomes of a delivery in a system that takes hours or days to use it: the stages by which it arrives.

Audience Manager takes up to 48 hours (audience-manager 3.5), Campaign and the People core service 24 to 36, and 60 for
audiences that began in Adobe Analytics (campaign 1.4, people-and-ids 7.3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from audience_gateway.sdk.identities import DataSource

DELIVERED = "delivered"
"""The stage before all others, which the gateway tells by itself: everything is where the connector writes to."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalStage:
    """A stage that a delivery reaches after it was written. Raises ValueError for what no stage can be.

    Attributes:
        name: lower-case letters, digits and underscores, at most 31, e.g. `ingested`; not `delivered`.
        meaning: what can be relied on once it is reached, in one sentence for people.
        within: how long after the delivery it is reached at the latest; from then on it is overdue.
    """

    name: str
    meaning: str
    within: timedelta

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name == DELIVERED:
            raise ValueError("the name of a stage has letters a-z, digits and underscores, and is not `delivered`")
        if self.within < timedelta():
            raise ValueError("a stage cannot be due before the delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredWrite:
    """One write of a delivery.

    Attributes:
        key: the key that the write had: `WriteRequest.key`, or the `key` of a replacement.
        members: how many members of it the connector accepted; of a write in doubt, how many it had.
        time: when it was written, in UTC.
        in_doubt: whether it was sent without an answer, so that it may never arrive.
    """

    key: str
    members: int
    time: datetime
    in_doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How a delivery stands with one stage. Raises ValueError for one that was reached and failed, or has no zone.

    Attributes:
        stage: name of the stage.
        reached: when every write that is not in doubt had reached it, in UTC as the system says, or else when this was
            seen; None if it is not reached.
        failed: whether it will never be reached; then neither will those behind it.
        due: when it is due, in UTC, where the system says more than the stage's `within`; None where it does not.
        counts: what the system counted, by names of its own in snake_case, e.g. `stored_records`; as far as is known,
            also before the stage is reached. No id of a person.
        message: what the system says, or why it failed, in one sentence for people and without ids; empty for nothing.
        remedy: what to do about it; empty if there is nothing to advise.
    """

    stage: str
    reached: datetime | None = None
    failed: bool = False
    due: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    message: str = ""
    remedy: str = ""

    def __post_init__(self) -> None:
        if self.reached and self.failed:
            raise ValueError("a stage that was reached has not failed")
        if any(time is not None and time.tzinfo is None for time in (self.reached, self.due)):
            raise ValueError("times of an arrival need a time zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalRequest:
    """Which delivery is asked about.

    Attributes:
        audience: id of the audience within the connection.
        source: data source of the transfer.
        writes: the writes that it consisted of, in the order in which they were made; at least one is not in doubt.
        delivered: when the last of them was made, in UTC.
        known: what is known of its stages, in their order: all that is not answered anew stays as it is.
    """

    audience: str
    source: DataSource
    writes: tuple[DeliveredWrite, ...]
    delivered: datetime
    known: tuple[Arrival, ...] = ()


@runtime_checkable
class ArrivalPoller(Protocol):
    """Says how far a delivery has got in a system that takes its time to use what it was given.

    It is asked again and again after a transfer has ended, on another open connection each time and perhaps in another
    process, until the last stage is reached, one has failed, or all have been overdue for long.
    """

    def arrival_stages(self, audience: str, source: DataSource) -> Sequence[ArrivalStage]:
        """The stages of a delivery to an audience, in the order in which they are reached; none: it is not asked about.

        Called when a transfer is planned; does no I/O.
        """
        ...

    async def poll_arrivals(self, request: ArrivalRequest) -> Sequence[Arrival]:
        """What is known now of the stages; one that is left out stays as it was, a reached one stays reached.

        Raises Permanent where the delivery can never arrive: the first stage that is not reached then has failed. After
        any other error it is asked again later.
        """
        ...
