from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from audience_gateway.identity.index_refresh import IndexLimits
from audience_gateway.identity.shared_ids import PeopleLimits
from audience_gateway.sdk import CandidatePolicy
from audience_gateway.transfers.engine import Transfers
from audience_gateway.transfers.model import AudienceRef, GuardLimits, Receipt, ShareRequest, Transfer
from audience_gateway.transfers.options import TransferOptions
from audience_gateway.transfers.retries import RetryPolicy
from audience_gateway.transfers.task import Sizes
from systems import Systems, transfers_of

INDEXES = IndexLimits()
PEOPLE = PeopleLimits()
Share = Callable[..., Awaitable[Transfer]]


def request(**changes: object) -> ShareRequest:
    """A request to share `source/all` into `target/list`."""
    values: dict[str, object] = {
        "source": AudienceRef("source", "all"),
        "destination": AudienceRef("target", "list"),
        "data_source": "plain",
        "guard": GuardLimits(removed_rows=2, removed_share=0.5),
    }
    return ShareRequest(**{**values, **changes})


class Gateway:
    """Transfers between two systems, started and awaited."""

    def __init__(self, transfers: Transfers) -> None:
        self.transfers = transfers

    async def share(self, policy: CandidatePolicy | None = None, **changes: object) -> Transfer:
        return await self.ended(await self.transfers.start(request(policy=policy, **changes)))

    async def ended(self, transfer: Transfer) -> Transfer:
        return [state async for state in self.transfers.watch(transfer.id)][-1]

    async def receipt(self, transfer: Transfer) -> Receipt:
        return await self.transfers.receipt(transfer.id)


@pytest.fixture
def gateway(tmp_path: Path) -> Callable[[Systems], object]:
    """Opens a gateway over some systems; its state is kept from one opening to the next."""

    @asynccontextmanager
    async def opened(
        systems: Systems, indexes: IndexLimits = INDEXES, people: PeopleLimits = PEOPLE
    ) -> AsyncIterator[Gateway]:
        options = TransferOptions(
            state=tmp_path,
            sizes=Sizes(chunk_rows=4, deliver_rows=3),
            retries=RetryPolicy(attempts=3, first_delay=0.001),
            indexes=indexes,
            people=people,
        )
        async with transfers_of(systems, options) as transfers:
            yield Gateway(transfers)

    return opened
