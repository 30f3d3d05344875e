"""Keeps the suppression list: the implementation of `suppression.service`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from audience_gateway.identity.connections import Connections
from audience_gateway.storage.relations import QueryLimits, Relations
from audience_gateway.suppression.key_making import keys_of
from audience_gateway.suppression.model import (
    EVERY_PURPOSE,
    Change,
    IdsOfPeople,
    Suppression,
    SuppressionKind,
    request_of,
)
from audience_gateway.suppression.service import Suppressed
from audience_gateway.suppression.suppression_list import SuppressionList


@dataclass(frozen=True, slots=True)
class Suppressing:
    """Enters ids, lifts them and lists them.

    Attributes:
        suppressions: the list.
        connections: the data sources of the ids.
        scratch: directory that queries spill to.
        limits: what one query may use.
    """

    suppressions: SuppressionList
    connections: Connections
    scratch: Path
    limits: QueryLimits

    async def suppress(self, people: IdsOfPeople, purposes: Sequence[str] = (), *, request_id: str = "") -> Suppressed:
        """Enters opt-outs."""
        return await asyncio.to_thread(self._enter, people, tuple(purposes), request_of(request_id))

    async def unsuppress(
        self, people: IdsOfPeople, purposes: Sequence[str], kind: SuppressionKind, *, request_id: str = ""
    ) -> Suppressed:
        """Lifts ids out of the list."""
        return await asyncio.to_thread(self._lift, people, tuple(purposes), kind, request_of(request_id))

    async def list(self, *, data_source: str, after: str, limit: int) -> Sequence[Suppression]:
        """Ids in the list."""
        return await asyncio.to_thread(self._page, data_source, after, limit)

    def _enter(self, people: IdsOfPeople, purposes: tuple[str, ...], request: str) -> Suppressed:
        with Relations(self.scratch, self.limits) as relations, relations.session() as session:
            keys = keys_of(session, self.connections, people)
            change = Change(
                request=request,
                kind=SuppressionKind.OPT_OUT,
                purposes=purposes or (EVERY_PURPOSE,),
                held=True,
                time=datetime.now(UTC),
            )
            if keys.table.num_rows:
                self.suppressions.enter(session, change, keys)
            return Suppressed(keys.table.num_rows, keys.refused)

    def _lift(self, people: IdsOfPeople, purposes: tuple[str, ...], kind: SuppressionKind, request: str) -> Suppressed:
        with Relations(self.scratch, self.limits) as relations, relations.session() as session:
            keys = keys_of(session, self.connections, people)
            held, lifted = self.suppressions.held(session, keys, kind, purposes)
            if held:
                change = Change(request=request, kind=kind, purposes=lifted, held=False, time=datetime.now(UTC))
                self.suppressions.enter(session, change, keys)
            return Suppressed(held, keys.refused)

    def _page(self, data_source: str, after: str, limit: int) -> Sequence[Suppression]:
        with Relations(self.scratch, self.limits) as relations, relations.session() as session:
            return self.suppressions.page(session, data_source=data_source, after=after, limit=limit)
