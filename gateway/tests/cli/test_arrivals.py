import json

import pytest
from audience_gateway.v1 import audience_service_pb2, transfer_pb2, transfer_service_pb2
from google.protobuf.timestamp_pb2 import Timestamp

MIDNIGHT = 1_767_225_600
TRANSFER = transfer_pb2.Transfer(
    name="transfers/t-1",
    state="TRANSFER_STATE_SUCCEEDED",
    arrivals=[
        transfer_pb2.Arrival(
            stage="delivered", state="ARRIVAL_STATE_REACHED", reached_time=Timestamp(seconds=MIDNIGHT)
        ),
        transfer_pb2.Arrival(
            stage="ingested",
            state="ARRIVAL_STATE_OVERDUE",
            due_time=Timestamp(seconds=MIDNIGHT + 24 * 3600),
            counts={"stored_records": 1700, "format_errors": 2},
            message="not found out: it is away",
            remedy="Wait.",
        ),
        transfer_pb2.Arrival(stage="visible", state="ARRIVAL_STATE_GIVEN_UP"),
    ],
)


@pytest.fixture
def arriving(gateway):
    gateway.answers |= {
        "GetTransfer": transfer_service_pb2.GetTransferResponse(transfer=TRANSFER),
        "ShareAudience": audience_service_pb2.ShareAudienceResponse(transfer=TRANSFER),
        "WatchTransfer": lambda _: iter([transfer_service_pb2.WatchTransferResponse(transfer=TRANSFER)]),
        "GetReceipt": transfer_service_pb2.GetReceiptResponse(receipt=transfer_pb2.Receipt(canonical_json="{}")),
    }
    return gateway


@pytest.mark.parametrize("command", ["transfers show t-1", "share people/a campaign/b --data-source visitor-id"])
def test_each_stage_of_the_destination_is_a_line(arriving, run, command):
    delivered, ingested, visible = run(*command.split()).stdout.splitlines()[-3:]
    assert delivered.split() == ["delivered", "reached", "2026-01-01", "00:00:00"]
    assert ingested.split()[:4] == ["ingested", "overdue", "2026-01-02", "00:00:00"]
    assert "format_errors 2, stored_records 1,700" in ingested
    assert ingested.rstrip().endswith("not found out: it is away Wait.")
    assert visible.split() == ["visible", "given", "up"]


def test_json_of_a_transfer_has_the_stages(arriving, run):
    shown = json.loads(run("transfers", "show", "t-1", "--json").stdout)
    assert [one["state"] for one in shown["arrivals"]] == [
        "ARRIVAL_STATE_REACHED",
        "ARRIVAL_STATE_OVERDUE",
        "ARRIVAL_STATE_GIVEN_UP",
    ]


def test_a_transfer_without_arrivals_shows_no_table_of_them(arriving, run):
    arriving.answers["GetTransfer"] = transfer_service_pb2.GetTransferResponse(
        transfer=transfer_pb2.Transfer(name="transfers/t-1")
    )
    assert "Arrival" not in run("transfers", "show", "t-1").stdout
