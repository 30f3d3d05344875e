import json
import signal
import subprocess
import sys
import time
from threading import Event

import pytest
from audience_gateway.v1 import audience_service_pb2, identity_pb2, transfer_pb2, transfer_service_pb2
from google.rpc import status_pb2
from grpc import StatusCode

SHARE = ("share", "people/gold", "campaign/gold", "--data-source", "visitor-id")
RECEIPT = transfer_pb2.Receipt(
    transfer="transfers/t-1",
    rows_read=1000,
    outcomes=[
        transfer_pb2.OutcomeCount(outcome="OUTCOME_DELIVERED", rows=900, reasons={"added": 900}),
        transfer_pb2.OutcomeCount(outcome="OUTCOME_UNCHANGED", rows=0),
        transfer_pb2.OutcomeCount(outcome="OUTCOME_UNMATCHED", rows=60, reasons={"unknown_id": 50, "no_id": 10}),
        transfer_pb2.OutcomeCount(outcome="OUTCOME_REJECTED", rows=40, reasons={"invalid_id": 40}),
        transfer_pb2.OutcomeCount(outcome="OUTCOME_SUPPRESSED", rows=0),
        transfer_pb2.OutcomeCount(outcome="OUTCOME_DUPLICATE", rows=0),
        transfer_pb2.OutcomeCount(outcome="OUTCOME_WITHHELD", rows=0),
    ],
    removals=transfer_pb2.RemovalCount(leavers=7, removed=5, refused=2),
    canonical_json="{}",
)


def transfer(state, **fields):
    return transfer_pb2.Transfer(name="transfers/t-1", state=f"TRANSFER_STATE_{state}", **fields)


def progress(stage, done, total=None):
    return transfer_pb2.StageProgress(stage=f"STAGE_{stage}", rows_done=done, rows_total=total)


@pytest.fixture
def sharing(gateway):
    """A gateway whose transfer ends in a state."""

    def ends(state, **fields):
        states = [
            transfer("PENDING"),
            transfer("RUNNING", stage="STAGE_EXTRACT", progress=[progress("EXTRACT", 500)]),
            transfer("RUNNING", stage="STAGE_DELIVER", progress=[progress("EXTRACT", 1000), progress("DELIVER", 1, 2)]),
            transfer(state, progress=[progress("EXTRACT", 1000), progress("DELIVER", 2, 2)], **fields),
        ]
        gateway.answers |= {
            "ShareAudience": audience_service_pb2.ShareAudienceResponse(transfer=states[0]),
            "WatchTransfer": lambda _: (transfer_service_pb2.WatchTransferResponse(transfer=state) for state in states),
            "GetReceipt": transfer_service_pb2.GetReceiptResponse(receipt=RECEIPT),
        }
        return gateway

    return ends


def cells(result):
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in result.stdout.splitlines()]


def test_short_names_and_options_become_the_request(sharing, run):
    gateway = sharing("SUCCEEDED")
    run(*SHARE, "--policy", "latest", "--request-id", "0b8e3f5c-6a0e-4f5e-9d0e-5f6d8a0c1b2a", "--no-wait")
    assert gateway.requests == [
        audience_service_pb2.ShareAudienceRequest(
            source="connections/people/audiences/gold",
            destination="connections/campaign/audiences/gold",
            data_source="dataSources/visitor-id",
            candidate_policy=identity_pb2.CANDIDATE_POLICY_LATEST,
            request_id="0b8e3f5c-6a0e-4f5e-9d0e-5f6d8a0c1b2a",
        )
    ]


def test_mode_priority_and_deadline_become_the_request(sharing, run):
    gateway = sharing("SUCCEEDED")
    before = time.time()
    run(*SHARE, "--add-only", "--priority", "high", "--within", "10", "--no-wait")
    request = gateway.requests[0]
    assert (request.mode, request.priority) == (transfer_pb2.TRANSFER_MODE_ADD_ONLY, transfer_pb2.PRIORITY_HIGH)
    assert before + 600 <= request.deadline.ToSeconds() + 1 <= time.time() + 601


