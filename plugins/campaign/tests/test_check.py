"""What `check` finds; on a Campaign that is as it should be it finds nothing (test_on_sandbox)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway.sdk import Severity

DATA_SOURCE = (
    "<amcDataSource name='default' reconciliationKey='[trackingLog/@sourceId]'"
    " aamDataSourceId='3' aamDestinationId='4'/>"
)
ROWS = {
    "xtk:workflow": [
        "<workflow internalName='importSharedAudience' state='11'/>",
        "<workflow internalName='exportSharedAudience' state='2'/>",
    ],
    "nms:extAccount": [
        "<extAccount name='importSharedAudience' active='1'/>",
        "<extAccount name='exportSharedAudience' active='true'/>",
        "<extAccount name='Adobe_Marketing_Cloud' active='1'/>",
    ],
    "nms:amcDataSource": [DATA_SOURCE],
}
INDEX = "<dbindex name='sourceId'><keyfield xpath='@sourceId'/></dbindex>"


class Instance:
    """Answers every call well, except queries that select a given attribute or schema, and methods of a given name."""

    def __init__(self, stub, refused: str = "") -> None:
        self.stub = stub
        self.refused = refused
        self.rows = dict(ROWS)
        self.time = datetime.now(UTC)
        self.rights = "<login-right right='admin'/>"
        self.index = INDEX
        stub.answers = self

    def pop(self, _: int):
        """The answer to the last call."""
        call = self.stub.calls[-1]
        query = call.parameters[1][0] if call.method == "ExecuteQuery" else None
        asked = {call.method}
        if query is not None:
            asked |= {query.get("schema"), *(node.get("expr") for node in query.iter("node"))}
        if self.refused in asked:
            return self.stub.fault("XTK-170036 Unable to parse")
        if query is not None:
            return self.stub.rows(*self.rows.get(query.get("schema"), ()))
        results = {
            "GetServerTime": f"<t>{self.time:%Y-%m-%dT%H:%M:%S}Z</t>",
            "GetUserInfo": f"<u><userInfo login='gw_api'>{self.rights}</userInfo></u>",
            "GetEntityIfMoreRecent": f"<d><schema><element name='trackingLogRcp'>{self.index}</element></schema></d>",
        }.get(call.method, "")
        return self.stub.envelope(f"<{call.method}Response xmlns='urn:'>{results}</{call.method}Response>")


@pytest.fixture
def instance(stub):
    return Instance(stub)


async def findings(connector_to, url, **settings):
    connector = await connector_to(url, **settings)
    return [(found.severity, found.path) for found in await connector.check()]


async def test_nothing_is_found_where_nothing_is_wrong(connector_to, stub, instance):
    assert await findings(connector_to, stub.url) == []


@pytest.mark.parametrize(
    ("refused", "path"),
    [
        ("nms:group", "nms:group"),
        ("nms:trackingLogRcp", "nms:trackingLogRcp"),
        ("@blackList", "opt_out_attributes"),
        ("[@rcpGroup-id]", "membership_list_key"),
    ],
)
async def test_what_lists_need_and_cannot_be_read_is_an_error(connector_to, stub, instance, refused, path):
    instance.refused = refused
    assert await findings(connector_to, stub.url) == [(Severity.ERROR, path)]


@pytest.mark.parametrize(
    ("refused", "path"),
    [
        ("GetUserInfo", "user"),
        ("WriteCollection", "nms:rcpGrpRel"),
        ("GetEntityIfMoreRecent", "nms:trackingLogRcp/@sourceId"),
        ("xtk:workflow", "xtk:workflow"),
        ("nms:extAccount", "nms:extAccount"),
        ("nms:amcDataSource", "nms:amcDataSource"),
    ],
)
async def test_what_cannot_be_looked_at_is_a_warning_and_the_rest_is_still_tried(
    connector_to, stub, instance, refused, path
):
    instance.refused = refused
    assert await findings(connector_to, stub.url) == [(Severity.WARNING, path)]
    assert stub.calls[-1].parameters[1][0].get("schema") == "nms:amcDataSource"


@pytest.mark.parametrize(("state", "how"), [("13", "paused"), ("20", "stopped"), ("0", "stopped"), ("", "stopped")])
async def test_a_technical_workflow_that_does_not_run_is_found(connector_to, stub, instance, state, how):
    instance.rows["xtk:workflow"] = [ROWS["xtk:workflow"][0].replace("'11'", f"'{state}'"), ROWS["xtk:workflow"][1]]
    (found,) = await (await connector_to(stub.url)).check()
    assert (found.severity, found.path) == (Severity.WARNING, "xtk:workflow/importSharedAudience")
    assert how in found.summary
    assert "start it" in found.remedy


async def test_what_is_not_provisioned_is_found(connector_to, stub, instance):
    instance.rows = {}
    assert [path for _, path in await findings(connector_to, stub.url)] == [
        "xtk:workflow/importSharedAudience",
        "xtk:workflow/exportSharedAudience",
        "nms:extAccount/importSharedAudience",
        "nms:extAccount/exportSharedAudience",
        "nms:extAccount/Adobe_Marketing_Cloud",
        "nms:amcDataSource",
    ]


async def test_an_instance_that_shares_nothing_with_experience_cloud_can_leave_that_out(connector_to, stub, instance):
    instance.rows = {}
    nothing = {"workflows": (), "external_accounts": (), "data_source_ids": ()}
    assert await findings(connector_to, stub.url, preflight=nothing) == []


async def test_a_disabled_external_account_is_found(connector_to, stub, instance):
    instance.rows["nms:extAccount"] = [row.replace("'true'", "'0'") for row in ROWS["nms:extAccount"]]
    assert await findings(connector_to, stub.url) == [(Severity.WARNING, "nms:extAccount/exportSharedAudience")]


async def test_a_data_source_without_its_ids_is_found(connector_to, stub, instance):
    instance.rows["nms:amcDataSource"] = [DATA_SOURCE.replace("'3'", "'0'").replace(" aamDestinationId='4'", "")]
    (found,) = await (await connector_to(stub.url)).check()
    assert (found.severity, found.path) == (Severity.WARNING, "nms:amcDataSource/default")
    assert "@aamDataSourceId and no @aamDestinationId" in found.summary


async def test_declared_ids_are_reminded_of_their_integration_code(connector_to, stub, instance):
    instance.rows["nms:amcDataSource"] = [DATA_SOURCE.replace("[trackingLog/@sourceId]", "@email")]
    (found,) = await (await connector_to(stub.url)).check()
    assert (found.severity, found.path) == (Severity.INFO, "nms:amcDataSource/default")
    assert "`AdobeCampaignID`" in found.summary
    assert "`@email`" in found.remedy


@pytest.mark.parametrize("index", ["", "<dbindex><keyfield xpath='@logDate'/><keyfield xpath='@sourceId'/></dbindex>"])
async def test_visitor_ids_without_an_index_are_found(connector_to, stub, instance, index):
    instance.index = index
    assert await findings(connector_to, stub.url) == [(Severity.WARNING, "nms:trackingLogRcp/@sourceId")]


@pytest.mark.parametrize("hours", [-2, 2])
async def test_a_clock_that_is_wrong_is_found(connector_to, stub, instance, hours):
    instance.time += timedelta(hours=hours)
    (found,) = await (await connector_to(stub.url)).check()
    assert (found.severity, found.path) == (Severity.WARNING, "preflight.clock_skew_seconds")
    assert "NTP" in found.remedy


async def test_a_time_that_is_none_is_found(connector_to, stub):
    stub.answers = [stub.envelope("<GetServerTimeResponse xmlns='urn:'/>")]
    assert await findings(connector_to, stub.url) == [(Severity.ERROR, "url")]


async def test_an_operator_who_is_no_administrator_is_told_what_that_means(connector_to, stub, instance):
    instance.rights = "<login-right right='recipients'/>"
    assert await findings(connector_to, stub.url) == [(Severity.INFO, "user")]


async def test_a_check_writes_no_row(connector_to, stub, instance):
    await findings(connector_to, stub.url)
    (write,) = [call for call in stub.calls if call.method.startswith("Write")]
    assert list(write.parameters[1][0]) == []


async def test_a_wrong_password_is_found(connector_to, stub):
    stub.logon = stub.fault("XSV-350012 Invalid login or password.")
    assert await findings(connector_to, stub.url) == [(Severity.ERROR, "password")]


async def test_a_password_that_leads_nowhere_is_found(connector_to, stub):
    assert await findings(connector_to, stub.url, password="env:NOT_SET") == [(Severity.ERROR, "password")]


async def test_a_stopped_instance_is_found_with_address_and_remedy(connector_to, unused_tcp_port):
    connector = await connector_to(f"http://127.0.0.1:{unused_tcp_port}")
    (found,) = await connector.check()
    assert found.path == "url"
    assert f"127.0.0.1:{unused_tcp_port}" in found.summary
    assert "running" in found.remedy


async def test_an_instance_that_fails_half_way_ends_the_check(connector_to, stub, instance):
    time = f"<t>{instance.time:%Y-%m-%dT%H:%M:%S}Z</t>"
    stub.answers = [
        stub.envelope(f"<GetServerTimeResponse xmlns='urn:'>{time}</GetServerTimeResponse>"),
        stub.text("", 503),
    ]
    assert await findings(connector_to, stub.url) == [(Severity.ERROR, "nms:recipient")]


async def test_clear_text_to_another_machine_is_a_warning(connector_to):
    connector = await connector_to("http://campaign.invalid", timeout_seconds=0.001)
    found = await connector.check()
    assert (found[0].severity, found[0].path) == (Severity.WARNING, "url")
    assert "https" in found[0].remedy
