"""Members through the sandbox's Audience Manager: into a trait by a file, out of a segment by a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pyarrow as pa
import pytest
from audience_gateway.sdk import (
    ArrivalRequest,
    DataSource,
    DeliveredWrite,
    ReadRequest,
    Severity,
    TargetBatch,
    WriteRequest,
)
from audience_gateway_audience_manager import AudienceManagerConnector, AudienceManagerSettings
from audience_gateway_ims import ImsSettings, ImsTokens
from audience_gateway_sandbox.sandbox import Sandbox

DECLARED = 38889
KEY = "t/add-00000"
LINE = '<DP_UUID><TAB><SEGMENT_LIST; separator=",">'


@pytest.fixture
async def sandbox():
    async with Sandbox.started(recipients=100) as sandbox:
        yield sandbox


async def adobe(sandbox, path, body):
    """Does what only Adobe does."""
    url = f"{sandbox.ready['audience_manager']['url']}/sandbox/audience-manager/{path}"
    async with aiohttp.ClientSession() as http, http.post(url, json=body) as response:
        assert response.status == 201, await response.text()
        return await response.json()


@pytest.fixture
async def source(sandbox):
    """Customers' ids, and the destination that they are exported to."""
    body = {"name": "Out", "dataSourceId": DECLARED, "lineTemplate": LINE}
    made = await adobe(sandbox, "destinations", body)
    return DataSource(
        name="crm", id_type="declared_id", aam_data_source_id=DECLARED, aam_destination_id=made["destinationId"]
    )


@pytest.fixture
async def connect(sandbox, context, monkeypatch, source):
    ims = sandbox.ready["ims"]
    monkeypatch.setenv("IMS_SECRET", ims["client_secret"])
    settings = {name: ims[name] for name in ("url", "org_id", "client_id")} | {"client_secrets": ["env:IMS_SECRET"]}
    context.credentials_of = {"ims": ImsTokens(ImsSettings.model_validate(settings), context)}
    monkeypatch.setattr(context, "now", sandbox.instance.now)
    rule = await adobe(
        sandbox,
        "merge-rules",
        {
            "name": "Last",
            "authenticated": "ALL_CROSS_DEVICE",
            "authenticatedSourceIds": [DECLARED],
            "device": "NO_DEVICE",
        },
    )
    buckets = sandbox.ready["buckets"]

    def connector(**changes):
        values = {
            "url": f"{sandbox.ready['audience_manager']['url']}/v1",
            "credentials": "ims",
            "onboarding": {
                "data_source_id": DECLARED,
                "merge_rule_data_source_id": rule["dataSourceId"],
                "destination_id": source.aam_destination_id,
            },
            "inbound": {"bucket": buckets["audienceManagerInbound"]},
            "outbound": {"bucket": buckets["audienceManagerOutbound"]},
        }
        return AudienceManagerConnector(AudienceManagerSettings.model_validate(values | changes), context)

    return connector


@pytest.fixture
async def gold(connect, sandbox, source):
    """An audience that is old enough, and its connection."""
    connector = connect()
    await connector.create_audience("gold", "Gold")
    await sandbox.instance.advance(timedelta(hours=5))
    await connector.check_destination("gold", source)
    return connector


def change(source, *targets, key=KEY):
    return WriteRequest(audience="gold", source=source, batch=TargetBatch.of(targets), key=key)


async def arrivals(connector, sandbox, source, known=()):
    write = DeliveredWrite(key=KEY, members=2, time=sandbox.instance.now())
    request = ArrivalRequest(
        audience="gold", source=source, writes=(write,), delivered=sandbox.instance.now(), known=tuple(known)
    )
    return {arrival.stage: arrival for arrival in await connector.poll_arrivals(request)}


async def read(connector, source):
    pages = connector.read_members(ReadRequest(audience="gold", source=source))
    return sorted([row["id"] async for page in pages for row in page.members.columns.to_pylist()])


async def test_members_are_ingested_then_visible_and_then_exported(gold, connect, sandbox, source):
    assert (await gold.write_members(change(source, "crm-1", "crm-2"))).accepted == 2
    assert (await arrivals(gold, sandbox, source))["ingested"].reached is None

    await sandbox.instance.advance(timedelta(hours=12))
    ingested = await arrivals(gold, sandbox, source)
    assert ingested["ingested"].reached is not None
    assert ingested["ingested"].counts["stored_records"] == 2
    assert ingested["ingested"].counts["total_realized_traits"] == 2
    assert ingested["visible"].reached is None

    await sandbox.instance.advance(timedelta(hours=48))
    visible = (await arrivals(gold, sandbox, source, ingested.values()))["visible"]
    assert (visible.reached is not None, visible.counts["population"]) == (True, 2)

    await sandbox.instance.advance(timedelta(hours=24))
    assert (await connect().get_audience("gold")).size == 2
    assert await read(connect(), source) == ["crm-1", "crm-2"]


async def test_a_removal_waits_for_the_addition_and_then_takes_the_member_away(gold, connect, sandbox, source):
    await gold.write_members(change(source, "crm-1", "crm-2"))
    await sandbox.instance.advance(timedelta(hours=12))
    await gold.remove_members(change(source, "crm-1", key="u/remove-00000"))
    await sandbox.instance.advance(timedelta(days=4))
    assert await read(connect(), source) == ["crm-2"]


