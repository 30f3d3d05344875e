"""`--create-unknown-records` of shares and schedules goes with the caller's token."""

from __future__ import annotations

import pytest
from audience_gateway.v1 import audience_service_pb2, schedule_pb2, schedule_service_pb2, transfer_pb2

SHARE = ("share", "files/people", "campaign/gold", "--data-source", "email", "--no-wait")
CREATE = ("schedules", "create", "nightly", *SHARE[1:-1], "--cron", "0 4 * * *")
UPDATE = ("schedules", "update", "nightly")


@pytest.fixture
def calls(gateway):
    """What was asked for, with the token that came with it."""
    found = []

    def answering(answer):
        def call(request, context):
            found.append((request, dict(context.invocation_metadata()).get("authorization")))
            return answer

        return call

    schedule = schedule_pb2.Schedule(name="schedules/nightly", share={"create_unknown_records": True})
    gateway.calls |= {
        "ShareAudience": answering(
            audience_service_pb2.ShareAudienceResponse(transfer=transfer_pb2.Transfer(name="transfers/t-1"))
        ),
        "CreateSchedule": answering(schedule_service_pb2.CreateScheduleResponse(schedule=schedule)),
        "UpdateSchedule": answering(schedule_service_pb2.UpdateScheduleResponse(schedule=schedule)),
    }
    return found


@pytest.fixture
def token(monkeypatch):
    monkeypatch.setenv("AUDIENCE_GATEWAY_TOKEN", "secret")


def test_a_share_asks_for_records_with_the_token(calls, run, token):
    run(*SHARE, "--create-unknown-records")
    [(request, sent)] = calls
    assert (request.create_unknown_records, sent) == (True, "Bearer secret")


def test_without_the_option_neither_records_are_asked_for_nor_the_token_is_sent(calls, run, token):
    run(*SHARE)
    [(request, sent)] = calls
    assert (request.create_unknown_records, sent) == (False, None)


def test_without_a_token_nothing_is_asked(calls, run, monkeypatch):
    monkeypatch.delenv("AUDIENCE_GATEWAY_TOKEN", raising=False)
    for command in (SHARE, CREATE):
        result = run(*command, "--create-unknown-records")
        assert result.exit_code == 1
        assert "AUDIENCE_GATEWAY_TOKEN" in result.stderr
    assert calls == []


def test_a_schedule_may_create_records_and_says_so(calls, run, token):
    result = run(*CREATE, "--create-unknown-records")
    [(request, sent)] = calls
    assert (request.schedule.share.create_unknown_records, sent) == (True, "Bearer secret")
    assert "records are created" in result.stdout


@pytest.mark.parametrize(("option", "creates"), [("--create-unknown-records", True), ("--report-unknown-ids", False)])
def test_a_schedule_may_begin_to_create_records_and_stop_it(calls, run, token, option, creates):
    run(*UPDATE, option)
    [(request, sent)] = calls
    assert list(request.update_mask.paths) == ["share.create_unknown_records"]
    assert (request.schedule.share.create_unknown_records, sent) == (creates, "Bearer secret")
