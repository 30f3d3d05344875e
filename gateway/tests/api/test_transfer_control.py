"""Transfers are cancelled, paused, resumed and tried again through the API."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

import grpc
import pytest
from audience_gateway.sdk import Reason
from audience_gateway.transfers.holds import Finding, Hold
from audience_gateway.transfers.model import TransferMode, TransferState
from audience_gateway.transfers.service import WrongState
from audience_gateway.transfers.undo import NotUndoable
from audience_gateway.v1 import transfer_pb2, transfer_service_pb2
from audience_gateway.v1.audience_service_pb2 import ShareAudienceRequest
from audience_gateway.v1.audience_service_pb2_grpc import AudienceServiceStub
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub
from loopback import NOON, core, refusal, serving, transfer

REQUEST_ID = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
async def served():
    """A gateway with a transfer that is going on."""
    fake = core()
    fake.transfers.kept = [transfer("t-1"), transfer("t-2")]
    async with serving(fake) as (_, channel):
        yield fake.transfers, TransferServiceStub(channel)


@pytest.mark.parametrize("verb", ["Cancel", "Pause", "Resume"])
async def test_a_change_answers_the_transfer_as_it_is_then(served, verb):
    _, stub = served
    request = getattr(transfer_service_pb2, f"{verb}TransferRequest")(name="transfers/t-1")
    answer = (await getattr(stub, f"{verb}Transfer")(request)).transfer
    expected = {
        "Cancel": (transfer_pb2.TRANSFER_STATE_RUNNING, True),
        "Pause": (transfer_pb2.TRANSFER_STATE_PAUSED, False),
        "Resume": (transfer_pb2.TRANSFER_STATE_RUNNING, False),
    }
    assert (answer.state, answer.cancel_requested) == expected[verb]


async def test_a_change_that_the_state_does_not_allow_is_refused_with_its_own_reason(served):
    transfers, stub = served
    transfers.raises = WrongState("t-1", TransferState.SUCCEEDED)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.PauseTransfer(transfer_service_pb2.PauseTransferRequest(name="transfers/t-1"))
    code, reason, _ = refusal(caught.value)
    assert (code, reason) == (grpc.StatusCode.FAILED_PRECONDITION, "TRANSFER_STATE")
    assert caught.value.details() == "transfers/t-1 is succeeded"


HOLD = Hold(
    findings=(Finding(Reason.EMPTY_SOURCE, "the source has no member"),),
    snapshot_version=1,
    began=NOON,
    expires=NOON + timedelta(days=7),
)


async def test_a_release_answers_the_transfer_going_on_with_what_was_found_and_why_it_was_released(served):
    transfers, stub = served
    transfers.kept = [replace(transfer("t-1", state=TransferState.WITHHELD), holds=(HOLD,))]
    request = transfer_service_pb2.ReleaseTransferRequest(
        name="transfers/t-1", reason=" as planned ", request_id=REQUEST_ID
    )
    answer = (await stub.ReleaseTransfer(request)).transfer
    again = (await stub.ReleaseTransfer(request)).transfer
    [hold] = answer.holds
    assert (answer.state, again) == (transfer_pb2.TRANSFER_STATE_RUNNING, answer)
    assert [(one.reason, one.message) for one in hold.findings] == [("empty_source", "the source has no member")]
    assert (hold.release_reason, hold.release_time.ToDatetime(UTC)) == ("as planned", NOON)
    assert hold.expire_time.ToDatetime(UTC) == NOON + timedelta(days=7)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
async def test_a_release_without_a_reason_is_refused(served, reason):
    _, stub = served
    request = transfer_service_pb2.ReleaseTransferRequest(name="transfers/t-1", reason=reason)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.ReleaseTransfer(request)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_retry_answers_the_new_transfer_and_names_the_old_one_as_its_source(served):
    transfers, stub = served
    request = transfer_service_pb2.RetryTransferRequest(name="transfers/t-2", request_id=REQUEST_ID)
    answer = (await stub.RetryTransfer(request)).transfer
    [started] = transfers.started
    assert (answer.name, str(started.source), started.request_id) == ("transfers/t-1", "transfers/t-2", REQUEST_ID)


async def test_an_undo_answers_the_new_transfer_and_names_the_old_one_as_its_source(served):
    transfers, stub = served
    request = transfer_service_pb2.UndoTransferRequest(name="transfers/t-2", request_id=REQUEST_ID)
    answer = (await stub.UndoTransfer(request)).transfer
    again = (await stub.UndoTransfer(request)).transfer
    [started] = transfers.started
    assert (answer.name, str(started.source), started.request_id) == ("transfers/t-1", "transfers/t-2", REQUEST_ID)
    assert (started.mode, again) == (TransferMode.UNDO, answer)


async def test_an_undo_that_cannot_be_is_refused_with_its_reason_and_remedy(served):
    transfers, stub = served
    transfers.raises = NotUndoable("t-9 has changed it since", place="transfers/t-1", remedy="Undo that one first.")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.UndoTransfer(transfer_service_pb2.UndoTransferRequest(name="transfers/t-1"))
    code, reason, info = refusal(caught.value)
    assert (code, reason) == (grpc.StatusCode.FAILED_PRECONDITION, "TRANSFER_STATE")
    assert (caught.value.details(), info.metadata["remedy"]) == (
        "transfers/t-1: t-9 has changed it since",
        "Undo that one first.",
    )


async def test_no_share_can_ask_to_undo():
    fake = core()
    async with serving(fake) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await AudienceServiceStub(channel).ShareAudience(
                ShareAudienceRequest(
                    source="connections/corner/audiences/list-0",
                    destination="connections/corner/audiences/list-1",
                    data_source="dataSources/cards",
                    mode=transfer_pb2.TRANSFER_MODE_UNDO,
                )
            )
    assert refusal(caught.value)[:2] == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")


async def test_the_same_request_again_gets_the_first_answer_whatever_has_happened_since(served):
    transfers, stub = served
    request = transfer_service_pb2.PauseTransferRequest(name="transfers/t-1", request_id=REQUEST_ID)
    first = await stub.PauseTransfer(request)
    transfers.raises = WrongState("t-1", TransferState.SUCCEEDED)
    again = await stub.PauseTransfer(request)
    assert first.SerializeToString(deterministic=True) == again.SerializeToString(deterministic=True)


async def test_the_same_request_id_with_another_payload_or_for_another_call_is_refused(served):
    _, stub = served
    await stub.PauseTransfer(transfer_service_pb2.PauseTransferRequest(name="transfers/t-1", request_id=REQUEST_ID))
    others = (
        (stub.PauseTransfer, transfer_service_pb2.PauseTransferRequest(name="transfers/t-2", request_id=REQUEST_ID)),
        (stub.CancelTransfer, transfer_service_pb2.CancelTransferRequest(name="transfers/t-1", request_id=REQUEST_ID)),
    )
    for call, request in others:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(request)
        assert refusal(caught.value)[1] == "REQUEST_ID_REUSED"
