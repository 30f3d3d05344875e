from __future__ import annotations

from datetime import timedelta

import grpc.aio
import pytest
from audience_gateway.sdk import Arrival, ArrivalStage
from audience_gateway.transfers.arrivals import ArrivalState, StageArrival
from audience_gateway.transfers.model import TransferState
from audience_gateway.v1 import connector_pb2, transfer_pb2
from audience_gateway.v1.connector_service_pb2 import GetConnectorRequest
from audience_gateway.v1.connector_service_pb2_grpc import ConnectorServiceStub
from audience_gateway.v1.transfer_service_pb2 import GetTransferRequest, ListTransfersRequest
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub
from google.protobuf.timestamp_pb2 import Timestamp
from loopback import NOON, Shop, core, serving, transfer

ARRIVALS = (
    StageArrival(stage="delivered", meaning="It is there.", state=ArrivalState.REACHED, reached=NOON),
    StageArrival(
        stage="ingested",
        meaning="It was read.",
        state=ArrivalState.OVERDUE,
        due=NOON + timedelta(hours=24),
        counts={"stored_records": 7},
        message="not found out: it is away",
        remedy="Wait.",
    ),
)


def at(hours: int) -> Timestamp:
    return Timestamp(seconds=int((NOON + timedelta(hours=hours)).timestamp()))


def expected() -> list[transfer_pb2.Arrival]:
    return [
        transfer_pb2.Arrival(
            stage="delivered", meaning="It is there.", state="ARRIVAL_STATE_REACHED", reached_time=at(0)
        ),
        transfer_pb2.Arrival(
            stage="ingested",
            meaning="It was read.",
            state="ARRIVAL_STATE_OVERDUE",
            due_time=at(24),
            counts={"stored_records": 7},
            message="not found out: it is away",
            remedy="Wait.",
        ),
    ]


@pytest.fixture
def arriving():
    kept = core()
    kept.transfers.kept = [transfer("t-1", state=TransferState.SUCCEEDED, ended=NOON, arrivals=ARRIVALS)]
    return kept


async def test_a_transfer_says_how_it_arrives(arriving) -> None:
    async with serving(arriving) as (_, channel):
        answer = await TransferServiceStub(channel).GetTransfer(GetTransferRequest(name="transfers/t-1"))

    assert list(answer.transfer.arrivals) == expected()


async def test_a_list_of_transfers_says_how_they_arrive(arriving) -> None:
    async with serving(arriving) as (_, channel):
        answer = await TransferServiceStub(channel).ListTransfers(ListTransfersRequest())

    assert [list(one.arrivals) for one in answer.transfers] == [expected()]


async def test_a_connector_that_can_say_how_deliveries_arrive_has_the_capability() -> None:
    class Slow(Shop):
        def arrival_stages(self, audience, source):
            return [ArrivalStage(name="visible", meaning="It is used.", within=timedelta(hours=1))]

        async def poll_arrivals(self, request):
            return [Arrival(stage="visible", reached=NOON)]

    async with serving(core(connector=Slow)) as (_, channel):
        answer = await _connector(channel)

    assert connector_pb2.CAPABILITY_POLL_ARRIVALS in answer.capabilities


async def _connector(channel: grpc.aio.Channel) -> connector_pb2.Connector:
    return (await ConnectorServiceStub(channel).GetConnector(GetConnectorRequest(name="connectors/shop"))).connector
