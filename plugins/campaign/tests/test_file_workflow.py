"""Campaign by files that a workflow loads: what is dropped, what is signalled, and what forbids it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from audience_gateway.sdk import (
    Capability,
    ConfigError,
    DataSource,
    Permanent,
    Severity,
    TargetBatch,
    WritePromise,
    WriteRequest,
    WriteResult,
    capabilities,
)
from audience_gateway_campaign import CampaignSettings
from audience_gateway_campaign.file_workflow import MODES, FileWorkflow
from audience_gateway_campaign.file_workflow_file import file_name
from audience_gateway_campaign.plugin import connector_of
from pydantic import ValidationError

SOURCE = DataSource(name="crm", id_type="declared_id", reconciliation_key="@email")
STARTED, PAUSED, STOPPED, EDITED = 11, 13, 20, 0
Connect = Callable[..., FileWorkflow]


@pytest.fixture
def drops(tmp_path: Path) -> Path:
    return tmp_path / "drops"


@pytest.fixture
def connect(stub, context, drops, monkeypatch) -> Connect:
    monkeypatch.setenv("STUB_PASSWORD", "stub-password")

    def connected(**workflow: object) -> FileWorkflow:
        values = {
            "transport": "file_workflow",
            "url": stub.url,
            "user": "gw_api",
            "password": "env:STUB_PASSWORD",
            "file_workflow": {"bucket": drops.as_uri(), "workflow": "wkfAudienceImport", "mode": "add"} | workflow,
        }
        connector = connector_of(CampaignSettings.model_validate(values), context)
        assert isinstance(connector, FileWorkflow)
        return connector

    return connected


def workflow_is(stub, state: int | None) -> Callable[..., object]:
    rows = [] if state is None else [f'<workflow id="7" state="{state}"/>']
    return stub.envelope(
        "<ExecuteQueryResponse xmlns='urn:xtk:queryDef'><o>"
        f"<workflow-collection>{''.join(rows)}</workflow-collection></o></ExecuteQueryResponse>"
    )


def posted(stub) -> Callable[..., object]:
    return stub.envelope("<PostEventResponse xmlns='urn:xtk:workflow'/>")


def members(*targets: str, key: str = "t/add-00000") -> WriteRequest:
    return WriteRequest(audience="LST 1", source=SOURCE, batch=TargetBatch.of(targets), key=key)


def dropped(drops: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(drops.glob("*"))}


def events(stub) -> list[dict[str, str]]:
    """The variables of each event that was posted."""
    calls = [call.parameters for call in stub.calls if call.method == "PostEvent"]
    return [dict(parameters[4][0].attrib) for parameters in calls]


@pytest.mark.parametrize(
    ("mode", "writing"),
    [
        ("add", {Capability.WRITE_MEMBERS}),
        ("add_and_remove", {Capability.WRITE_MEMBERS, Capability.REMOVE_MEMBERS}),
        ("replace", {Capability.REPLACE_MEMBERS}),
    ],
)
def test_what_it_can_follows_from_what_the_workflow_does(mode, writing):
    reading = {
        Capability.AUDIENCE_CATALOGUE,
        Capability.CREATE_AUDIENCE,
        Capability.READ_MEMBERS,
        Capability.IDENTITY_INDEX,
        Capability.INCREMENTAL_INDEX,
    }
    assert capabilities(MODES[mode]) == reading | writing


async def test_a_file_is_dropped_and_then_the_workflow_is_signalled(stub, connect, drops):
    stub.answers = [workflow_is(stub, STARTED), posted(stub)]
    result = await connect(variables={"keyColumn": "email"}, id_column="email").write_members(
        members("a", 'b"c', "d,e")
    )
    assert result == WriteResult(3)
    ((name, content),) = dropped(drops).items()
    assert content == 'email\n"a"\n"b""c"\n"d,e"\n'
    assert events(stub) == [{"fileName": name, "listName": "LST 1", "keyColumn": "email"}]
    (call,) = [call for call in stub.calls if call.method == "PostEvent"]
    texts = [parameter.text for parameter in call.parameters]
    assert texts[1:4] == ["wkfAudienceImport", "signal", None]
    assert (call.parameters[4][0].tag, texts[5]) == ("variables", "false")


async def test_a_repeat_is_the_same_file_and_another_write_is_another(stub, connect, drops):
    connector = connect()
    stub.answers = [workflow_is(stub, STARTED), posted(stub)] * 3
    await connector.write_members(members("a"))
    await connector.write_members(members("a"))
    await connector.write_members(members("b", key="t/add-00001"))
    first, second, third = events(stub)
    assert first == second != third
    assert len(dropped(drops)) == 2
    assert connector.write_promise() is WritePromise.IDEMPOTENT_BY_FILE_NAME


async def test_a_column_says_who_is_to_be_removed(stub, connect, drops):
    connector = connect(mode="add_and_remove", delimiter=";")
    stub.answers = [workflow_is(stub, STARTED), posted(stub)]
    await connector.remove_members(members("a", key="t/remove-00000"))
    assert list(dropped(drops).values()) == ['id;segmentMembershipStatus\n"a";"exited"\n']


async def test_a_replacement_is_one_file_and_one_signal(stub, connect, drops):
    async def batches() -> AsyncIterator[TargetBatch]:
        yield TargetBatch.of(["a"])
        yield TargetBatch.of(["b"])

    stub.answers = [workflow_is(stub, PAUSED), posted(stub)]
    result = await connect(mode="replace").replace_members("LST 1", SOURCE, batches(), "t/replace")
    assert result == WriteResult(2)
    assert list(dropped(drops).values()) == ['id\n"a"\n"b"\n']
    assert len(events(stub)) == 1


@pytest.mark.parametrize(("state", "words"), [(STOPPED, "has ended"), (EDITED, "is being edited"), (None, "not there")])
async def test_a_workflow_that_would_lose_the_signal_gets_no_file(stub, connect, drops, state, words):
    stub.answers = [workflow_is(stub, state)]
    with pytest.raises(Permanent, match=words):
        await connect().write_members(members("a"))
    assert not drops.exists()


async def test_a_workflow_that_is_stopped_is_noticed_when_a_transfer_is_planned(stub, connect):
    stub.answers = [workflow_is(stub, STOPPED)]
    with pytest.raises(Permanent, match="has ended"):
        await connect().check_destination("LST 1", SOURCE)


async def test_limits_of_managed_cloud_services_are_held_when_a_transfer_is_planned(stub, context, drops):
    context.providers["ims"] = object()
    values = {
        "transport": "file_workflow",
        "url": stub.url,
        "credentials": "ims",
        "file_workflow": {"bucket": drops.as_uri(), "workflow": "wkf"},
        "managed_cloud": {},
    }
    connector = connector_of(CampaignSettings.model_validate(values), context)
    assert isinstance(connector, FileWorkflow)
    with pytest.raises(ConfigError, match="do not take: &"):
        await connector.check_destination("gold & silver", SOURCE)


def test_ids_are_reconciled_by_the_workflow_unless_the_file_holds_keys_of_recipients(connect):
    assert not connect().reconciles(SOURCE)
    assert connect(content="recipients").reconciles(SOURCE)


async def test_a_check_names_bucket_and_workflow(stub, connect, drops):
    drops.parent.mkdir(exist_ok=True)
    drops.write_text("no directory")
    stub.answers = [stub.fault("XTK-170036 Unable to parse expression.")] * 20
    findings = await connect().check()
    paths = {finding.path for finding in findings if finding.severity is Severity.ERROR}
    assert {"file_workflow.workflow", "file_workflow.bucket"} <= paths


@pytest.mark.parametrize(
    "workflow",
    [
        {"rest": {"url": "https://mc.example.org/org/campaign"}, "mode": "add"},
        {"mode": "add_and_remove", "status_column": "id"},
        {"variables": {"listName": "a"}},
        {"variables": {"a b": "a"}},
        {"workflow": ""},
        {"delimiter": "ab"},
    ],
)
def test_a_setting_outside_its_domain_is_refused(connect, workflow):
    with pytest.raises(ValidationError):
        connect(**workflow)


def test_two_lists_whose_names_differ_in_signs_only_have_files_of_their_own():
    assert file_name("a b", "key") != file_name("a/b", "key")
    assert "/" not in file_name("a/b", "key")
