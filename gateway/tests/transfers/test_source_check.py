"""A source that must not be shared says so before anything is read."""

from __future__ import annotations

from audience_gateway.sdk import DataSource, Permanent
from audience_gateway.transfers.model import TransferState
from systems import Ids, Row, Systems


class Guarded(Ids):
    async def check_source(self, audience: str, source: DataSource, destination: str) -> None:
        raise Permanent(f"{audience} of {source.name} must not go to {destination}")


async def test_what_forbids_a_source_ends_a_transfer_while_it_is_planned(gateway):
    async with gateway(Systems({"source": Guarded(rows=[Row("a")]), "target": Ids()})) as opened:
        transfer = await opened.share()
    assert transfer.state is TransferState.FAILED
    assert transfer.failure.message == "all of plain must not go to connections/target/audiences/list"
