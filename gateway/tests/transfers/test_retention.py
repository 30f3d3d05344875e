"""What was kept long enough is dropped, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from audience_gateway.sdk import Permanent
from audience_gateway.storage.requests import Kept, RequestLog
from audience_gateway.transfers.history import History
from audience_gateway.transfers.retention import Keeping, KeptRows, Retention
from audience_gateway.transfers.service import OutcomeQuery, TransferNotFound
from systems import Ids, Row, Systems

KEEPING = Keeping(
    rows=timedelta(days=1), history=timedelta(days=10), requests=timedelta(days=2), streams=timedelta(days=3)
)


class Streams:
    """Notes what is to be forgotten."""

    def __init__(self) -> None:
        self.forgotten: list[object] = []

    async def forget_abandoned(self, before: datetime) -> int:
        self.forgotten.append(before)
        return 0

    async def forget(self, stream: str) -> None:
        self.forgotten.append(stream)


@pytest.fixture
def swept(tmp_path):
    """Sweeps the transfers of a gateway so many days from now."""
    streams = Streams()

    async def sweep(transfers, days):
        engine = sa.create_engine(f"sqlite:///{tmp_path}/gateway.db")
        rows = KeptRows(tmp_path / "transfers", streams)
        retention = Retention(KEEPING, rows, History(engine), transfers.forget, RequestLog(engine))
        await retention.sweep(datetime.now(UTC) + timedelta(days=days))
        engine.dispose()
        return streams.forgotten

    return sweep


@pytest.fixture
def systems():
    return Systems({"source": Ids([Row("a")]), "target": Ids()})


async def test_rows_go_first_and_the_receipt_stays(gateway, systems, swept, tmp_path):
    async with gateway(systems) as opened:
        transfer = await opened.share()
        await swept(opened.transfers, days=1.1)
        assert (await opened.receipt(transfer)).rows_read == 1
        with pytest.raises(Permanent, match="its rows are not kept"):
            await opened.transfers.outcomes(OutcomeQuery(transfer=transfer.id))
    assert not (tmp_path / "transfers" / transfer.id).exists()


async def test_transfers_are_forgotten_after_all_and_the_snapshot_stays(gateway, systems, swept):
    async with gateway(systems) as opened:
        transfer = await opened.share()
        await swept(opened.transfers, days=10.1)
        with pytest.raises(TransferNotFound):
            await opened.transfers.get(transfer.id)
        again = await opened.share()
        assert [count.rows for count in again.outcomes if count.outcome == "unchanged"] == [1]


async def test_what_is_young_or_going_on_stays(gateway, systems, swept):
    async with gateway(systems) as opened:
        transfer = await opened.share()
        await swept(opened.transfers, days=0.9)
        assert len(await opened.transfers.outcomes(OutcomeQuery(transfer=transfer.id))) == 1


async def test_answers_of_requests_are_forgotten(gateway, systems, swept, tmp_path):
    async with gateway(systems) as opened:
        engine = sa.create_engine(f"sqlite:///{tmp_path}/gateway.db")
        log = RequestLog(engine)
        log.keep("r", Kept("Share", "0", b""))
        await swept(opened.transfers, days=1.9)
        assert log.find("r") is not None
        await swept(opened.transfers, days=2.1)
        assert log.find("r") is None
        engine.dispose()


async def test_streams_are_forgotten_that_nobody_went_on_with_and_with_their_transfer(gateway, systems, swept):
    async with gateway(systems) as opened:
        transfer = await opened.share()
        abandoned, gone = sorted(await swept(opened.transfers, days=1.1), key=lambda one: isinstance(one, str))
    assert gone == transfer.id
    assert abandoned < datetime.now(UTC) - timedelta(days=1.8)