@pytest.fixture
def left(sandbox):
    """The files in the bucket of inbound files."""
    bucket = Path(urlsplit(sandbox.ready["buckets"]["audienceManagerInbound"]).path)
    return lambda: [path.name for path in bucket.rglob("*") if path.is_file()]


async def test_a_repeat_after_the_file_was_taken_up_writes_nothing(gold, sandbox, source, left):
    await gold.write_members(change(source, "crm-1"))
    await sandbox.instance.advance(timedelta(hours=12))
    await gold.write_members(change(source, "crm-1"))
    (name,) = left()
    assert name.endswith(".processed")


ECID = "59767559181262060060278870901087098252"
VISITORS = DataSource(name="visitor-id", id_type="visitor_id", aam_data_source_id=38888)


async def links_of(connector, sandbox, data_source, id_):
    """What Audience Manager links with an id: data sources with ids."""
    caller = connector._parts._caller(sandbox.ready["audience_manager"]["url"])
    answer = await caller.call("GET", f"/profile/{data_source}/{id_}")
    return [(link["namespace"]["id"], link["id"]) for link in answer.content["profile"]["links"]]


async def test_ids_are_linked_once_their_file_was_taken_up(connect, sandbox):
    url = f"{sandbox.ready['audience_manager']['url']}/event?d_mid={ECID}"
    async with aiohttp.ClientSession() as http, http.get(url) as seen:
        assert "X-Error" not in seen.headers
    connector = connect(id_syncs={"people": {"attributes": {"crm_id": DECLARED}}})
    await connector.check_destination("id-sync-people", VISITORS)
    attributes = pa.record_batch([pa.array(["crm-7"])], names=["crm_id"])
    batch = TargetBatch.of([ECID])
    request = WriteRequest(audience="id-sync-people", source=VISITORS, batch=batch, key=KEY, attributes=attributes)
    assert (await connector.write_members(request)).accepted == 1
    assert await links_of(connector, sandbox, VISITORS.aam_data_source_id, ECID) == []
    await sandbox.instance.advance(timedelta(hours=12))
    assert await links_of(connector, sandbox, VISITORS.aam_data_source_id, ECID) == [(str(DECLARED), "crm-7")]


async def test_who_came_and_who_left_is_told_by_files_of_changes(gold, connect, sandbox, source):
    line = '<DP_UUID><TAB><SEGMENT_LIST; separator=","><TAB><REMOVED_SEGMENT_LIST; separator=",">'
    body = {"name": "Changes", "dataSourceId": DECLARED, "lineTemplate": line, "syncModes": "full,iter", "parts": 2}
    made = await adobe(sandbox, "destinations", body)
    source = replace(source, aam_destination_id=made["destinationId"])
    segment = (await gold._parts.audiences.find("gold")).segment

    await gold._parts.rest.mappings(source.aam_destination_id).create(segment.id, f"{sandbox.instance.now():%Y-%m-%d}")
    buckets = sandbox.ready["buckets"]
    connector = connect(outbound={"bucket": buckets["audienceManagerOutbound"], "sync_mode": "iter"})
    await gold.write_members(change(source, "crm-1", "crm-2", "crm-3"))
    await sandbox.instance.advance(timedelta(days=3))
    await gold.remove_members(change(source, "crm-1", key="u/remove-00000"))
    await gold.write_members(change(source, "crm-4", key="u/add-00000"))
    await sandbox.instance.advance(timedelta(days=4))
    reader = connect(inbound=None, outbound={"bucket": buckets["audienceManagerOutbound"]})
    refreshed = (await reader.get_audience("gold")).refreshed
    assert timedelta() <= sandbox.instance.now() - refreshed < timedelta(days=4)
    assert (await connector.get_audience("gold")).refreshed is None  # it is written as well
    request = ReadRequest(audience="gold", source=source)
    rows = [row async for page in connector.read_members(request) for row in page.members.columns.to_pylist()]
    said = [f"{'-' if row['leaves'] else '+'}{row['id']}" for row in rows]
    assert await connector.reads_changes("gold", source)
    assert (sorted(said[:3]), sorted(said[3:])) == (["+crm-1", "+crm-2", "+crm-3"], ["+crm-4", "-crm-1"])
    assert await read(connect(), source) == ["crm-2", "crm-3", "crm-4"]


async def test_a_sound_connection_has_no_findings_once_its_merge_rule_is_vouched_for(gold, connect, sandbox, source):
    await gold.write_members(change(source, "crm-1"))
    await sandbox.instance.advance(timedelta(days=3))
    preflight = {"destinations": [source.aam_destination_id]}
    (doubt,) = await connect(preflight=preflight).check()
    assert (doubt.severity, "may export nobody" in doubt.summary) == (Severity.WARNING, True)
    rule = (await gold._parts.audiences.find("gold")).segment.merge_rule_data_source_id
    vouched = {"last_authenticated_rules": [rule]}
    assert await connect(preflight=preflight, undocumented=vouched).check() == []