def test_what_it_is_for_becomes_the_request(sharing, run):
    gateway = sharing("SUCCEEDED")
    run(*SHARE, "--purpose", "mail", "--purpose", "web", "--no-wait")
    assert gateway.requests[0].purposes == ["mail", "web"]


def test_members_may_be_only_removed(sharing, run):
    gateway = sharing("SUCCEEDED")
    run(*SHARE, "--remove-only", "--no-wait")
    assert gateway.requests[0].mode == transfer_pb2.TRANSFER_MODE_REMOVE_ONLY


def test_only_adding_and_only_removing_exclude_each_other(sharing, run):
    gateway = sharing("SUCCEEDED")
    assert run(*SHARE, "--remove-only", "--add-only", "--no-wait").exit_code == 2
    assert gateway.requests == []


def test_removals_are_accepted_however_many_they_are(run, sharing):
    gateway = sharing("SUCCEEDED")
    run(*SHARE, "--accept-removals", "--no-wait")
    assert gateway.requests[-1].guard == transfer_pb2.Guard(removed_rows=2**63 - 1, removed_share=1.0)


def test_limits_of_match_rate_and_staleness_leave_those_of_removals_to_the_gateway(run, sharing):
    gateway = sharing("SUCCEEDED")
    run(*SHARE, "--match-points", "5", "--match-rows", "0", "--stale-hours", "1.5", "--no-wait")
    limits = transfer_pb2.Guard(match_points=5, match_rows=0)
    limits.stale_after.seconds = 5400
    assert gateway.requests[-1].guard == limits


def test_limits_that_cannot_be_are_a_usage_error(run, sharing):
    gateway = sharing("SUCCEEDED")
    assert [run(*SHARE, option, "-1").exit_code for option in ("--match-points", "--match-rows", "--stale-hours")] == [
        2,
        2,
        2,
    ]
    assert gateway.requests == []


def test_without_a_policy_the_data_source_decides(sharing, run):
    gateway = sharing("SUCCEEDED")
    run(*SHARE, "--no-wait")
    assert gateway.requests[0].candidate_policy == identity_pb2.CANDIDATE_POLICY_UNSPECIFIED


def test_a_success_shows_every_stage_and_the_receipt(sharing, run):
    sharing("SUCCEEDED")
    result = run(*SHARE)
    assert result.exit_code == 0
    lines = cells(result)
    assert lines[0] == ["transfer t-1"]
    for line in (
        ["delivered", "900"],
        ["added", "900"],
        ["unchanged", "0"],
        ["unmatched", "60"],
        ["no_id", "10"],
        ["unknown_id", "50"],
        ["withheld", "0"],
        ["sum = rows read", "1,000"],
        ["removed", "5"],
        ["refused", "2"],
        ["leavers", "7"],
    ):
        assert line in lines
    for stage, rows in (("extract", "1000/1000"), ("deliver", "2/2")):
        assert [line for line in result.stdout.splitlines() if line.startswith(stage) and rows in line]


def test_json_is_one_object_with_transfer_and_receipt(sharing, run):
    sharing("SUCCEEDED")
    result = run(*SHARE, "--json")
    answer = json.loads(result.stdout)
    assert answer["transfer"]["state"] == "TRANSFER_STATE_SUCCEEDED"
    assert answer["receipt"]["rows_read"] == "1000"
    assert answer["receipt"]["outcomes"][0] == {
        "outcome": "OUTCOME_DELIVERED",
        "rows": "900",
        "reasons": {"added": "900"},
    }


def test_without_waiting_the_transfer_is_answered_as_it_is(sharing, run):
    gateway = sharing("SUCCEEDED")
    result = run(*SHARE, "--no-wait", "--json")
    assert json.loads(result.stdout)["transfer"]["state"] == "TRANSFER_STATE_PENDING"
    assert len(gateway.requests) == 1


