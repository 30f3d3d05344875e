"""Removals that go wrong are accounted for like additions, and made by the next transfer."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import Reason
from audience_gateway.transfers.model import RemovalCount, TransferState
from shares import share

MEMBERS = [f"member-{number:02d}" for number in range(20)]
STAYERS, LEAVERS = MEMBERS[:5], MEMBERS[5:]
ALWAYS = 99


@pytest.fixture
async def core(stub, assembled):
    """A gateway that has delivered all members, of whom most have left the source since."""
    stub.system.audiences["source"].add(MEMBERS)
    core = await assembled(stub.url, target={"connector": "stub", "settings": {"url": stub.url}})
    await share(core)
    stub.system.audiences["source"].remove(LEAVERS)
    return core


PASSING = {
    "429": {"status": 429, "retry_after": "0.1", "commit": False},
    "503": {"status": 503, "commit": False},
    "cut after the commit": {"cut": "before"},
    "cut in the answer": {"cut": "middle"},
    "cut without effect": {"cut": "before", "commit": False},
}


@pytest.mark.parametrize("reply", PASSING.values(), ids=PASSING)
async def test_what_passes_is_tried_again_and_removes_each_leaver(core, stub, reply):
    stub.tell(on="remove", **reply)
    shared = await share(core)
    assert shared.reasons == {Reason.ALREADY_MEMBER: 5}
    assert shared.receipt.removals == RemovalCount(leavers=15, removed=15)
    assert stub.members() == set(STAYERS)


async def test_a_refused_removal_is_told_and_tried_by_the_next_transfer(core, stub):
    stub.tell(on="remove", refuse_every=5)
    shared = await share(core)
    assert shared.receipt.removals == RemovalCount(leavers=15, removed=13, refused=2)
    assert len(stub.members()) == 5 + 2
    again = await share(core)
    assert again.receipt.removals == RemovalCount(leavers=2, removed=2)
    assert stub.members() == set(STAYERS)


LASTING = {
    "503 for ever": ({"status": 503, "commit": False}, RemovalCount(leavers=15, in_doubt=10, withheld=5)),
    "503 behind each commit": ({"status": 503}, RemovalCount(leavers=15, in_doubt=10, withheld=5)),
    "429 for ever": ({"status": 429, "retry_after": "0.1", "commit": False}, RemovalCount(leavers=15, withheld=15)),
    "counts that do not add up": ({"miscount": 1}, RemovalCount(leavers=15, in_doubt=10, withheld=5)),
}


@pytest.mark.parametrize(("reply", "removals"), LASTING.values(), ids=LASTING)
async def test_what_lasts_fails_the_transfer_and_the_next_one_removes(core, stub, reply, removals):
    stub.tell(on="remove", **reply, times=ALWAYS)
    shared = await share(core)
    assert (shared.transfer.state, shared.receipt.removals) == (TransferState.FAILED, removals)
    assert shared.untrue(STAYERS, stub.members()) == []
    stub.system.script.forget()
    await share(core)
    assert stub.members() == set(STAYERS)
