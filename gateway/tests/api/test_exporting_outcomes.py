"""ExportOutcomes over real connections: every row once, wherever it was broken off."""

from __future__ import annotations

import grpc
import grpc.aio
import pyarrow as pa
import pytest
from audience_gateway.sdk import Outcome, Reason
from audience_gateway.server.core import Core
from audience_gateway.transfers.model import TransferState
from audience_gateway.transfers.row_outcome import RowOutcome
from audience_gateway.transfers.service import OUTCOME_ROWS
from audience_gateway.v1 import transfer_pb2
from audience_gateway.v1.transfer_service_pb2 import ExportOutcomesRequest, ExportOutcomesResponse
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub
from loopback import NOON, Transfers, core, refusal, serving, transfer

ROWS = 131_072 + 5
"""More than a message may have."""


@pytest.fixture
def many() -> Core:
    """A core with a transfer of many rows, every tenth of them rejected, and one that runs."""
    kept = core()
    assert isinstance(kept.transfers, Transfers)
    kept.transfers.kept = [transfer("t-1"), transfer("t-2", state=TransferState.SUCCEEDED, ended=NOON)]
    kept.transfers.rows = [
        RowOutcome(row, Outcome.REJECTED, Reason.REFUSED_BY_DESTINATION, "=1+1", "a1", "cards")
        if row % 10 == 0
        else RowOutcome(row, Outcome.DELIVERED, Reason.ADDED)
        for row in range(1, ROWS + 1)
    ]
    return kept


async def exported(channel: grpc.aio.Channel, **changes: object) -> list[ExportOutcomesResponse]:
    request = ExportOutcomesRequest(**{"parent": "transfers/t-2", **changes})
    return [response async for response in TransferServiceStub(channel).ExportOutcomes(request, timeout=60)]


def table(*responses: ExportOutcomesResponse) -> pa.Table:
    return pa.concat_tables(pa.ipc.open_stream(response.arrow).read_all() for response in responses)


async def test_all_rows_come_in_their_order_in_messages_that_any_client_takes(many: Core) -> None:
    async with serving(many) as (_, channel):
        responses = await exported(channel)

    found = table(*responses)
    assert found.schema == OUTCOME_ROWS
    assert found.column("row").to_pylist() == list(range(1, ROWS + 1))
    assert len(responses) > 1
    assert [response.last_row for response in responses] == [table(one).column("row")[-1].as_py() for one in responses]


async def test_texts_come_as_they_are_for_programs_read_them(many: Core) -> None:
    async with serving(many) as (_, channel):
        found = table(*await exported(channel, outcome=transfer_pb2.OUTCOME_REJECTED, reason="refused_by_destination"))

    assert found.num_rows == ROWS // 10
    assert found.slice(0, 1).to_pylist() == [
        {
            "row": 10,
            "outcome": "rejected",
            "reason": "refused_by_destination",
            "detail": "=1+1",
            "id_fingerprint": "a1",
            "data_source": "cards",
        }
    ]


async def test_broken_off_it_goes_on_behind_the_last_row_that_arrived(many: Core) -> None:
    async with serving(many) as (_, channel):
        [first, *_] = await exported(channel)
        rest = await exported(channel, after_row=first.last_row)

    assert table(first, *rest).column("row").to_pylist() == list(range(1, ROWS + 1))


async def test_outcomes_of_a_transfer_that_goes_on_cannot_be_exported(many: Core) -> None:
    async with serving(many) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await exported(channel, parent="transfers/t-1")

    assert refusal(error.value)[:2] == (grpc.StatusCode.FAILED_PRECONDITION, "TRANSFER_NOT_ENDED")


async def rest_of(export: grpc.aio.UnaryStreamCall) -> None:
    while await export.read() is not grpc.aio.EOF:
        pass


async def test_when_the_server_drains_the_export_ends_with_a_hint_to_go_on(many: Core) -> None:
    async with serving(many) as (app, channel):
        export = TransferServiceStub(channel).ExportOutcomes(ExportOutcomesRequest(parent="transfers/t-2"), timeout=60)
        assert isinstance(await export.read(), ExportOutcomesResponse)
        app.draining.set()
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await rest_of(export)

    assert refusal(error.value)[:2] == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
