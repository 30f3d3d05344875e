"""Erases ids wherever they were received: the implementation of `erasures.service`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from audience_gateway.erasures.attempts import Attempts
from audience_gateway.erasures.clearing import Clearing
from audience_gateway.erasures.erasure_ledger import ErasureLedger
from audience_gateway.erasures.model import OWN_FILES, Asked, Erasure, ErasureNotFound, Target, TargetState
from audience_gateway.erasures.places import Places
from audience_gateway.identity.connections import Connections
from audience_gateway.storage.relations import QueryLimits, Relations, Session
from audience_gateway.suppression.key_making import keys_of
from audience_gateway.suppression.model import EVERY_PURPOSE, Change, IdsOfPeople, SuppressionKind, request_of
from audience_gateway.suppression.suppression_list import SuppressionList

_CLAIM = timedelta(seconds=15)
_RENEWAL_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """Erases ids.

    Several processes may do so at once: each place is claimed by one of them before something is done about it, and the
    claim is renewed while that goes on. What a process was at when it was killed is looked at again once its claim is
    over, and nothing is done twice.

    Attributes:
        ledger: how far erasures are.
        suppressions: keeps their keys, so that nobody is added again.
        places: finds where the ids are.
        connections: the data sources of the ids.
        attempts: erases at destinations.
        clearing: clears the gateway's own files.
        scratch: directory that queries spill to.
        limits: what one query may use.
        now: the time, in UTC.
    """

    ledger: ErasureLedger
    suppressions: SuppressionList
    places: Places
    connections: Connections
    attempts: Attempts
    clearing: Clearing
    scratch: Path
    limits: QueryLimits
    now: Callable[[], datetime]

    async def erase(self, people: IdsOfPeople, *, request_id: str = "") -> Asked:
        """Begins to erase ids."""
        asked = await asyncio.to_thread(self._begin, people, request_of(request_id))
        return Asked(await self.get(asked.erasure.id), asked.refused) if asked.erasure else asked

    async def get(self, erasure: str) -> Erasure:
        """One erasure."""
        found = await asyncio.to_thread(self.ledger.erasure, erasure)
        if found is None:
            raise ErasureNotFound(erasure)
        return found

    async def list(self, *, after: str, limit: int) -> Sequence[Erasure]:
        """Erasures, the newest first."""
        return await asyncio.to_thread(self.ledger.erasures, after=after, limit=limit)

    async def look(self) -> None:
        """Looks after all places for which it is time: those of one connection one after the other."""
        due: dict[str, list[Target]] = {}
        while target := await asyncio.to_thread(self.ledger.claim, self.now(), self.now() + _CLAIM):
            destination = target.place.destination
            due.setdefault(destination.connection if destination else "", []).append(target)
        async with asyncio.TaskGroup() as group:
            renewing = group.create_task(self._renew([target for targets in due.values() for target in targets]))
            own = due.pop("", [])
            await asyncio.gather(*(self._look_after(targets) for targets in due.values()))
            await self._look_after(own)
            renewing.cancel()

    async def _renew(self, claimed: Sequence[Target]) -> None:
        while claimed:
            await asyncio.sleep(_RENEWAL_SECONDS)
            await asyncio.to_thread(self.ledger.renew, claimed, self.now() + _CLAIM)

    async def _look_after(self, targets: Sequence[Target]) -> None:
        for target in targets:
            erasure = await self.get(target.erasure)
            advanced = await self._advanced(erasure, target)
            await asyncio.to_thread(self.ledger.note, advanced)
            if advanced.state is not TargetState.PENDING:
                await asyncio.to_thread(self.ledger.hasten, target.erasure, self.now())

    async def _advanced(self, erasure: Erasure, target: Target) -> Target:
        destination = target.place.destination
        if destination is None:
            return await self.clearing.advance(erasure, target, self.now())
        return await self.attempts.advance(erasure, target, destination, self.now())

    def _begin(self, people: IdsOfPeople, id_: str) -> Asked:
        with Relations(self.scratch, self.limits) as relations, relations.session() as session:
            keys = keys_of(session, self.connections, people)
            if not keys.table.num_rows:
                return Asked(None, keys.refused)
            now = self.now()
            erased = Change(request=id_, kind=SuppressionKind.ERASED, purposes=(EVERY_PURPOSE,), held=True, time=now)
            self.suppressions.enter(session, erased, keys)
            erasure = self._erasure(session, people, id_, keys.table.num_rows, now)
        self.ledger.enter(erasure)
        return Asked(erasure, keys.refused)

    def _erasure(self, session: Session, people: IdsOfPeople, id_: str, keys: int, now: datetime) -> Erasure:
        sources = tuple(dict.fromkeys(people.data_sources))
        places = [OWN_FILES, *self.places.of(session, id_, sources)]
        targets = (
            Target(erasure=id_, number=number, place=place, next_look=now, updated=now)
            for number, place in enumerate(places)
        )
        return Erasure(id=id_, keys=keys, data_sources=sources, targets=tuple(targets), created=now)
