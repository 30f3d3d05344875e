"""Puts a core together from settings."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from audience_gateway.identity.identities import Identities
from audience_gateway.jobs.durable import DurableEngine
from audience_gateway.jobs.engine import Job, JobEngine
from audience_gateway.plugins.configuration import HttpConfiguration
from audience_gateway.plugins.connections import Connections
from audience_gateway.plugins.loader import installed, load
from audience_gateway.plugins.resolution import resolve
from audience_gateway.sdk import Bucket
from audience_gateway.server.core import Core
from audience_gateway.server.settings import GatewaySettings, TransferSettings
from audience_gateway.storage import Waits, open_bucket
from audience_gateway.storage.atomic_file import replacing
from audience_gateway.storage.relations import QueryLimits
from audience_gateway.transfers.engine import TransferOptions, Transfers
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.model import GuardLimits
from audience_gateway.transfers.retries import RetryPolicy
from audience_gateway.transfers.task import Sizes

_KEY_BYTES = 32


@asynccontextmanager
async def assemble(settings: GatewaySettings) -> AsyncIterator[Core]:
    """A core that runs until the block ends. Raises ConfigError for what is configured wrong."""
    registry = load(installed(), block=settings.plugins.block)
    resolved = resolve(registry, settings.connections, settings.credentials, settings.data_sources)
    state = settings.storage.state.absolute()
    state.mkdir(parents=True, exist_ok=True)
    database = f"sqlite:///{state / 'gateway.db'}"
    async with Connections(registry, resolved, _buckets(settings.http), settings.http) as connections:
        ledger = await asyncio.to_thread(Ledger, database)
        transfers = Transfers(ledger, connections, _options(settings.transfers, state), _engine(settings, database))
        identities = Identities(
            connections, state, _limits(settings.transfers), index_seconds=settings.transfers.index_seconds
        )
        await transfers.launch()
        try:
            yield Core(registry, connections, transfers, identities, _page_token_key(state))
        finally:
            await transfers.stop()
            await asyncio.to_thread(ledger.close)


def _buckets(http: HttpConfiguration) -> Callable[[str], Bucket]:
    waits = Waits(connect=http.connect_seconds, read=http.read_seconds, call=http.call_seconds)
    return partial(open_bucket, waits=waits)


def _engine(settings: GatewaySettings, database: str) -> Callable[[Job], JobEngine]:
    return partial(DurableEngine, database, concurrency=settings.transfers.concurrency)


def _options(settings: TransferSettings, state: Path) -> TransferOptions:
    return TransferOptions(
        state=state,
        sizes=Sizes(settings.chunk_rows, settings.deliver_rows),
        limits=_limits(settings),
        guard=GuardLimits(settings.guard.removed_rows, settings.guard.removed_share),
        retries=RetryPolicy(attempts=settings.attempts),
    )


def _limits(settings: TransferSettings) -> QueryLimits:
    return QueryLimits(settings.memory_limit, settings.threads)


def _page_token_key(state: Path) -> bytes:
    """The kept key, so that a token is good beyond a restart."""
    path = state / "page-token.key"
    if not path.exists():
        with replacing(path) as temporary:
            temporary.touch(mode=0o600)
            temporary.write_bytes(secrets.token_bytes(_KEY_BYTES))
    return path.read_bytes()
