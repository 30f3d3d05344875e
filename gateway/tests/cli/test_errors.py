import pytest
from audience_gateway.cli.main import app
from google.rpc import error_details_pb2
from grpc import StatusCode
from typer.testing import CliRunner


def assert_one_line(result, line):
    assert result.stderr == f"error: {line}\n"
    assert result.stdout == ""
    assert result.exit_code == 1


def test_a_complaint_is_one_line_with_place_and_remedy(gateway, run, error_info):
    details = error_info("CONFIG", place="connections.campaign.settings.url", remedy="Set it to https://...")
    gateway.refuse("ListConnections", StatusCode.FAILED_PRECONDITION, "the address is not\na URL", details)
    assert_one_line(
        run("connections", "list"),
        "connections.campaign.settings.url: the address is not a URL. Set it to https://...",
    )


def test_what_the_message_says_already_is_not_said_twice(gateway, run, error_info):
    details = error_info("AUTH", place="campaign", remedy="Check the password.")
    gateway.refuse("ListConnections", StatusCode.FAILED_PRECONDITION, "campaign: refused. Check the password.", details)
    assert_one_line(run("connections", "list"), "campaign: refused. Check the password.")


def test_a_bad_request_names_field_and_rule(gateway, run, error_info):
    rule = error_details_pb2.BadRequest.FieldViolation(field="source", description="does not match the pattern")
    violations = error_details_pb2.BadRequest(field_violations=[rule])
    details = error_info("INVALID_REQUEST")
    gateway.refuse("ShareAudience", StatusCode.INVALID_ARGUMENT, "the request breaks a rule", details, violations)
    assert_one_line(
        run("share", "people/gold", "campaign/gold", "--data-source", "visitor-id"),
        "the request breaks a rule; source: does not match the pattern",
    )


def test_an_error_without_details_names_its_code(gateway, run):
    gateway.refuse("ListConnectors", StatusCode.RESOURCE_EXHAUSTED, "too many")
    assert_one_line(run("connectors", "list"), "resource exhausted: too many")


def test_a_system_that_is_down_is_not_taken_for_the_gateway(gateway, run, error_info):
    details = error_info("TRANSIENT", place="campaign", remedy="Try again later.")
    gateway.refuse("CheckConnection", StatusCode.UNAVAILABLE, "Campaign cannot be reached", details)
    assert_one_line(run("connections", "check", "campaign"), "campaign: Campaign cannot be reached. Try again later.")


def test_a_server_of_another_kind_is_named(gateway, run):
    gateway.refuse("ListConnectors", StatusCode.UNIMPLEMENTED, "Method not found!")
    assert_one_line(
        run("connectors", "list"),
        f"the server at {gateway.address} does not know this call. Check that it is a gateway of this version.",
    )


@pytest.mark.parametrize("by", ["option", "environment"])
def test_no_gateway_at_the_address_is_one_line(unused_tcp_port, by):
    address = f"127.0.0.1:{unused_tcp_port}"
    runner = CliRunner(env={"AUDIENCE_GATEWAY_ADDRESS": address if by == "environment" else None})
    result = runner.invoke(app, [*(["--address", address] if by == "option" else []), "connectors", "list", "--json"])
    assert_one_line(
        result,
        f"no gateway answers at {address}. Start one with `audience-gateway serve --config gateway.toml`, "
        "or name its address with --address.",
    )
