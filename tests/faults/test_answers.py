"""Whatever a system answers, no row is lost, doubled, or called delivered when it was refused."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import Reason
from audience_gateway.transfers.model import TransferState
from shares import share

MEMBERS = [f"member-{number:02d}" for number in range(20)]
ALWAYS = 99


@pytest.fixture
async def core(stub, assembled):
    stub.system.audiences["source"].add(MEMBERS)
    return await assembled(stub.url, target={"connector": "stub", "settings": {"url": stub.url}})


PASSING = {
    "429 with Retry-After": {"status": 429, "retry_after": "0.1", "commit": False},
    "429 without Retry-After": {"status": 429, "commit": False},
    "a burst of 500": {"status": 500, "commit": False, "times": 2},
    "a burst of 503": {"status": 503, "commit": False, "times": 2},
    "503 behind the commit": {"status": 503},
    "cut without effect": {"cut": "before", "commit": False},
    "cut after the commit": {"cut": "before"},
    "cut in the answer": {"cut": "middle"},
    "no answer after the commit": {"silent": True},
}


@pytest.mark.parametrize("reply", PASSING.values(), ids=PASSING)
async def test_what_passes_is_tried_again_and_delivers_each_member_once(core, stub, reply):
    stub.tell(**reply)
    shared = await share(core)
    assert (shared.transfer.state, shared.reasons) == (TransferState.SUCCEEDED, {Reason.ADDED: 20})
    assert (stub.members(), stub.doubled()) == (set(MEMBERS), set())


REFUSALS = {
    "a 200 with refused rows": ({"refuse_every": 3}, 4),
    "refused rows in another order": ({"refuse_every": 3, "order": "reversed"}, 4),
    "a 422 with an entry a row": ({"status": 422, "entries": True, "refuse_every": 1, "commit": False}, 10),
    "a 422 with entries that refuse some": ({"status": 422, "entries": True, "refuse_every": 4}, 3),
    "entries in another order": ({"entries": True, "refuse_every": 4, "order": "reversed"}, 3),
}


@pytest.mark.parametrize(("reply", "refused"), REFUSALS.values(), ids=REFUSALS)
async def test_refused_rows_are_told_one_by_one_and_no_other_is(core, stub, reply, refused):
    stub.tell(**reply)
    shared = await share(core)
    assert shared.reasons == {Reason.ADDED: 20 - refused, Reason.REFUSED_BY_DESTINATION: refused}
    assert shared.untrue(MEMBERS, stub.members()) == []
    again = await share(core)
    assert again.reasons == {Reason.ALREADY_MEMBER: 20 - refused, Reason.ADDED: refused}
    assert (stub.members(), stub.doubled()) == (set(MEMBERS), set())


LASTING = {
    "429 for ever": ({"status": 429, "retry_after": "0.1", "commit": False}, "RATE_LIMITED", {Reason.NOT_SENT: 20}),
    "503 for ever": (
        {"status": 503, "commit": False},
        "TRANSIENT",
        {Reason.IN_DOUBT: 10, Reason.NOT_SENT: 10},
    ),
    "503 behind each commit": ({"status": 503}, "TRANSIENT", {Reason.IN_DOUBT: 10, Reason.NOT_SENT: 10}),
    "cut for ever": ({"cut": "before"}, "TRANSIENT", {Reason.IN_DOUBT: 10, Reason.NOT_SENT: 10}),
    "a refusal of the whole": ({"status": 404, "commit": False}, "PERMANENT", {Reason.NOT_SENT: 20}),
    "counts that do not add up": ({"miscount": -1}, "PERMANENT", {Reason.IN_DOUBT: 10, Reason.NOT_SENT: 10}),
    "more accepted than sent": ({"miscount": 5}, "PERMANENT", {Reason.IN_DOUBT: 10, Reason.NOT_SENT: 10}),
    "an answer that is none": ({"body": "<html>"}, "PERMANENT", {Reason.IN_DOUBT: 10, Reason.NOT_SENT: 10}),
    "a refusal of somebody else": (
        {"body": '{"accepted": 9, "refused": [{"member": "stranger", "code": "E1"}]}'},
        "PERMANENT",
        {Reason.IN_DOUBT: 10, Reason.NOT_SENT: 10},
    ),
}


@pytest.mark.parametrize(("reply", "failure", "reasons"), LASTING.values(), ids=LASTING)
async def test_what_lasts_fails_the_transfer_whose_account_is_true_and_the_next_one_delivers(
    core, stub, reply, failure, reasons
):
    stub.tell(**reply, times=ALWAYS)
    shared = await share(core)
    assert (shared.transfer.state, shared.failure, shared.reasons) == (TransferState.FAILED, failure, reasons)
    assert shared.untrue(MEMBERS, stub.members()) == []
    stub.system.script.forget()
    again = await share(core)
    assert again.reasons == {Reason.ADDED: 20}
    assert stub.members() == set(MEMBERS)


async def test_a_chunk_that_was_delivered_before_the_failure_stays_delivered(core, stub):
    stub.tell(on="add")
    stub.tell(status=404, commit=False, times=ALWAYS)
    shared = await share(core)
    assert shared.reasons == {Reason.ADDED: 10, Reason.NOT_SENT: 10}
    assert shared.untrue(MEMBERS, stub.members()) == []