def test_a_transfer_that_is_held_back_exits_with_3_what_was_found_and_how_to_release_it(sharing, run):
    finding = transfer_pb2.GuardFinding(reason="too_many_removals", message="9 of 9 members would be removed")
    count = transfer_pb2.OutcomeCount(outcome="OUTCOME_WITHHELD", rows=1000, reasons={"too_many_removals": 1000})
    gateway = sharing("WITHHELD", holds=[transfer_pb2.Hold(findings=[finding])], outcomes=[count])
    result = run(*SHARE)
    assert result.exit_code == 3
    assert ["sum = rows read", "1,000"] in cells(result)
    assert result.stderr == (
        "error: a guard holds the transfer back, and the destination is as it was: 9 of 9 members would be removed. "
        "Check the source; `transfers release t-1 --reason ...` delivers all the same, `transfers cancel t-1` "
        "gives up.\n"
    )
    assert not [request for request in gateway.requests if isinstance(request, transfer_service_pb2.GetReceiptRequest)]


@pytest.mark.parametrize(
    ("superseded_by", "why"),
    [("", "nobody released it in time"), ("transfers/t-2", "transfers/t-2 has taken its place")],
)
def test_a_transfer_that_lapsed_exits_with_3_and_says_why(sharing, run, superseded_by, why):
    sharing("LAPSED", holds=[transfer_pb2.Hold(superseded_by=superseded_by)])
    result = run(*SHARE)
    assert (result.exit_code, why in result.stderr) == (3, True)
    assert ["sum = rows read", "1,000"] in cells(result)


def test_a_transfer_that_failed_exits_with_1_says_why_and_accounts_for_its_rows(sharing, run):
    failure = transfer_pb2.Failure(reason="AUTH", message="Campaign refused the password.", remedy="Set a new one.")
    sharing("FAILED", failure=failure)
    result = run(*SHARE)
    assert result.exit_code == 1
    assert result.stderr == "error: the transfer failed: Campaign refused the password. Set a new one.\n"
    assert ["sum = rows read", "1,000"] in cells(result)


def test_json_of_a_transfer_that_failed_before_its_account_has_no_receipt(sharing, run):
    gateway = sharing("FAILED", failure=transfer_pb2.Failure(reason="INTERNAL"))
    gateway.refuse("GetReceipt", StatusCode.FAILED_PRECONDITION, "it has no receipt")
    assert json.loads(run(*SHARE, "--json").stdout).keys() == {"transfer"}


def test_a_transfer_that_was_cancelled_exits_with_1(sharing, run):
    sharing("CANCELLED")
    result = run(*SHARE)
    assert (result.exit_code, result.stderr.partition(".")[0]) == (1, "error: the transfer was cancelled")


def test_a_gateway_that_restarts_meanwhile_is_asked_again(sharing, run):
    gateway = sharing("SUCCEEDED")
    states = gateway.answers["WatchTransfer"]
    asked = []

    def restarts(request):
        asked.append(request)
        if len(asked) > 1:
            return states(request)
        return status_pb2.Status(code=StatusCode.UNAVAILABLE.value[0], message="shutting down")

    gateway.answers["WatchTransfer"] = restarts
    result = run(*SHARE)
    assert (result.exit_code, ["delivered", "900"] in cells(result)) == (0, True)


def test_outcomes_that_do_not_sum_to_the_rows_read_are_an_error(sharing, run):
    receipt = transfer_pb2.Receipt()
    receipt.CopyFrom(RECEIPT)
    receipt.rows_read += 1
    gateway = sharing("SUCCEEDED")
    gateway.answers["GetReceipt"] = transfer_service_pb2.GetReceiptResponse(receipt=receipt)
    result = run(*SHARE)
    assert result.exit_code == 1
    assert "the outcomes sum to 1000, not to the 1001 rows read" in result.stderr


