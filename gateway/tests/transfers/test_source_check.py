"""A source that cannot be read as it is wanted says so before anything is read."""

from __future__ import annotations

from audience_gateway.sdk import ConfigError, DataSource
from audience_gateway.transfers.model import TransferState
from systems import Ids, Row, Systems


class Choosy(Ids):
    async def check_source(self, audience: str, source: DataSource, destination: str) -> None:
        raise ConfigError(f"{audience} does not tell {destination} who left, by {source.name}")


async def test_what_forbids_a_source_ends_a_transfer_while_it_is_planned(gateway):
    destination = Ids()
    async with gateway(Systems({"source": Choosy(rows=[Row("a")]), "target": destination})) as opened:
        transfer = await opened.share()
    assert transfer.state is TransferState.FAILED
    assert transfer.failure.message == "all does not tell connections/target/audiences/list who left, by plain"
    assert destination.held == set()
