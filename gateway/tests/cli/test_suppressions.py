import json

import pytest
from audience_gateway.v1 import identity_pb2, identity_service_pb2


@pytest.fixture
def suppressing(gateway):
    """A gateway that takes every id but the first of each call."""
    refused = [identity_pb2.RefusedIdentity(index=0, data_source="dataSources/email", reason="invalid_id")]
    gateway.answers["SuppressIdentities"] = lambda request: identity_service_pb2.SuppressIdentitiesResponse(
        entered=len(request.ids) - 1, refused=refused
    )
    gateway.answers["UnsuppressIdentities"] = lambda request: identity_service_pb2.UnsuppressIdentitiesResponse(
        lifted=len(request.ids)
    )
    return gateway


def test_ids_are_suppressed_in_each_data_source_for_the_purposes_that_are_named(suppressing, run):
    sources = ("--data-source", "email", "--data-source", "email-sha256")
    result = run("identities", "suppress", "jo@example.com", "x", *sources, "--purpose", "mail", "--in-clear")
    assert suppressing.requests == [
        identity_service_pb2.SuppressIdentitiesRequest(
            data_sources=["dataSources/email", "dataSources/email-sha256"],
            ids=["jo@example.com", "x"],
            purposes=["mail"],
            in_clear=True,
        )
    ]
    assert "1 entered" in result.stdout
    assert "jo@example.com" not in result.output


def test_positions_count_through_all_calls(suppressing, run):
    ids = "\n".join(f"id-{number}" for number in range(10_001))
    result = run("identities", "suppress", "-", "--data-source", "email", stdin=ids)
    assert [len(request.ids) for request in suppressing.requests] == [10_000, 1]
    assert [line.split()[0] for line in result.stdout.splitlines() if "invalid_id" in line] == ["1", "10001"]


def test_erasures_are_lifted_only_when_they_are_meant(suppressing, run):
    run("identities", "unsuppress", "x", "--data-source", "email")
    result = run("identities", "unsuppress", "x", "--data-source", "email", "--erased")
    assert [request.kind for request in suppressing.requests] == [
        identity_pb2.SUPPRESSION_KIND_OPT_OUT,
        identity_pb2.SUPPRESSION_KIND_ERASED,
    ]
    assert "1 lifted" in result.stdout


def test_the_list_is_shown_by_fingerprints(gateway, run):
    entry = identity_pb2.Suppression(
        id_fingerprint="abc", data_source="dataSources/email", kind=identity_pb2.SUPPRESSION_KIND_OPT_OUT
    )
    gateway.answers["ListSuppressions"] = lambda request: identity_service_pb2.ListSuppressionsResponse(
        suppressions=[entry]
    )
    table = run("identities", "suppressions", "--data-source", "email").stdout
    [shown] = json.loads(run("identities", "suppressions", "--json").stdout)
    assert table.splitlines()[1].split()[:4] == ["abc", "email", "opt_out", "every"]
    assert shown["id_fingerprint"] == "abc"