def test_a_watch_that_ends_early_says_where_to_look(sharing, run):
    gateway = sharing("SUCCEEDED")
    running = transfer_service_pb2.WatchTransferResponse(transfer=transfer("RUNNING"))
    gateway.answers["WatchTransfer"] = lambda _: iter([running])
    result = run(*SHARE)
    assert result.exit_code == 1
    assert "`transfers show t-1` tells how far it is." in result.stderr


def test_a_gateway_that_breaks_off_is_one_line(sharing, run):
    gateway = sharing("SUCCEEDED")
    gateway.refuse("WatchTransfer", StatusCode.INTERNAL, "incident 17")
    result = run(*SHARE)
    assert (result.exit_code, result.stderr) == (1, "error: internal: incident 17\n")


def test_whoever_stops_waiting_hears_that_the_transfer_goes_on(sharing):
    gateway, watched, over = sharing("SUCCEEDED"), Event(), Event()

    def never_ends(_):
        yield transfer_service_pb2.WatchTransferResponse(transfer=transfer("RUNNING"))
        watched.set()
        over.wait()

    gateway.answers["WatchTransfer"] = never_ends
    # Processes of a background job have SIGINT ignored, and would pass that on.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from audience_gateway.cli.main import main; main()"
    )
    command = [sys.executable, "-c", code, "--address", gateway.address]
    with subprocess.Popen([*command, *SHARE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert watched.wait(60)
            process.send_signal(signal.SIGINT)
            _, stderr = process.communicate(timeout=60)
        finally:
            process.kill()
            over.set()
    assert process.returncode == 130
    assert stderr == "The transfer goes on. `transfers show t-1` tells how far it is.\n"


def test_an_audience_without_connection_is_a_usage_error(run):
    result = run("share", "gold", "campaign/gold", "--data-source", "visitor-id")
    assert result.exit_code == 2
    assert "CONNECTION/AUDIENCE" in result.stderr


def test_the_mode_may_be_named(sharing, run):
    gateway = sharing("SUCCEEDED")
    run(*SHARE, "--mode", "delta", "--no-wait")
    assert gateway.requests[0].mode == transfer_pb2.TRANSFER_MODE_DELTA
    assert run(*SHARE, "--mode", "delta", "--add-only", "--no-wait").exit_code == 2


def test_a_dry_run_shows_some_rows_of_each_outcome_and_says_that_nothing_was_written(sharing, run):
    gateway = sharing("SUCCEEDED", validate_only=True)
    receipt = transfer_pb2.Receipt(validate_only=True)
    receipt.MergeFrom(RECEIPT)
    gateway.answers["GetReceipt"] = transfer_service_pb2.GetReceiptResponse(receipt=receipt)

    def one_row(asked):
        row = transfer_pb2.RowOutcome(row=7, outcome=asked.outcome, reason="some", id_fingerprint="f00")
        return transfer_service_pb2.ListOutcomesResponse(outcomes=[row])

    gateway.answers["ListOutcomes"] = one_row
    result = run(*SHARE, "--dry-run")
    assert (result.exit_code, gateway.requests[0].validate_only) == (0, True)
    assert [line for line in cells(result) if line[:1] == ["7"]] == [
        ["7", "delivered", "some", "f00"],
        ["7", "unmatched", "some", "f00"],
        ["7", "rejected", "some", "f00"],
    ]
    assert "This was a dry run: the destination is as it was." in result.stdout


def test_a_dry_run_that_a_guard_would_hold_back_exits_with_3(sharing, run):
    finding = transfer_pb2.GuardFinding(reason="empty_source", message="the source has no member")
    sharing("SUCCEEDED", validate_only=True, holds=[transfer_pb2.Hold(findings=[finding])])
    result = run(*SHARE, "--dry-run")
    assert result.exit_code == 3
    assert result.stderr == "error: a guard would hold the transfer back: the source has no member.\n"
