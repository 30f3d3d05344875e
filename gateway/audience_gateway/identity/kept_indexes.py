"""Identity indexes that were read from connections and are kept for a while: keys of ids, never the ids."""

from __future__ import annotations

import asyncio
import shutil
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from audience_gateway.identity import index
from audience_gateway.identity.connections import Connections
from audience_gateway.sdk import ConfigError, DataSource, IdentityIndex, IndexRequest
from audience_gateway.storage.relations import QueryLimits, Relations, files

_IN_USE_SECONDS = 3600.0  # as long as a query may go on with an index that others read anew meanwhile
_SCRATCH = "scratch"


@dataclass(frozen=True, slots=True)
class KeptIndex:
    """An index that was read.

    Attributes:
        directory: where its files are.
        read: when that was, in UTC.
        seconds: when that was, in seconds of the monotonic clock.
    """

    directory: Path
    read: datetime
    seconds: float

    @property
    def entries(self) -> str:
        """A query over its entries; `index.COLUMNS` has the columns."""
        return files(sorted(self.directory.glob("*.parquet")), index.COLUMNS)


class KeptIndexes:
    """Reads identity indexes and keeps them for a while; transfers always read anew.

    Args:
        connections: the connections.
        state: directory of the gateway's state.
        limits: what one query may use.
        index_seconds: how long an index is used before it is read anew.
    """

    def __init__(self, connections: Connections, state: Path, limits: QueryLimits, index_seconds: float) -> None:
        self._connections = connections
        self._root = state / "indexes"
        self._limits = limits
        self._index_seconds = index_seconds
        self._kept: dict[tuple[str, DataSource], KeptIndex] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    async def fresh(self, connection: str, sources: Sequence[DataSource]) -> list[KeptIndex]:
        """The index of each of some forms of one data source, in which recipe and codec may differ.

        Those that are not kept are made in one reading. Raises ConfigError if the connection has no such index.
        """
        async with self._locks.setdefault((connection, sources[0].name), asyncio.Lock()):
            forms = dict.fromkeys(sources)
            fresh = {form: kept for form in forms if (kept := self._fresh(connection, form))}
            if len(fresh) < len(forms):
                await asyncio.to_thread(self._sweep)
                fresh |= await self._read(connection, sources[0], [form for form in forms if form not in fresh])
            return [fresh[source] for source in sources]

    async def reconciles(self, connection: str, source: DataSource) -> bool:
        """Whether the connection has an index of such ids."""
        async with self._connections.open(connection) as connector:
            return isinstance(connector, IdentityIndex) and connector.reconciles(source)

    def relations(self) -> Relations:
        """Opens sessions to query the indexes in."""
        return Relations(self._root / _SCRATCH, self._limits)

    def _fresh(self, connection: str, source: DataSource) -> KeptIndex | None:
        kept = self._kept.get((connection, source))
        return kept if kept and time.monotonic() <= kept.seconds + self._index_seconds else None

    async def _read(
        self, connection: str, source: DataSource, forms: Sequence[DataSource]
    ) -> dict[DataSource, KeptIndex]:
        # A directory is never written again: whoever queries it may go on when others read anew.
        made = {form: self._root / uuid.uuid4().hex for form in forms}
        strategy = self._connections.reconciler(source.id_type)
        number = 0
        async with self._connections.open(connection) as connector:
            if not isinstance(connector, IdentityIndex) or not connector.reconciles(source):
                raise ConfigError(
                    "ids of this data source do not reconcile with records of this connection",
                    place=f"connections/{connection}",
                    remedy="Name a connection that supplies an identity index, such as a Campaign one.",
                )
            with self.relations() as relations:
                async for page in connector.read_index(IndexRequest(source=source)):
                    for form, directory in made.items():
                        path = directory / f"{number:05d}.parquet"
                        await asyncio.to_thread(index.write_index, [page], strategy, form, relations, path, last=False)
                    number += 1
        kept = {form: KeptIndex(directory, datetime.now(UTC), time.monotonic()) for form, directory in made.items()}
        self._kept = {key: one for key, one in self._kept.items() if self._fresh(*key)}
        self._kept |= {(connection, form): one for form, one in kept.items()}
        return kept

    def _sweep(self) -> None:
        """Drops what nobody can use any more, also of processes that have ended."""
        oldest = time.time() - self._index_seconds - _IN_USE_SECONDS
        for directory in self._root.glob("*"):
            with suppress(FileNotFoundError):  # another process sweeps, too
                if directory.name != _SCRATCH and directory.stat().st_mtime < oldest:
                    shutil.rmtree(directory, ignore_errors=True)
