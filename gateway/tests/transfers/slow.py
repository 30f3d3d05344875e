"""A system that takes days to use what it was given, and those who ask it how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from audience_gateway.sdk import Arrival, ArrivalRequest, ArrivalStage, DataSource, EventKind
from audience_gateway.storage.database import connect
from audience_gateway.transfers.arrival_asking import Asking
from audience_gateway.transfers.arrival_ledger import ArrivalLedger
from audience_gateway.transfers.arrival_polling import ArrivalPolling, Pace
from audience_gateway.transfers.turns import AtOnce
from systems import Ids, Systems

HOUR = timedelta(hours=1)
LADDER = (
    ArrivalStage(name="ingested", meaning="The files were read.", within=24 * HOUR),
    ArrivalStage(name="visible", meaning="Members can be used.", within=48 * HOUR),
)
PACE = Pace(every=HOUR, give_up=100 * HOUR)


@dataclass
class Slow(Ids):
    """Answers what `answer` says, or raises it."""

    stages: Sequence[ArrivalStage] = LADDER
    answer: Callable[[ArrivalRequest], Sequence[Arrival]] = lambda request: ()
    asked: list[ArrivalRequest] = field(default_factory=list)
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)

    def arrival_stages(self, audience: str, source: DataSource) -> Sequence[ArrivalStage]:
        return self.stages

    async def poll_arrivals(self, request: ArrivalRequest) -> Sequence[Arrival]:
        self.asked.append(request)
        self.was_asked.set()
        return self.answer(request)

    def raises(self, error: Exception) -> None:
        def answer(request: ArrivalRequest) -> Sequence[Arrival]:
            raise error

        self.answer = answer


@dataclass
class Clock:
    """The time, and as many hours more as somebody says."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Asker:
    """Asks about all that is due, so many hours from now."""

    polling: ArrivalPolling
    clock: Clock
    told: list[tuple[EventKind, str]]

    async def ask(self, hours: float = 0) -> None:
        self.clock.ahead = hours * HOUR
        await self.polling.look()
        await self.polling.idle()


@asynccontextmanager
async def asking(systems: Systems, state: Path, patience: float = 60) -> AsyncIterator[Asker]:
    """Those who ask about the deliveries that a directory's database has."""
    database, clock = connect(f"sqlite:///{state}/gateway.db"), Clock()
    told: list[tuple[EventKind, str]] = []
    asking = Asking(systems, AtOnce(), timedelta(seconds=patience))
    polling = ArrivalPolling(ArrivalLedger(database), asking, PACE, lambda *event: told.append(event), clock)
    try:
        yield Asker(polling, clock, told)
    finally:
        await polling.close()
        database.dispose()
