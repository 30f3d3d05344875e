"""A few members at once, by the sandbox's data collection servers and its Customer Data API."""

from __future__ import annotations

import aiohttp
import pytest
from audience_gateway.sdk import DataSource, TargetBatch, WriteRequest
from audience_gateway_audience_manager import AudienceManagerConnector, AudienceManagerSettings
from audience_gateway_ims import ImsSettings, ImsTokens
from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.sandbox import Sandbox
from yarl import URL

DECLARED = 38889
ECID = "59767559181262060060278870901087098252"
CUSTOMERS = DataSource(name="crm", id_type="declared_id", aam_data_source_id=DECLARED)
VISITORS = DataSource(name="visitor-id", id_type="visitor_id", aam_data_source_id=38888)


@pytest.fixture
async def sandbox():
    assumptions = Assumptions(events_realize_onboarded=True)
    async with Sandbox.started(recipients=100, assumptions=assumptions) as sandbox:
        yield sandbox


@pytest.fixture
async def connect(sandbox, context, monkeypatch, tmp_path):
    ims = sandbox.ready["ims"]
    monkeypatch.setenv("IMS_SECRET", ims["client_secret"])
    settings = {name: ims[name] for name in ("url", "org_id", "client_id")} | {"client_secrets": ["env:IMS_SECRET"]}
    context.credentials_of = {"ims": ImsTokens(ImsSettings.model_validate(settings), context)}
    monkeypatch.setattr(context, "now", sandbox.instance.now)

    async def connector(**changes):
        values = {
            "url": f"{sandbox.ready['audience_manager']['url']}/v1",
            "credentials": "ims",
            "onboarding": {"data_source_id": DECLARED},
            "inbound": {"bucket": (tmp_path / "in").as_uri(), "new_trait_hours": 0},
        }
        made = AudienceManagerConnector(AudienceManagerSettings.model_validate(values | changes), context)
        await made.create_audience("gold", "Gold")
        return made

    return connector


@pytest.fixture
def url(sandbox):
    return sandbox.ready["audience_manager"]["url"]


def change(*targets, source=CUSTOMERS):
    return WriteRequest(audience="gold", source=source, batch=TargetBatch.of(targets), key="t/add-00000")


async def population(connector):
    trait = (await connector._parts.audiences.find("gold")).trait
    return trait.count("uniques30Day")


async def test_customers_get_the_trait_at_once_and_each_one_for_himself(connect, url):
    connector = await connect(dcs={"url": url, "confirm": False})
    result = await connector.write_members(change("crm-1", "crm-2", "crm-3"))
    assert (result.accepted, await population(connector)) == (3, 3)


async def test_a_device_gets_the_trait_at_once(connect, url):
    connector = await connect(dcs={"url": url, "confirm": False})
    assert (await connector.write_members(change(ECID, source=VISITORS))).accepted == 1
    assert await population(connector) == 1


async def test_bad_ids_and_those_of_others_are_refused_by_code(connect, url):
    connector = await connect(dcs={"url": url, "confirm": False})
    (refusal,) = (await connector.write_members(change("crm-1", "a:b"))).refused
    assert (refusal.index, refusal.code) == (1, "DCS_300")
    (refusal,) = (await connector.write_members(change("123", source=VISITORS))).refused
    assert refusal.code == "DCS_101"


async def test_who_has_opted_out_is_refused(connect, url):
    connector = await connect(dcs={"url": url, "confirm": False})
    await connector.write_members(change("crm-1"))
    opt_out = URL(f"{url}/demoptout.jpg?d_cid={DECLARED}%01crm-1", encoded=True)
    async with aiohttp.ClientSession() as http, http.get(opt_out) as response:
        assert response.status == 200
    (refusal,) = (await connector.write_members(change("crm-1", "crm-2"))).refused
    assert (refusal.index, refusal.code) == (0, "DCS_171")


async def test_what_is_not_confirmed_goes_into_a_file(connect, url, tmp_path):
    connector = await connect(dcs={"url": url})
    assert (await connector.write_members(change("crm-1"))).accepted == 1
    assert [path.name.partition(".")[2] for path in (tmp_path / "in").rglob("*.gz")] != []


async def test_the_customer_data_api_gives_and_takes_the_trait(connect, url):
    connector = await connect(customer_data={"url": url, "stream_id": "gateway"})
    assert (await connector.write_members(change("crm-1", "crm-2"))).accepted == 2
    assert await population(connector) == 2
    assert (await connector.remove_members(change("crm-1"))).accepted == 1
    assert await population(connector) == 1


async def test_the_customer_data_api_names_the_ids_that_it_does_not_take(connect, url):
    connector = await connect(customer_data={"url": url, "stream_id": "gateway"})
    (refusal,) = (await connector.write_members(change("crm-1", "a:b", "crm-3"))).refused
    assert (refusal.index, refusal.code) == (1, "REFUSED")
    assert await population(connector) == 2
