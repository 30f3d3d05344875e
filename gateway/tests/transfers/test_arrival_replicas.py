"""Several processes ask about the deliveries of one database: each is asked about by one of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from audience_gateway.sdk import Arrival
from audience_gateway.transfers.arrival_asking import Asking
from audience_gateway.transfers.arrival_ledger import ArrivalLedger
from audience_gateway.transfers.arrival_polling import ArrivalPolling
from audience_gateway.transfers.arriving import begun
from audience_gateway.transfers.ledger import Ledger
from audience_gateway.transfers.model import AudienceRef, TransferState
from audience_gateway.transfers.receipt import SignedText
from audience_gateway.transfers.turns import AtOnce
from slow import LADDER, PACE, Clock, Slow
from systems import Systems

from conftest import request

DELIVERIES = 20
ROUNDS = 2 * DELIVERIES


class Napping(Slow):
    """Answers after a moment, so that the others come in between."""

    async def poll_arrivals(self, request):
        await asyncio.sleep(0.005)
        return await super().poll_arrivals(request)


async def test_two_processes_ask_about_each_delivery_once(database):
    clock, target = Clock(), Napping()
    target.answer = lambda request: [Arrival(stage="visible", reached=clock())]
    ledger = Ledger(database)
    for number in range(DELIVERIES):
        ledger.accept(f"t-{number}", request(destination=AudienceRef("target", f"list-{number}")))
        arriving = begun(f"t-{number}", "target", LADDER, clock())
        ledger.end(f"t-{number}", TransferState.SUCCEEDED, (), SignedText("{}", None), arriving=arriving)
    processes = [
        ArrivalPolling(
            ArrivalLedger(database),
            Asking(Systems({"target": target}), AtOnce(), timedelta(seconds=60)),
            PACE,
            lambda *_: None,
            clock,
        )
        for _ in range(2)
    ]

    for _ in range(ROUNDS):  # one that was overtaken leaves the rest to its next look
        await asyncio.gather(*(process.look() for process in processes))
        await asyncio.gather(*(process.idle() for process in processes))
        if not await asyncio.to_thread(ArrivalLedger(database).connections, clock()):
            break

    assert sorted(asked.audience for asked in target.asked) == sorted(f"list-{number}" for number in range(DELIVERIES))
