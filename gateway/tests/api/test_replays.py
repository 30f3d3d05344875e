import asyncio
from collections.abc import Awaitable, Callable

import grpc
import pytest
import sqlalchemy as sa
from audience_gateway.api.replays import Replays
from audience_gateway.sdk import Transient
from audience_gateway.storage.database import connect
from audience_gateway.storage.requests import RequestLog
from audience_gateway.transfers.service import RequestIdReused
from audience_gateway.v1 import audience_service_pb2, transfer_pb2
from audience_gateway.v1.audience_service_pb2_grpc import AudienceServiceStub
from loopback import core, refusal, serving

ID = "1c9c5f0e-6ea9-4a4e-a1a3-3f3f6d1f2b7a"
SHARE = audience_service_pb2.ShareAudienceRequest(
    source="connections/corner/audiences/list-0",
    destination="connections/corner/audiences/list-1",
    data_source="dataSources/cards",
    request_id=ID,
)
Answer = audience_service_pb2.ShareAudienceResponse


class Sharing:
    """Starts a transfer of another name each time."""

    def __init__(self) -> None:
        self.calls = 0

    async def __call__(self) -> Answer:
        self.calls += 1
        return Answer(transfer=transfer_pb2.Transfer(name=f"transfers/t-{self.calls}"))


@pytest.fixture
def replays(database: sa.Engine) -> Replays:
    return Replays(RequestLog(database))


def asked(request_id: str = ID, source: str = "connections/people/audiences/gold") -> Callable[..., Awaitable[Answer]]:
    request = audience_service_pb2.ShareAudienceRequest(source=source, request_id=request_id)

    async def ask(replays: Replays, respond: Callable[[], Awaitable[Answer]], method: str = "ShareAudience") -> Answer:
        return await replays.once(method, request, Answer, respond)

    return ask


async def test_the_same_request_gets_the_first_answer(replays: Replays) -> None:
    sharing = Sharing()

    first = await asked()(replays, sharing)
    again = await asked()(replays, sharing)

    assert again.SerializeToString() == first.SerializeToString()
    assert sharing.calls == 1


async def test_the_first_answer_outlives_a_restart(replays: Replays, database: sa.Engine) -> None:
    sharing = Sharing()
    first = await asked()(replays, sharing)
    database.dispose()

    restarted = connect(database.url.render_as_string(hide_password=False))
    again = await asked()(Replays(RequestLog(restarted)), sharing)
    restarted.dispose()

    assert again == first
    assert sharing.calls == 1


async def test_another_payload_under_the_same_id_is_refused(replays: Replays) -> None:
    sharing = Sharing()
    await asked()(replays, sharing)

    with pytest.raises(RequestIdReused):
        await asked(source="connections/people/audiences/silver")(replays, sharing)
    assert sharing.calls == 1


async def test_another_method_under_the_same_id_is_refused(replays: Replays) -> None:
    sharing = Sharing()
    await asked()(replays, sharing)

    with pytest.raises(RequestIdReused):
        await asked()(replays, sharing, "CancelTransfer")


async def test_a_request_without_an_id_is_answered_anew(replays: Replays) -> None:
    sharing = Sharing()

    await asked("")(replays, sharing)
    await asked("")(replays, sharing)

    assert sharing.calls == 2


async def test_requests_of_other_ids_are_others(replays: Replays) -> None:
    sharing = Sharing()

    await asked()(replays, sharing)
    await asked(ID.replace("1c9c", "2c9c"))(replays, sharing)

    assert sharing.calls == 2


async def test_an_error_is_not_kept(replays: Replays) -> None:
    async def fail() -> Answer:
        raise Transient("the database is away")

    with pytest.raises(Transient):
        await asked()(replays, fail)

    assert (await asked()(replays, Sharing())).transfer.name == "transfers/t-1"


async def test_twins_at_the_same_time_get_the_same_answer(replays: Replays) -> None:
    sharing = Sharing()
    both_ask = asyncio.Barrier(2)

    async def respond() -> Answer:
        await both_ask.wait()
        return await sharing()

    first, second = await asyncio.gather(asked()(replays, respond), asked()(replays, respond))

    assert sharing.calls == 2
    assert first == second


async def test_a_share_that_is_asked_for_twice_is_started_once() -> None:
    gateway = core()
    async with serving(gateway) as (_, channel):
        audiences = AudienceServiceStub(channel)
        first = await audiences.ShareAudience(SHARE)
        again = await audiences.ShareAudience(SHARE)

    assert again == first
    assert len(gateway.transfers.started) == 1


async def test_another_share_under_the_same_id_is_refused_with_a_reason() -> None:
    other = audience_service_pb2.ShareAudienceRequest()
    other.CopyFrom(SHARE)
    other.destination = "connections/corner/audiences/list-2"
    async with serving(core()) as (_, channel):
        audiences = AudienceServiceStub(channel)
        await audiences.ShareAudience(SHARE)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await audiences.ShareAudience(other)

    code, reason, _ = refusal(refused.value)
    assert (code, reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
