"""What is kept of transfers that have ended, and for how long."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from audience_gateway.storage.requests import RequestLog
from audience_gateway.transfers.history import History

_AT_A_TIME = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """For how long things are kept, each from its end on.

    Attributes:
        rows: rows and outcomes of a transfer, with the ids of people.
        history: a transfer and its receipt, without ids.
        requests: first answers of requests that carried an id.
        streams: what came in by a stream of members that was not ended.
    """

    rows: timedelta = timedelta(days=30)
    history: timedelta = timedelta(days=365)
    requests: timedelta = timedelta(hours=48)
    streams: timedelta = timedelta(hours=24)


class ForgettableStreams(Protocol):
    """What came in by streams of members."""

    async def forget_abandoned(self, before: datetime) -> int:
        """Drops those that have not ended and got nothing since a time; answers how many."""
        ...

    async def forget(self, stream: str) -> None:
        """Drops one, if it is there. The transfer that a stream ends in has its id."""
        ...


@dataclass(frozen=True, slots=True)
class KeptRows:
    """Where rows are.

    Attributes:
        workspaces: directory of the transfers' workspaces.
        streams: what came in by streams.
    """

    workspaces: Path
    streams: ForgettableStreams

    async def drop(self, transfers: Sequence[str]) -> None:
        """Drops those of transfers that have ended."""
        for transfer in transfers:
            await self.streams.forget(transfer)
            await asyncio.to_thread(shutil.rmtree, self.workspaces / transfer, ignore_errors=True)


class Retention:
    """Drops what was kept long enough. Safe in several processes at once, and to repeat.

    Args:
        keeping: for how long.
        rows: rows of transfers.
        history: the transfers.
        forget_jobs: drops what is kept of the jobs of transfers.
        requests: answers of requests.
    """

    def __init__(
        self,
        keeping: Keeping,
        rows: KeptRows,
        history: History,
        forget_jobs: Callable[[Sequence[str]], Awaitable[None]],
        requests: RequestLog,
    ) -> None:
        self._keeping = keeping
        self._rows = rows
        self._history = history
        self._forget_jobs = forget_jobs
        self._requests = requests

    async def sweep(self, now: datetime) -> None:
        """Drops what was kept long enough by a time in UTC."""
        keeping = self._keeping
        while transfers := await asyncio.to_thread(self._history.with_rows, now - keeping.rows, _AT_A_TIME):
            await self._drop_rows(transfers)
        while transfers := await asyncio.to_thread(self._history.ended, now - keeping.history, _AT_A_TIME):
            await self._drop_rows(transfers)
            await self._forget_jobs(transfers)
            await asyncio.to_thread(self._history.forget, transfers)
        await asyncio.to_thread(self._requests.forget, now - keeping.requests)
        await self._rows.streams.forget_abandoned(now - keeping.streams)

    async def _drop_rows(self, transfers: Sequence[str]) -> None:
        await self._rows.drop(transfers)
        await asyncio.to_thread(self._history.note_rows_dropped, transfers)
