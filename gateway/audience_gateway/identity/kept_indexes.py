"""The identity indexes that questions are answered by: those that transfers use, too, brought up to date first."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from audience_gateway.identity.connections import Connections
from audience_gateway.identity.index_form import IndexForm
from audience_gateway.identity.index_refresh import IndexLimits, IndexRefresh, Reading
from audience_gateway.identity.index_store import IndexStore
from audience_gateway.identity.index_version import IndexVersion
from audience_gateway.identity.shared_ids import PeopleLimits
from audience_gateway.sdk import Connector, DataSource, IdentityIndex, IndexChangesPage, IndexPage
from audience_gateway.storage.relations import QueryLimits, Relations

_ADOBES = PeopleLimits()


class KeptIndexes:
    """The newest version of each index, read again once it is not fresh any more.

    Args:
        connections: the connections.
        store: where versions are kept.
        limits: what one query may use.
        refreshing: when an index is read.
        people: how many people may have one id.
    """

    def __init__(
        self,
        connections: Connections,
        store: IndexStore,
        limits: QueryLimits,
        refreshing: IndexLimits,
        people: PeopleLimits = _ADOBES,
    ) -> None:
        self._connections = connections
        self._store = store
        self._limits = limits
        self._refreshing = refreshing
        self.people = people
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    async def fresh(self, connection: str, sources: Sequence[DataSource]) -> list[IndexVersion]:
        """The index of each of some forms of one data source, in which recipe and codec may differ.

        Those that have to be read anew are read in one reading. Raises ConfigError if the connection has no such index,
        Permanent if one has shrunk by more than is allowed.
        """
        async with self._locks.setdefault((connection, sources[0].name), asyncio.Lock()):
            forms = {source: IndexForm.of(self._connections, connection, source) for source in sources}
            fresh = {source: version for source, form in forms.items() if (version := self._fresh(form))}
            if len(fresh) < len(forms):
                await asyncio.to_thread(self._store.sweep)
                fresh |= await self._refresh(connection, {s: form for s, form in forms.items() if s not in fresh})
            return [fresh[source] for source in sources]

    async def kept(self, connection: str, source: DataSource) -> IndexVersion | None:
        """The newest version as it is, which is that of the last transfer or question; None if there is none."""
        return await asyncio.to_thread(self._store.newest, IndexForm.of(self._connections, connection, source))

    async def reconciles(self, connection: str, source: DataSource) -> bool:
        """Whether the connection has an index of such ids."""
        async with self._connections.open(connection) as connector:
            return isinstance(connector, IdentityIndex) and connector.reconciles(source)

    def relations(self) -> Relations:
        """Opens sessions to query the indexes in."""
        return Relations(self._store.scratch, self._limits)

    def _fresh(self, form: IndexForm) -> IndexVersion | None:
        newest = self._store.newest(form)
        return newest if newest and self._refreshing.are_fresh(newest) else None

    async def _refresh(self, connection: str, forms: dict[DataSource, IndexForm]) -> dict[DataSource, IndexVersion]:
        async with self._refreshes(forms) as refreshes, self._connections.open(connection) as connector:
            readings = {source: await refresh.begin(connector) for source, refresh in refreshes.items()}
            with self.relations() as relations:
                anew = [one for source, one in refreshes.items() if readings[source] is Reading.EVERYTHING]
                if anew:
                    await _read(connector, anew)
                for source, refresh in refreshes.items():
                    if readings[source] is Reading.CHANGES:
                        await _read(connector, [refresh])
                    await asyncio.to_thread(refresh.finish, relations)
        newest = {source: self._store.newest(form) for source, form in forms.items()}
        return {source: version for source, version in newest.items() if version}

    @asynccontextmanager
    async def _refreshes(self, forms: dict[DataSource, IndexForm]) -> AsyncIterator[dict[DataSource, IndexRefresh]]:
        refreshes = {
            source: IndexRefresh(
                form=form,
                strategy=self._connections.reconciler(source.id_type),
                store=self._store,
                limits=self._refreshing,
                directory=self._store.reading(),
            )
            for source, form in forms.items()
        }
        try:
            yield refreshes
        finally:
            for refresh in refreshes.values():
                await asyncio.to_thread(shutil.rmtree, refresh.directory, ignore_errors=True)


async def _read(connector: Connector, refreshes: Sequence[IndexRefresh]) -> None:
    """Reads once what all of these want."""
    number = 0
    async for page in refreshes[0].pages(connector, None):
        for refresh in refreshes:
            await asyncio.to_thread(_keep, refresh, number, page)
        number += 1


def _keep(refresh: IndexRefresh, number: int, page: IndexPage | IndexChangesPage) -> None:
    refresh.keep(number, refresh.prepare([page], last=False))
