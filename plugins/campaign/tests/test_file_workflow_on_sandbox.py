"""Files and signals against the sandbox's Campaign, whose recurring import loads them into a list."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from audience_gateway.sdk import DataSource, Permanent, RateLimited, TargetBatch, WriteRequest
from audience_gateway_campaign import CampaignSettings
from audience_gateway_campaign.file_workflow import FileWorkflow
from audience_gateway_campaign.plugin import connector_of
from audience_gateway_ims import ImsSettings, ImsTokens
from audience_gateway_sandbox.sandbox import Sandbox

EMAIL = DataSource(name="email", id_type="declared_id", reconciliation_key="@email")
WORKFLOW = "wkfAudienceImport"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox.started(recipients=500) as sandbox:
        yield sandbox


@pytest.fixture
async def campaign(sandbox, context, monkeypatch):
    ready = sandbox.ready["campaign"]
    monkeypatch.setenv("CAMPAIGN_PASSWORD", ready["password"])
    opened: list[FileWorkflow] = []

    def connected(**workflow: object) -> FileWorkflow:
        values = {
            "transport": "file_workflow",
            "url": ready["url"],
            "user": ready["user"],
            "password": "env:CAMPAIGN_PASSWORD",
            "file_workflow": {"bucket": sandbox.ready["buckets"]["importFiles"], "workflow": WORKFLOW} | workflow,
        }
        connector = connector_of(CampaignSettings.model_validate(values), context)
        assert isinstance(connector, FileWorkflow)
        opened.append(connector)
        return connector

    yield connected
    for connector in opened:
        await connector.close()


@pytest.fixture
def keys(sandbox) -> list[int]:
    """Keys of some recipients."""
    return [
        key for (key,) in sandbox.instance.campaign.database.execute("SELECT id FROM recipient ORDER BY id LIMIT 3")
    ]


def members(sandbox, name: str) -> set[int]:
    query = "SELECT recipient_id FROM membership JOIN list_group ON id = group_id WHERE name = ?"
    return {member for (member,) in sandbox.instance.campaign.database.execute(query, (name,))}


def change(*targets: object, key: str = "t/add-00000") -> WriteRequest:
    return WriteRequest(audience="gold", source=EMAIL, batch=TargetBatch.of([str(each) for each in targets]), key=key)


async def loaded(sandbox) -> None:
    """Lets the workflow do what waits."""
    await sandbox.instance.advance(timedelta(0))


async def test_keys_of_recipients_are_added_and_removed(sandbox, campaign, keys):
    first, second, third = keys
    connector = campaign(mode="add_and_remove", content="recipients")
    await connector.create_audience("gold", "Gold customers")
    await connector.write_members(change(*keys))
    await connector.remove_members(change(second, key="t/remove-00000"))
    await connector.write_members(change(first, third))
    await loaded(sandbox)
    assert members(sandbox, "gold") == {first, third}


async def test_ids_are_reconciled_by_the_workflow_and_the_others_rejected(sandbox, campaign):
    query = "SELECT id, email FROM recipient WHERE email <> '' GROUP BY email HAVING count(*) = 1 LIMIT 3"
    found = dict(sandbox.instance.campaign.database.execute(query).fetchall())
    await campaign(id_column="email").write_members(change(*found.values(), "nobody@example.org"))
    await loaded(sandbox)
    assert members(sandbox, "gold") == set(found)
    assert "4 rows, 1 of them rejected" in sandbox.instance.workflows.journal(WORKFLOW)[-1]


async def test_a_replacement_purges_the_list_first(sandbox, campaign, keys):
    async def batches(*targets: int) -> AsyncIterator[TargetBatch]:
        for target in targets:
            yield TargetBatch.of([str(target)])

    connector = campaign(mode="replace", content="recipients", variables={"purge": "true"})
    await connector.replace_members("gold", EMAIL, batches(*keys[:2]), "t/replace")
    await connector.replace_members("gold", EMAIL, batches(*keys[1:]), "u/replace")
    await loaded(sandbox)
    assert members(sandbox, "gold") == set(keys[1:])


async def test_a_paused_workflow_loads_when_it_goes_on_and_a_stopped_one_gets_nothing(sandbox, campaign, keys):
    connector = campaign(content="recipients")
    sandbox.instance.workflows.pause(WORKFLOW)
    await connector.write_members(change(keys[0]))
    await loaded(sandbox)
    assert members(sandbox, "gold") == set()
    sandbox.instance.workflows.start(WORKFLOW)
    await loaded(sandbox)
    assert members(sandbox, "gold") == {keys[0]}
    sandbox.instance.workflows.stop(WORKFLOW)
    with pytest.raises(Permanent, match="has ended"):
        await connector.write_members(change(keys[1], key="t/add-00001"))


async def test_a_workflow_of_another_name_is_not_there(campaign):
    with pytest.raises(Permanent, match="is not there"):
        await campaign(workflow="other").check_destination("gold", EMAIL)


async def test_a_workflow_is_signalled_by_rest(sandbox, context, keys, monkeypatch):
    ims, url = sandbox.ready["ims"], sandbox.ready["campaign"]["url"]
    monkeypatch.setenv("IMS_SECRET", ims["client_secret"])
    settings = {"url": ims["url"], "client_id": ims["client_id"], "client_secrets": ["env:IMS_SECRET"]}
    context.providers["ims"] = ImsTokens(ImsSettings.model_validate(settings), context)
    values = {
        "transport": "file_workflow",
        "url": url,
        "credentials": "ims",
        "file_workflow": {
            "bucket": sandbox.ready["buckets"]["importFiles"],
            "workflow": WORKFLOW,
            "mode": "replace",
            "content": "recipients",
            "rest": {"url": f"{url}/{ims['org_id']}/campaign"},
        },
    }
    connector = connector_of(CampaignSettings.model_validate(values), context)
    assert isinstance(connector, FileWorkflow)

    async def batches() -> AsyncIterator[TargetBatch]:
        yield TargetBatch.of([str(key) for key in keys])

    await connector.replace_members("gold", EMAIL, batches(), "t/replace")
    await loaded(sandbox)
    assert members(sandbox, "gold") == set(keys)
    with pytest.raises(RateLimited):
        await connector.replace_members("gold", EMAIL, batches(), "u/replace")
    await connector.close()
