import json

import pytest
from audience_gateway.v1 import transfer_pb2, transfer_service_pb2
from google.protobuf.timestamp_pb2 import Timestamp

TRANSFER = transfer_pb2.Transfer(
    name="transfers/t-1",
    source="connections/people/audiences/gold",
    destination="connections/campaign/audiences/gold",
    data_source="dataSources/visitor-id",
    state="TRANSFER_STATE_FAILED",
    stage="STAGE_DELIVER",
    progress=[
        transfer_pb2.StageProgress(stage="STAGE_EXTRACT", rows_done=2000, rows_total=2000),
        transfer_pb2.StageProgress(
            stage="STAGE_DELIVER",
            rows_done=1500,
            rows_per_second=75.4,
            estimated_end_time=Timestamp(seconds=1_767_225_660),
        ),
    ],
    failure=transfer_pb2.Failure(reason="TRANSIENT", message="Campaign is down.", remedy="Try again."),
    create_time=Timestamp(seconds=1_767_225_600),
)


def rows(first, last):
    return [
        transfer_pb2.RowOutcome(row=row, outcome="OUTCOME_REJECTED", reason="invalid_id", id_fingerprint="0a1b2c")
        for row in range(first, last + 1)
    ]


@pytest.fixture
def outcomes(gateway):
    """A gateway with 25 rows, 10 a page."""

    def page(request):
        start = int(request.page_token or 1)
        size = min(request.page_size, 10)
        more = start + size <= 25
        return transfer_service_pb2.ListOutcomesResponse(
            outcomes=rows(start, min(start + size - 1, 25)), next_page_token=str(start + size) if more else ""
        )

    gateway.answers["ListOutcomes"] = page
    return gateway


def test_the_newest_transfers_are_listed(gateway, run):
    gateway.answers["ListTransfers"] = transfer_service_pb2.ListTransfersResponse(transfers=[TRANSFER])
    line = run("transfers", "list").stdout.splitlines()[-1]
    assert line.split() == ["t-1", "people/gold", "campaign/gold", "visitor-id", "failed", "2026-01-01", "00:00:00"]


def test_only_as_many_transfers_as_wanted_are_listed(gateway, run):
    answer = transfer_service_pb2.ListTransfersResponse(transfers=[TRANSFER] * 3, next_page_token="more")
    gateway.answers["ListTransfers"] = answer
    assert len(json.loads(run("transfers", "list", "--limit", "2", "--json").stdout)) == 2
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("name", ["t-1", "transfers/t-1"])
def test_a_transfer_is_shown_with_failure_and_stages(gateway, run, name):
    gateway.answers["GetTransfer"] = transfer_service_pb2.GetTransferResponse(transfer=TRANSFER)
    lines = [line.split() for line in run("transfers", "show", name).stdout.splitlines()]
    assert ["state", "failed"] in lines
    assert ["failure", "TRANSIENT", "Campaign", "is", "down.", "Try", "again."] in lines
    assert ["extract", "2,000", "2,000", "0"] in lines
    assert ["deliver", "1,500", "75", "2026-01-01", "00:01:00"] in lines
    assert gateway.requests[0].name == "transfers/t-1"


def test_json_of_a_transfer_is_one_object(gateway, run):
    gateway.answers["GetTransfer"] = transfer_service_pb2.GetTransferResponse(transfer=TRANSFER)
    assert json.loads(run("transfers", "show", "t-1", "--json").stdout)["failure"]["reason"] == "TRANSIENT"


def test_a_receipt_is_shown(gateway, run):
    count = transfer_pb2.OutcomeCount(outcome="OUTCOME_UNCHANGED", rows=3, reasons={"already_member": 3})
    receipt = transfer_pb2.Receipt(transfer="transfers/t-1", rows_read=3, outcomes=[count])
    gateway.answers["GetReceipt"] = transfer_service_pb2.GetReceiptResponse(receipt=receipt)
    assert ["already_member", "3"] in [line.split() for line in run("transfers", "receipt", "t-1").stdout.splitlines()]
    assert json.loads(run("transfers", "receipt", "t-1", "--json").stdout)["rows_read"] == "3"


def test_outcomes_and_reasons_are_asked_for_by_name(outcomes, run):
    run("transfers", "outcomes", "t-1", "--outcome", "rejected", "--reason", "invalid_id")
    request = outcomes.requests[0]
    assert (request.parent, request.reason) == ("transfers/t-1", "invalid_id")
    assert request.outcome == transfer_pb2.OUTCOME_REJECTED


def test_an_outcome_that_does_not_exist_is_a_usage_error(outcomes, run):
    result = run("transfers", "outcomes", "t-1", "--outcome", "lost")
    assert result.exit_code == 2
    assert "withheld" in result.stderr


def test_rows_of_all_pages_are_listed(outcomes, run):
    listed = json.loads(run("transfers", "outcomes", "t-1", "--limit", "0", "--json").stdout)
    assert [row["row"] for row in listed] == [str(row) for row in range(1, 26)]


def test_a_list_that_was_cut_says_so_on_stderr(outcomes, run):
    result = run("transfers", "outcomes", "t-1", "--limit", "12", "--json")
    assert len(json.loads(result.stdout)) == 12
    assert result.stderr == "note: only the first 12 rows are shown; --limit 0 shows all.\n"


def test_a_list_that_is_whole_says_nothing(outcomes, run):
    result = run("transfers", "outcomes", "t-1", "--limit", "25")
    assert result.stdout.splitlines()[-1].split() == ["25", "rejected", "invalid_id", "0a1b2c"]
    assert result.stderr == ""


def test_a_transfer_is_undone_and_the_undo_is_awaited(gateway, run):
    undo = transfer_pb2.Transfer(name="transfers/t-2", state="TRANSFER_STATE_SUCCEEDED", mode="TRANSFER_MODE_UNDO")
    gateway.answers |= {
        "UndoTransfer": transfer_service_pb2.UndoTransferResponse(transfer=undo),
        "WatchTransfer": lambda _: iter([transfer_service_pb2.WatchTransferResponse(transfer=undo)]),
        "GetReceipt": transfer_service_pb2.GetReceiptResponse(receipt=transfer_pb2.Receipt(canonical_json="{}")),
    }
    result = run("transfers", "undo", "t-1", "--request-id", "0b7f5c1e-6a52-4d8e-9d57-2f3a1c4b5d6e")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "transfer t-2"), result.output
    [asked, *_] = gateway.requests
    assert (asked.name, asked.request_id) == ("transfers/t-1", "0b7f5c1e-6a52-4d8e-9d57-2f3a1c4b5d6e")
