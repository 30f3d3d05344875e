import json

import pytest
from audience_gateway.v1 import erasure_pb2, identity_pb2, identity_service_pb2, transfer_pb2

ERASURE = erasure_pb2.Erasure(
    name="erasures/e1",
    ids=2,
    targets=[
        erasure_pb2.ErasureTarget(
            state=erasure_pb2.ERASURE_STATE_DONE, attempts=1, canonical_json="{}", signature=b"s", key_id="k"
        ),
        erasure_pb2.ErasureTarget(
            audience="connections/campaign/audiences/gold",
            data_source="dataSources/email",
            state=erasure_pb2.ERASURE_STATE_PENDING,
            failure=transfer_pb2.Failure(reason="TRANSIENT", message="it is down", remedy="Start it."),
        ),
    ],
)


@pytest.fixture
def erasing(gateway):
    """A gateway that erases every id but the first of each call."""
    refused = [identity_pb2.RefusedIdentity(index=0, data_source="dataSources/email", reason="invalid_id")]
    gateway.answers["EraseIdentities"] = lambda request: identity_service_pb2.EraseIdentitiesResponse(
        erasure=ERASURE, refused=refused
    )
    gateway.answers["GetErasure"] = lambda request: identity_service_pb2.GetErasureResponse(erasure=ERASURE)
    gateway.answers["ListErasures"] = lambda request: identity_service_pb2.ListErasuresResponse(erasures=[ERASURE])
    return gateway


def test_an_erasure_is_begun_and_no_id_is_shown(erasing, run):
    result = run("identities", "erase", "no", "jo@example.com", "--data-source", "email", "--in-clear")
    assert erasing.requests == [
        identity_service_pb2.EraseIdentitiesRequest(
            data_sources=["dataSources/email"], ids=["no", "jo@example.com"], in_clear=True
        )
    ]
    assert "e1: 2 ids, 2 places." in result.stdout
    assert "invalid_id" in result.stdout
    assert "jo@example.com" not in result.output


def test_each_place_is_shown_with_what_was_found(erasing, run):
    text = " ".join(run("identities", "erasures", "e1").stdout.split())
    assert "the gateway's files done 1" in text
    assert "campaign/gold email pending 0" in text
    assert "it is down" in text


def test_receipts_are_written_with_their_signatures(erasing, run, tmp_path):
    run("identities", "erasures", "e1", "--receipts", str(tmp_path / "proofs"))
    files = {path.name: path.read_bytes() for path in (tmp_path / "proofs").iterdir()}
    assert files == {"e1-000.json": b"{}", "e1-000.json.sig": b"s"}


def test_erasures_are_listed(erasing, run):
    [shown] = json.loads(run("identities", "erasures", "--json").stdout)
    assert shown["name"] == "erasures/e1"
    assert run("identities", "erasures").stdout.splitlines()[1].split()[:4] == ["e1", "2", "2", "1"]
