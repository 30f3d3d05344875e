"""Asks connections how far deliveries have got, after their transfers have ended, until there is no more to learn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from audience_gateway import incidents
from audience_gateway.sdk import EventKind
from audience_gateway.transfers.arrival_asking import Answer, Asking
from audience_gateway.transfers.arrival_ledger import ArrivalLedger
from audience_gateway.transfers.arriving import Arriving

_CLOSE_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a delivery is asked about, and for how long.

    Attributes:
        every: from one time to the next.
        give_up: how long it is still asked about after its last stage was due.
    """

    every: timedelta = timedelta(minutes=15)
    give_up: timedelta = timedelta(days=7)


class ArrivalPolling:
    """Asks about deliveries, those of one connection one after the other, so that a dead one slows no other.

    Several processes may do so at once: each delivery is claimed by one of them before it is asked about. What a
    process was asking about when it was killed is asked about again once its claim is over.

    Args:
        ledger: which deliveries there are.
        asking: asks.
        pace: how often, and for how long.
        observe: is told of deliveries that have arrived, failed or are overdue, by their transfer's id.
        now: the time, in UTC.
    """

    def __init__(
        self,
        ledger: ArrivalLedger,
        asking: Asking,
        pace: Pace,
        observe: Callable[[EventKind, str], None],
        now: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._asking = asking
        self._pace = pace
        self._observe = observe
        self._now = now
        self._claim = max(pace.every, 2 * asking.patience)
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def look(self) -> None:
        """Begins to ask about all deliveries that are to be asked about by now, and waits for no answer."""
        by = self._now()
        for connection in await asyncio.to_thread(self._ledger.connections, by):
            if connection not in self._under_way:
                self._under_way[connection] = asyncio.create_task(self._ask_all(connection, by))

    async def idle(self) -> None:
        """Waits until all that was begun is answered."""
        await asyncio.gather(*self._under_way.values())

    async def close(self) -> None:
        """Gives up what is being asked; a system that does not let go is waited for within limits."""
        under_way = list(self._under_way.values())
        for task in under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way, timeout=_CLOSE_SECONDS)

    async def _ask_all(self, connection: str, by: datetime) -> None:
        try:
            while look := await asyncio.to_thread(self._ledger.claim, connection, by, self._now() + self._claim):
                await self._note(look.arriving, await self._asking.ask(look))
        except Exception as error:  # noqa: BLE001  # it must not end the asking to come
            incidents.report(error)
        finally:
            del self._under_way[connection]

    async def _note(self, before: Arriving, answer: Answer) -> None:
        now = self._now()
        after = replace(before, known=tuple(answer.known), finding=answer.finding, looked=now)
        ends = after.settled or now >= after.last_due + self._pace.give_up
        after = replace(after, next_look=None if ends else now + max(self._pace.every, answer.wait))
        if await asyncio.to_thread(self._ledger.note, after):
            self._tell(before, after, now)

    def _tell(self, before: Arriving, after: Arriving, now: datetime) -> None:
        for index, stage in enumerate(after.stages):
            newly = before.looked is None or after.due(index) > before.looked
            if newly and after.overdue(index, now):
                _warn("arrival overdue", after, stage.name)
                self._observe(EventKind.ARRIVAL_OVERDUE, after.transfer)
            if after.known[index].failed:
                _warn("arrival failed", after, stage.name)
                self._observe(EventKind.ARRIVAL_FAILED, after.transfer)
        if after.known[-1].reached:
            self._observe(EventKind.TRANSFER_ARRIVED, after.transfer)
        elif after.next_look is None and not after.settled:
            _warn("arrival given up", after, after.stages[-1].name)


def _warn(event: str, arriving: Arriving, stage: str) -> None:
    structlog.get_logger("arrivals").warning(event, transfer=f"transfers/{arriving.transfer}", stage=stage)
