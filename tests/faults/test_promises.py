"""A lost reply is treated as the destination's promise says: sent again, read back, or left in doubt."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import Reason
from audience_gateway.transfers.model import TransferState
from shares import share

MEMBERS = [f"member-{number:02d}" for number in range(20)]
LOST = {
    "cut after the commit": {"cut": "before"},
    "cut in the answer": {"cut": "middle"},
    "no answer after the commit": {"silent": True},
    "cut without effect": {"cut": "before", "commit": False},
}


@pytest.fixture
def core(stub, assembled):
    stub.system.audiences["source"].add(MEMBERS)

    async def of(promise: str, *, finds: bool):
        settings = {"url": stub.url, "promise": promise, "finds": finds}
        return await assembled(stub.url, target={"connector": "stub", "settings": settings})

    return of


@pytest.mark.parametrize("reply", LOST.values(), ids=LOST)
async def test_idempotent_by_key_it_is_sent_again_under_its_key(core, stub, reply):
    stub.tell(**reply)
    shared = await share(await core("idempotent_by_key", finds=False))
    first, second, _ = (call["key"] for call in stub.system.calls if call["call"] == "add")
    assert first == second
    assert (shared.reasons, stub.doubled()) == ({Reason.ADDED: 20}, set())
    assert stub.members() == set(MEMBERS)


@pytest.mark.parametrize("reply", LOST.values(), ids=LOST)
async def test_at_least_once_it_is_read_back_and_only_what_is_missing_is_sent_again(core, stub, reply):
    stub.tell(**reply)
    shared = await share(await core("at_least_once", finds=True))
    assert (shared.reasons, stub.doubled()) == ({Reason.ADDED: 20}, set())
    assert (stub.members(), stub.calls("find")) == (set(MEMBERS), 1)


@pytest.mark.parametrize("reply", LOST.values(), ids=LOST)
async def test_at_least_once_without_reading_back_it_stays_in_doubt_and_is_not_sent_again(core, stub, reply):
    stub.tell(**reply)
    shared = await share(await core("at_least_once", finds=False))
    assert shared.transfer.state is TransferState.SUCCEEDED
    assert shared.reasons == {Reason.IN_DOUBT: 10, Reason.ADDED: 10}
    assert (stub.calls("add"), stub.doubled()) == (2, set())
    assert shared.untrue(MEMBERS, stub.members()) == []


async def test_reading_back_may_fail_in_passing_too(core, stub):
    stub.tell(cut="before")
    stub.tell(on="find", status=503)
    shared = await share(await core("at_least_once", finds=True))
    assert (shared.reasons, stub.doubled()) == ({Reason.ADDED: 20}, set())
    assert stub.calls("find") == 2


async def test_where_reading_back_fails_for_good_the_members_stay_in_doubt(core, stub):
    stub.tell(cut="before")
    stub.tell(on="find", status=404)
    shared = await share(await core("at_least_once", finds=True))
    assert (shared.failure, shared.reasons) == ("PERMANENT", {Reason.IN_DOUBT: 10, Reason.NOT_SENT: 10})
    assert stub.doubled() == set()


async def test_of_a_write_that_took_effect_in_part_the_rest_is_sent(core, stub):
    stub.tell(cut="before", refuse_every=2)
    shared = await share(await core("at_least_once", finds=True))
    assert (shared.reasons, stub.doubled()) == ({Reason.ADDED: 20}, set())
    assert [call["members"] for call in stub.system.calls if call["call"] == "add"] == [10, 5, 10]


async def test_a_lost_removal_is_read_back_too(core, stub):
    target = await core("at_least_once", finds=True)
    await share(target)
    stub.system.audiences["source"].remove(MEMBERS[5:])
    stub.tell(on="remove", cut="before")
    shared = await share(target)
    assert shared.receipt.removals.removed == 15
    assert stub.members() == set(MEMBERS[:5])
