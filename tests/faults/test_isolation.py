"""What one connection does to the calls that it gets concerns no other one."""

from __future__ import annotations

import asyncio

import pytest
from audience_gateway.sdk import Reason
from audience_gateway.transfers.model import AudienceRef, ShareRequest, Stage, TransferState
from shares import share

MEMBERS = [f"member-{number:02d}" for number in range(20)]
NEVER_SECONDS = 600


@pytest.fixture
def target(stub):
    stub.system.audiences["source"].add(MEMBERS)

    def connection(**limits: object) -> dict[str, object]:
        return {"connector": "stub", "settings": {"url": stub.url}, "limits": limits}

    return connection


def to(connection: str, audience: str) -> ShareRequest:
    return ShareRequest(
        source=AudienceRef("source", "source"), destination=AudienceRef(connection, audience), data_source="any"
    )


async def test_transfers_to_a_dead_destination_slow_none_to_another(stub, target, assembled):
    core = await assembled(stub.url, seconds=NEVER_SECONDS, dead=target(), target=target())
    stub.tell(silent=True, times=8)
    stuck = [await core.transfers.start(to("dead", f"dead-{number}")) for number in range(8)]
    while stub.calls("add") < 4:  # noqa: ASYNC110  # as many as the dead connection's limits let through
        await asyncio.sleep(0.01)
    stub.system.script.forget()
    shared = await share(core)
    assert shared.reasons == {Reason.ADDED: 20}
    states = [(await core.transfers.get(transfer.id)).state for transfer in stuck]
    assert not any(state.ended for state in states)


async def test_transfers_to_one_connection_call_it_no_more_often_at_a_time_than_it_allows(stub, target, assembled):
    core = await assembled(stub.url, target=target(concurrency=1, transfers=4))
    stub.tell(seconds=0.1, times=8)
    shares = [share(core, destination=AudienceRef("target", f"list-{number}")) for number in range(4)]
    for shared in await asyncio.gather(*shares):
        assert shared.reasons == {Reason.ADDED: 20}
    assert (stub.calls("add"), stub.system.most_at_once) == (8, 1)


async def test_without_such_a_limit_they_run_side_by_side(stub, target, assembled):
    core = await assembled(stub.url, target=target())
    stub.tell(seconds=0.5, times=8)
    shares = [share(core, destination=AudienceRef("target", f"list-{number}")) for number in range(4)]
    await asyncio.gather(*shares)
    assert stub.system.most_at_once > 1


async def test_when_one_transfer_is_told_to_slow_down_none_to_that_connection_loses_a_row(stub, target, assembled):
    core = await assembled(stub.url, target=target())
    # One transfer may get all of them, and its patience is a second.
    stub.tell(status=429, retry_after="0.1", commit=False, times=4)
    shares = [share(core, destination=AudienceRef("target", f"list-{number}")) for number in range(4)]
    for shared in await asyncio.gather(*shares):
        assert (shared.transfer.state, shared.reasons) == (TransferState.SUCCEEDED, {Reason.ADDED: 20})


async def test_a_transfer_that_waits_for_a_long_pause_can_be_cancelled(stub, target, assembled):
    core = await assembled(stub.url, target=target())
    stub.tell(status=429, retry_after="600", commit=False)
    first = await core.transfers.start(to("target", "first"))
    while not stub.calls("add"):  # noqa: ASYNC110  # the stub tells no event
        await asyncio.sleep(0.01)
    second = await core.transfers.start(to("target", "second"))
    async for state in core.transfers.watch(second.id):
        if state.stage is Stage.DELIVER:
            break
    for transfer in (first, second):
        await core.transfers.cancel(transfer.id)
        ended = [state async for state in core.transfers.watch(transfer.id)][-1]
        assert ended.state is TransferState.CANCELLED
        counts = (await core.transfers.receipt(transfer.id)).outcomes
        assert {reason: rows for count in counts for reason, rows in count.reasons.items()} == {Reason.CANCELLED: 20}
    assert stub.calls("add") == 1
