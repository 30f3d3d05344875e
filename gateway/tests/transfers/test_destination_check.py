"""A destination that cannot take an audience says so before anything is read."""

from __future__ import annotations

from audience_gateway.sdk import DataSource, Permanent
from audience_gateway.transfers.model import TransferState
from systems import Ids, Row, Systems


class Choosy(Ids):
    async def check_destination(self, audience: str, source: DataSource) -> None:
        raise Permanent(f"{audience} of {source.name} is full")


async def test_what_forbids_a_destination_ends_a_transfer_while_it_is_planned(gateway):
    destination = Choosy()
    async with gateway(Systems({"source": Ids(rows=[Row("a")]), "target": destination})) as opened:
        transfer = await opened.share()
    assert transfer.state is TransferState.FAILED
    assert transfer.failure.message == "list of plain is full"
    assert destination.held == set()
