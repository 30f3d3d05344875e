import json

import pytest
from audience_gateway.v1 import (
    audience_pb2,
    audience_service_pb2,
    connector_pb2,
    connector_service_pb2,
    identity_pb2,
    identity_service_pb2,
)
from google.protobuf.timestamp_pb2 import Timestamp

CAMPAIGN = connector_pb2.Connector(
    name="connectors/campaign",
    distribution="audience-gateway-campaign",
    version="0.1.0",
    stability=connector_pb2.STABILITY_BETA,
    capabilities=[connector_pb2.CAPABILITY_READ_MEMBERS, connector_pb2.CAPABILITY_IDENTITY_INDEX],
)
BROKEN = connector_pb2.Connector(name="connectors/broken", load_error="ImportError. Install it anew.")
GOLD = audience_pb2.Audience(
    name="connections/people/audiences/gold",
    title="Gold customers",
    size=100_000,
    update_time=Timestamp(seconds=1_767_225_600),
    readable=True,
)


@pytest.fixture
def everything(gateway):
    gateway.answers |= {
        "ListConnectors": connector_service_pb2.ListConnectorsResponse(connectors=[BROKEN, CAMPAIGN]),
        "ListConnections": connector_service_pb2.ListConnectionsResponse(
            connections=[connector_pb2.Connection(name="connections/campaign", connector="connectors/campaign")]
        ),
        "ListAudiences": audience_service_pb2.ListAudiencesResponse(audiences=[GOLD]),
        "ListIdTypes": identity_service_pb2.ListIdTypesResponse(
            id_types=[identity_pb2.IdType(name="idTypes/visitor_id", title="Visitor ID", version="0.1.0")]
        ),
        "ListDataSources": identity_service_pb2.ListDataSourcesResponse(
            data_sources=[
                identity_pb2.DataSource(
                    name="dataSources/email-sha256",
                    id_type="idTypes/declared_id",
                    reconciliation_key="@email",
                    recipe="email@1",
                    codec=identity_pb2.CODEC_SHA256,
                    candidate_policy=identity_pb2.CANDIDATE_POLICY_ALL,
                )
            ]
        ),
    }
    return gateway


@pytest.mark.parametrize(
    ("command", "columns"),
    [
        ("connectors", ["campaign", "beta", "audience-gateway-campaign 0.1.0", "read members, identity index"]),
        ("connectors", ["broken", "not loaded: ImportError. Install it anew."]),
        ("connections", ["campaign", "campaign"]),
        ("audiences", ["people/gold", "Gold customers", "100,000", "2026-01-01 00:00:00", "read"]),
        ("id-types", ["visitor_id", "Visitor ID", "0.1.0"]),
        ("data-sources", ["email-sha256", "declared_id", "@email", "email@1", "sha256", "all"]),
    ],
)
def test_a_table_has_a_line_for_each(everything, run, command, columns):
    lines = run(command, "list").stdout.splitlines()
    assert columns in [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines]


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("connectors", ["connectors/broken", "connectors/campaign"]),
        ("connections", ["connections/campaign"]),
        ("audiences", ["connections/people/audiences/gold"]),
        ("id-types", ["idTypes/visitor_id"]),
        ("data-sources", ["dataSources/email-sha256"]),
    ],
)
def test_json_is_one_array_of_resources(everything, run, command, names):
    result = run(command, "list", "--json")
    assert [resource["name"] for resource in json.loads(result.stdout)] == names


def test_json_has_the_field_names_of_the_protos_and_all_fields(everything, run):
    (audience,) = json.loads(run("audiences", "list", "--json").stdout)
    assert audience == {
        "name": "connections/people/audiences/gold",
        "title": "Gold customers",
        "description": "",
        "size": "100000",
        "update_time": "2026-01-01T00:00:00Z",
        "readable": True,
        "writable": False,
        "origin": "",
        "inactive": False,
        "size_is_estimate": False,
    }


def test_json_of_nothing_is_an_empty_array(gateway, run):
    gateway.answers["ListConnectors"] = connector_service_pb2.ListConnectorsResponse()
    assert json.loads(run("connectors", "list", "--json").stdout) == []


def test_all_pages_are_listed(gateway, run):
    def page(request):
        number = int(request.page_token or 1)
        return connector_service_pb2.ListConnectorsResponse(
            connectors=[connector_pb2.Connector(name=f"connectors/c{number}")],
            next_page_token=str(number + 1) if number < 3 else "",
        )

    gateway.answers["ListConnectors"] = page
    listed = json.loads(run("connectors", "list", "--json").stdout)
    assert [connector["name"] for connector in listed] == ["connectors/c1", "connectors/c2", "connectors/c3"]


@pytest.mark.parametrize(
    ("arguments", "parent"),
    [([], "connections/-"), (["people"], "connections/people"), (["connections/people"], "connections/people")],
)
def test_audiences_of_one_connection_or_of_all(everything, run, arguments, parent):
    run("audiences", "list", *arguments)
    assert everything.requests[0].parent == parent


def test_a_connection_that_could_not_be_asked_is_named_on_stderr(gateway, run):
    gateway.answers["ListAudiences"] = audience_service_pb2.ListAudiencesResponse(
        audiences=[GOLD], unreachable=["connections/campaign"]
    )
    result = run("audiences", "list", "--json")
    assert len(json.loads(result.stdout)) == 1
    assert result.stderr.startswith("warning: campaign could not be asked")


def test_a_connection_that_works(gateway, run):
    gateway.answers["CheckConnection"] = connector_service_pb2.CheckConnectionResponse()
    result = run("connections", "check", "campaign")
    assert (result.exit_code, result.stdout) == (0, "campaign works.\n")
    assert gateway.requests[0].name == "connections/campaign"


@pytest.mark.parametrize(("severity", "exit_code"), [("ERROR", 1), ("WARNING", 0)])
def test_findings_are_shown_and_only_an_error_fails(gateway, run, severity, exit_code):
    finding = connector_pb2.Diagnostic(
        severity=f"SEVERITY_{severity}", summary="The password is wrong.", path="settings.password", remedy="Set it."
    )
    gateway.answers["CheckConnection"] = connector_service_pb2.CheckConnectionResponse(diagnostics=[finding])
    result = run("connections", "check", "campaign")
    assert result.exit_code == exit_code
    for text in (severity.lower(), "settings.password", "The password is wrong.", "Set it."):
        assert text in result.stdout
