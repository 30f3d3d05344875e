import json

import pytest
from audience_gateway.v1 import identity_pb2, identity_service_pb2
from google.protobuf.timestamp_pb2 import Timestamp

RECONCILE = ("identities", "reconcile", "--connection", "campaign", "--data-source", "email")


@pytest.fixture
def reconciling(gateway):
    """A gateway that knows each id but `nobody`."""

    def reconcile(request):
        return identity_service_pb2.ReconcileIdentitiesResponse(
            reconciliations=[
                identity_pb2.Reconciliation(index=index, reason="unknown_id")
                if id_ == "nobody"
                else identity_pb2.Reconciliation(
                    index=index,
                    targets=[f"record-{len(id_)}", "record-0"],
                    matches=[
                        identity_pb2.Match(
                            target=f"record-{len(id_)}", last_seen_time=Timestamp(seconds=1_767_225_600), confidence=0.5
                        ),
                        identity_pb2.Match(target="record-0", confidence=0.5),
                    ],
                )
                for index, id_ in enumerate(request.ids)
            ]
        )

    gateway.answers["ReconcileIdentities"] = reconcile
    return gateway


def test_ids_are_answered_by_position_without_being_shown(reconciling, run):
    result = run(*RECONCILE, "jo@example.com", "nobody")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[1:] == [
        ["1", "record-14", "2026-01-01", "00:00:00", "0.50"],
        ["1", "record-0", "0.50"],
        ["2", "unknown_id"],
    ]
    assert "jo@example.com" not in result.output


def test_names_and_policy_become_the_request(reconciling, run):
    run(*RECONCILE, "a", "--policy", "reject")
    assert reconciling.requests[0] == identity_service_pb2.ReconcileIdentitiesRequest(
        connection="connections/campaign",
        data_source="dataSources/email",
        ids=["a"],
        candidate_policy=identity_pb2.CANDIDATE_POLICY_REJECT,
    )


def test_ids_are_read_from_stdin_as_they_are(reconciling, run):
    run(*RECONCILE, "-", stdin=" jo@example.com\r\nnobody\n\nüñí".encode())
    assert list(reconciling.requests[0].ids) == [" jo@example.com", "nobody", "", "üñí"]


def test_more_ids_than_a_call_takes_go_in_several(reconciling, run):
    result = run(*RECONCILE, "-", "--json", stdin="\n".join(f"id-{number}" for number in range(20_001)))
    assert [len(request.ids) for request in reconciling.requests] == [10_000, 10_000, 1]
    assert [answer["index"] for answer in json.loads(result.stdout)] == list(range(20_001))


def test_stdin_that_is_not_utf8_names_the_line_and_not_its_content(reconciling, run):
    result = run(*RECONCILE, "-", stdin=b"jo\nj\xe9r\xf4me\n")
    assert (result.exit_code, result.stderr) == (1, "error: line 2 of stdin is not UTF-8. Convert it to UTF-8.\n")
    assert reconciling.requests == []


def test_an_empty_stdin_is_an_error(reconciling, run):
    assert run(*RECONCILE, "-", stdin=b"").stderr == "error: stdin holds no ids. Give one id a line.\n"


def test_no_ids_are_a_usage_error(run):
    assert run(*RECONCILE).exit_code == 2
