from audience_gateway.v1 import transfer_pb2, transfer_service_pb2

HELD = transfer_pb2.Transfer(
    name="transfers/t-1",
    state="TRANSFER_STATE_WITHHELD",
    holds=[
        transfer_pb2.Hold(
            findings=[transfer_pb2.GuardFinding(reason="empty_source", message="the source has no member")],
            withhold_time={"seconds": 0},
            expire_time={"seconds": 86400},
        )
    ],
)


def test_a_release_says_why(gateway, run):
    gateway.answers["ReleaseTransfer"] = transfer_service_pb2.ReleaseTransferResponse(transfer=HELD)
    result = run("transfers", "release", "t-1", "--reason", "as planned", "--no-wait")
    assert result.exit_code == 0
    assert gateway.requests == [
        transfer_service_pb2.ReleaseTransferRequest(name="transfers/t-1", reason="as planned"),
    ]


def test_a_release_without_a_reason_is_a_usage_error(gateway, run):
    assert run("transfers", "release", "t-1").exit_code == 2
    assert gateway.requests == []


def test_what_the_guard_found_and_until_when_it_waits_is_shown(gateway, run):
    gateway.answers["GetTransfer"] = transfer_service_pb2.GetTransferResponse(transfer=HELD)
    shown = " ".join(run("transfers", "show", "t-1").stdout.split())
    assert "held back for empty_source: the source has no member" in shown
    assert "ends at the latest (UTC) 1970-01-02 00:00:00" in shown
