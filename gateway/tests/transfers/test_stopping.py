"""What goes wrong while a gateway stops is no failure of the transfers that it gives up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from audience_gateway.sdk import WriteRequest, WriteResult
from audience_gateway.transfers.model import TransferState
from systems import Ids, Row, Systems

from conftest import request


@dataclass
class Stuck(Ids):
    """Never answers a write, and fails to close after it."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def write_members(self, request: WriteRequest) -> WriteResult:
        self.reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def close(self) -> None:
        if self.reached.is_set():
            raise OSError("it does not let go")


async def test_a_transfer_goes_on_in_the_next_gateway_when_the_last_one_could_not_let_go_of_its_system(gateway):
    source, stuck = Ids([Row("a")]), Stuck()
    async with gateway(Systems({"source": source, "target": stuck})) as opened:
        started = await opened.transfers.start(request())
        await stuck.reached.wait()
    async with gateway(Systems({"source": source, "target": Ids()})) as opened:
        ended = await opened.ended(started)
    assert ended.state is TransferState.SUCCEEDED
