"""Recipients that are created by their ids, on the sandbox's Campaign over a real socket."""

from __future__ import annotations

import pyarrow as pa
import pytest
from audience_gateway.sdk import Capability, ConfigError, DataSource, capabilities
from audience_gateway_campaign.bucket_connector import BucketCampaign
from audience_gateway_campaign.connector import CampaignConnector
from audience_gateway_campaign.file_workflow import ReplacingWorkflow
from audience_gateway_sandbox.sandbox import Sandbox

EMAIL = DataSource(name="email", id_type="declared_id", reconciliation_key="@email")
NEW = ["ana@example.net", "o'neil@example.net", "li & wei@example.net", "back\\slash@example.net"]


@pytest.fixture
async def sandbox():
    async with Sandbox.started(recipients=100) as sandbox:
        yield sandbox


@pytest.fixture
def sql(sandbox):
    """Asks the tables behind the sandbox."""
    return lambda query: sandbox.instance.campaign.database.execute(query).fetchall()


@pytest.fixture
async def campaign(connector_to, sandbox, monkeypatch):
    ready = sandbox.ready["campaign"]
    monkeypatch.setenv("CAMPAIGN_PASSWORD", ready["password"])
    return await connector_to(ready["url"], user=ready["user"], password="env:CAMPAIGN_PASSWORD", page_rows=3)


async def created(campaign, ids: list[str]):
    return await campaign.create_records(EMAIL, pa.array(ids, pa.string()))


async def found(campaign, ids: list[str]) -> dict[str, tuple[str, bool]]:
    entries = (await campaign.find_records(EMAIL, pa.array(ids, pa.string()))).columns.to_pylist()
    return {entry["id"]: (entry["target"], entry["opted_out"]) for entry in entries}


async def test_recipients_are_created_with_their_id_and_found_by_it(campaign, sql):
    assert await found(campaign, NEW) == {}
    assert (await created(campaign, NEW)).accepted == len(NEW)
    keys = {email: (str(key), False) for key, email in sql("SELECT id, email FROM recipient WHERE email LIKE '%.net'")}
    assert set(keys) == set(NEW)
    assert await found(campaign, NEW) == keys


async def test_a_repeat_creates_nobody_twice(campaign, sql):
    await created(campaign, NEW)
    before = sql("SELECT id, email FROM recipient ORDER BY id")
    assert (await created(campaign, NEW)).accepted == len(NEW)
    assert sql("SELECT id, email FROM recipient ORDER BY id") == before


async def test_all_of_many_are_found_whatever_a_query_may_answer(campaign, sql):
    emails = [email for (email,) in sql("SELECT DISTINCT email FROM recipient WHERE email <> ''")]
    assert set(await found(campaign, emails)) == set(emails)


async def test_who_is_found_may_have_opted_out(campaign, sql):
    [(key, email)] = sql("SELECT id, email FROM recipient WHERE blackList AND email <> '' LIMIT 1")
    assert (await found(campaign, [email]))[email] == (str(key), True)


async def test_an_id_that_xml_cannot_carry_is_refused_and_has_no_record(campaign, sql):
    result = await created(campaign, ["ana@example.net", "b\x00b"])
    assert [(one.index, one.code) for one in result.refused] == [(1, "not-in-xml")]
    assert await found(campaign, ["b\x00b"]) == {}


@pytest.mark.parametrize("key", ["[trackingLog/@sourceId]", "[location/@zipCode]", "@id"])
async def test_ids_that_no_recipient_can_be_given_create_nobody(campaign, key):
    source = DataSource(name="other", id_type="declared_id", reconciliation_key=key)
    with pytest.raises(ConfigError) as error:
        campaign.check_creation(source)
    assert error.value.place == "data_sources.other.reconciliation_key"
    campaign.check_creation(EMAIL)


def test_only_calls_create_recipients_and_files_do_not():
    can = {
        one: Capability.CREATE_RECORDS in capabilities(one)
        for one in (CampaignConnector, BucketCampaign, ReplacingWorkflow)
    }
    assert can == {CampaignConnector: True, BucketCampaign: False, ReplacingWorkflow: False}
