"""A wire that breaks under a transfer does it no harm, or fails it in bounded time; the next transfer heals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from audience_gateway.sdk import Reason
from audience_gateway.server.core import Core
from audience_gateway.transfers.model import TransferState
from audience_gateway_sandbox.sandbox import Sandbox
from shares import Shared, share
from tcp_proxy import Fault, TcpProxy, Then

BOUND_SECONDS = 60
FAULTS = [
    pytest.param(Fault(then=Then.CUT), id="cut"),
    pytest.param(Fault(then=Then.CUT, answer_bytes=40), id="truncated"),
    pytest.param(Fault(then=Then.RESET), id="reset"),
    pytest.param(Fault(then=Then.STALL), id="half-open"),
    pytest.param(Fault(then=Then.STALL, request_arrives=False), id="half-open before the request"),
    pytest.param(Fault(then=Then.CUT, request_arrives=False), id="cut before the request"),
]
LASTING, SEVERAL = 99, 20
EVERY = 7
AGAIN_AND_AGAIN = [pytest.param(*fault.values, spared, id=fault.id) for spared, fault in enumerate(FAULTS)]
MEMBERS = 20


@dataclass
class Wired:
    """A gateway with a proxy in front of its destination.

    Attributes:
        core: the gateway.
        proxy: the proxy.
        data_source: data source of the shares.
        source: the members of the source, in order.
        held: which of them the destination itself says it holds.
    """

    core: Core
    proxy: TcpProxy
    data_source: str
    source: list[str]
    held: Callable[[], set[str]]

    async def share(self) -> Shared:
        async with asyncio.timeout(BOUND_SECONDS):
            return await share(self.core, self.data_source)


@pytest.fixture
async def wired_stub(stub, proxied, assembled) -> Wired:
    members = [f"member-{number:02d}" for number in range(MEMBERS)]
    stub.system.audiences["source"].add(members)
    proxy = await proxied(stub.port)
    core = await assembled(stub.url, target={"connector": "stub", "settings": {"url": proxy.url}})
    return Wired(core, proxy, "any", members, stub.members)


@pytest.fixture
async def wired_campaign(stub, proxied, assembled, monkeypatch):
    async with Sandbox.started(recipients=200) as sandbox:
        ready = sandbox.ready["campaign"]
        monkeypatch.setenv("CAMPAIGN_PASSWORD", ready["password"])
        proxy = await proxied(int(ready["url"].rpartition(":")[2]))
        sql = sandbox.instance.campaign.database.execute
        unambiguous = "SELECT email FROM recipient WHERE email != '' AND NOT blackList GROUP BY lower(email)"
        query = f"{unambiguous} HAVING count(*) = 1 ORDER BY min(id) LIMIT {MEMBERS}"
        emails = [email for (email,) in sql(query).fetchall()]
        stub.system.audiences["source"].add(emails)

        def held() -> set[str]:
            rows = sql("SELECT email FROM membership JOIN recipient ON recipient.id = recipient_id").fetchall()
            assert len(rows) == len(set(rows))
            return {email for (email,) in rows}

        settings = {"url": proxy.url, "user": ready["user"], "password": "env:CAMPAIGN_PASSWORD"}
        campaign = {"connector": "campaign", "settings": settings | {"timeout_seconds": 1.5}}
        core = await assembled(stub.url, target=campaign)
        yield Wired(core, proxy, "email", emails, held)


@pytest.fixture(params=["stub", "campaign"])
def wired(request: pytest.FixtureRequest) -> Wired:
    return request.getfixturevalue(f"wired_{request.param}")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("spared", [0, 1])
async def test_a_transfer_outlives_a_write_that_breaks(wired_stub, stub, fault, spared):
    wired_stub.proxy.arm(fault, spared=spared)
    shared = await wired_stub.share()
    assert (shared.transfer.state, shared.reasons) == (TransferState.SUCCEEDED, {Reason.ADDED: MEMBERS})
    assert (stub.members(), stub.doubled(), wired_stub.proxy.armed) == (set(wired_stub.source), set(), 0)


@pytest.mark.parametrize(("fault", "spared"), AGAIN_AND_AGAIN)
async def test_a_transfer_to_campaign_outlives_a_wire_that_breaks_again_and_again(wired_campaign, fault, spared):
    wired_campaign.proxy.arm(fault, spared=spared)
    for _ in range(SEVERAL):
        wired_campaign.proxy.arm(fault, spared=EVERY - 1)
    shared = await wired_campaign.share()
    assert (shared.transfer.state, shared.reasons) == (TransferState.SUCCEEDED, {Reason.ADDED: MEMBERS})
    assert wired_campaign.held() == set(wired_campaign.source)
    assert wired_campaign.proxy.requests > EVERY  # so that more than one of them happened


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_wire_that_stays_broken_fails_the_transfer_and_the_next_one_delivers(wired, fault):
    wired.proxy.arm(fault, LASTING)
    shared = await wired.share()
    assert (shared.transfer.state, shared.failure) == (TransferState.FAILED, "TRANSIENT")
    assert shared.untrue(wired.source[: len(shared.rows)], wired.held()) == []
    wired.proxy.disarm()
    assert (await wired.share()).reasons == {Reason.ADDED: MEMBERS}
    assert wired.held() == set(wired.source)
