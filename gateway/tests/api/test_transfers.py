from __future__ import annotations

import grpc
import pytest
from audience_gateway.sdk import Outcome, Reason
from audience_gateway.server.core import Core
from audience_gateway.transfers.model import Failure, OutcomeCount, TransferState
from audience_gateway.transfers.row_outcome import RowOutcome
from audience_gateway.v1 import transfer_pb2
from audience_gateway.v1.identity_pb2 import CANDIDATE_POLICY_LATEST
from audience_gateway.v1.transfer_service_pb2 import (
    GetReceiptRequest,
    GetTransferRequest,
    ListOutcomesRequest,
    ListTransfersRequest,
    WatchTransferRequest,
)
from audience_gateway.v1.transfer_service_pb2_grpc import TransferServiceStub
from google.rpc import error_details_pb2
from loopback import NOON, Transfers, core, detail, refusal, serving, transfer


@pytest.fixture
def some() -> Core:
    """A core with a transfer that runs, one that ended and one that failed."""
    kept = core()
    assert isinstance(kept.transfers, Transfers)
    kept.transfers.kept = [
        transfer("t-3"),
        transfer("t-2", state=TransferState.SUCCEEDED, ended=NOON),
        transfer("t-1", state=TransferState.FAILED, failure=Failure("TRANSIENT", "down", "Again."), ended=NOON),
    ]
    kept.transfers.rows = [
        RowOutcome(1, Outcome.DELIVERED, Reason.ADDED, id_fingerprint="a1"),
        RowOutcome(2, Outcome.REJECTED, Reason.INVALID_ID, id_fingerprint="b2"),
        RowOutcome(3, Outcome.REJECTED, Reason.REFUSED_BY_DESTINATION, "code 7"),
    ]
    return kept


async def test_a_transfer_says_what_it_shares_and_where_it_is(some: Core) -> None:
    async with serving(some) as (_, channel):
        answer = await TransferServiceStub(channel).GetTransfer(GetTransferRequest(name="transfers/t-3"))

    found = answer.transfer
    assert (found.name, found.source) == ("transfers/t-3", "connections/corner/audiences/list-0")
    assert (found.data_source, found.candidate_policy) == ("dataSources/cards", CANDIDATE_POLICY_LATEST)
    assert (found.state, found.stage) == (transfer_pb2.TRANSFER_STATE_RUNNING, transfer_pb2.STAGE_EXTRACT)
    assert not found.HasField("failure")
    assert not found.HasField("end_time")


async def test_a_failed_transfer_says_why(some: Core) -> None:
    async with serving(some) as (_, channel):
        answer = await TransferServiceStub(channel).GetTransfer(GetTransferRequest(name="transfers/t-1"))

    assert answer.transfer.failure == transfer_pb2.Failure(reason="TRANSIENT", message="down", remedy="Again.")


async def test_transfers_come_page_by_page(some: Core) -> None:
    async with serving(some) as (_, channel):
        transfers = TransferServiceStub(channel)
        first = await transfers.ListTransfers(ListTransfersRequest(page_size=2))
        second = await transfers.ListTransfers(ListTransfersRequest(page_size=2, page_token=first.next_page_token))

    assert [one.name for one in first.transfers] == ["transfers/t-3", "transfers/t-2"]
    assert [one.name for one in second.transfers] == ["transfers/t-1"]
    assert second.next_page_token == ""


async def test_watching_shows_progress_and_ends_with_the_transfer(some: Core) -> None:
    async with serving(some) as (_, channel):
        watch = TransferServiceStub(channel).WatchTransfer(WatchTransferRequest(name="transfers/t-3"))
        states = [answer.transfer async for answer in watch]

    assert [(one.rows_done, one.rows_total) for one in states[0].progress] == [(1, 2)]
    assert states[-1].state == transfer_pb2.TRANSFER_STATE_SUCCEEDED
    assert len(states) == 2


async def test_outcomes_come_page_by_page(some: Core) -> None:
    async with serving(some) as (_, channel):
        transfers = TransferServiceStub(channel)
        asked = ListOutcomesRequest(parent="transfers/t-2", page_size=2)
        first = await transfers.ListOutcomes(asked)
        asked.page_token = first.next_page_token
        second = await transfers.ListOutcomes(asked)

    assert [(one.row, one.id_fingerprint) for one in first.outcomes] == [(1, "a1"), (2, "b2")]
    assert [(one.row, one.reason, one.detail) for one in second.outcomes] == [(3, "refused_by_destination", "code 7")]
    assert second.next_page_token == ""


async def test_outcomes_can_be_asked_for_by_outcome_and_reason(some: Core) -> None:
    async with serving(some) as (_, channel):
        answer = await TransferServiceStub(channel).ListOutcomes(
            ListOutcomesRequest(parent="transfers/t-2", outcome=transfer_pb2.OUTCOME_REJECTED, reason=Reason.INVALID_ID)
        )

    assert [one.row for one in answer.outcomes] == [2]


async def test_a_reason_that_there_is_not_is_answered_with_those_that_there_are(some: Core) -> None:
    async with serving(some) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await TransferServiceStub(channel).ListOutcomes(
                ListOutcomesRequest(parent="transfers/t-2", reason="no_such_reason")
            )

    assert refusal(caught.value)[:2] == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")
    (violation,) = detail(caught.value, error_details_pb2.BadRequest()).field_violations
    assert violation.field == "reason"
    assert "unknown_id" in violation.description


async def test_a_receipt_has_the_counts_and_the_text_that_is_kept(some: Core) -> None:
    async with serving(some) as (_, channel):
        answer = await TransferServiceStub(channel).GetReceipt(GetReceiptRequest(name="transfers/t-2"))

    receipt = answer.receipt
    assert (receipt.transfer, receipt.rows_read, receipt.canonical_json) == ("transfers/t-2", 2, "{}")
    assert receipt.outcomes == [
        transfer_pb2.OutcomeCount(outcome=transfer_pb2.OUTCOME_DELIVERED, rows=2, reasons={"added": 2})
    ]
    assert receipt.removals.leavers == 1


async def test_a_transfer_that_has_not_ended_has_no_receipt_yet(some: Core) -> None:
    async with serving(some) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await TransferServiceStub(channel).GetReceipt(GetReceiptRequest(name="transfers/t-3"))

    assert refusal(caught.value)[:2] == (grpc.StatusCode.FAILED_PRECONDITION, "TRANSFER_NOT_ENDED")


async def test_every_outcome_of_the_core_has_its_place_in_the_api(some: Core) -> None:
    counts = tuple(OutcomeCount(outcome, number) for number, outcome in enumerate(Outcome))
    assert isinstance(some.transfers, Transfers)
    some.transfers.kept = [transfer("t-9", state=TransferState.SUCCEEDED, outcomes=counts)]
    async with serving(some) as (_, channel):
        answer = await TransferServiceStub(channel).GetTransfer(GetTransferRequest(name="transfers/t-9"))

    names = [transfer_pb2.Outcome.Name(count.outcome) for count in answer.transfer.outcomes]
    assert names == [f"OUTCOME_{outcome.name}" for outcome in Outcome]
