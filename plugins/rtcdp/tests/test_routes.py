"""Two ways to Campaign, and never both for one audience (rtcdp 9)."""

from __future__ import annotations

import pytest
from audience_gateway.sdk import ConfigError, DataSource, Permanent

FLOWS = "/data/foundation/flowservice"
UPS = "/data/core/ups"
CRM = DataSource(name="crm", id_type="declared_id")
VISITORS = DataSource(name="visitor-id", id_type="visitor_id")
CAMPAIGN = "connections/campaign/audiences/gold"


@pytest.fixture
def platform(stub):
    """A platform with the audience `84cc-1`, and one flow that exports it to a destination of some kind."""

    def answer(kind="Adobe Campaign", state="enabled"):
        stub.on("GET", f"{UPS}/audiences/84cc-1", {"id": "84cc-1", "name": "Gold"})
        selectors = {"selectors": [{"type": "PLATFORM_SEGMENT", "value": {"id": "84cc-1"}}]}
        flow = {
            "id": "f",
            "name": "Somewhere",
            "state": state,
            "targetConnectionIds": ["t"],
            "transformations": [{"params": {"segmentSelectors": selectors}}],
        }
        kinds = [{"id": "1", "name": "Adobe Campaign"}, {"id": "2", "name": "Experience Cloud audiences"}]
        spec = next(each["id"] for each in kinds if each["name"] == kind)
        stub.on("GET", f"{FLOWS}/connectionSpecs", {"items": kinds, "_links": {}})
        stub.on("GET", f"{FLOWS}/flows", {"items": [flow], "_links": {}})
        stub.on("GET", f"{FLOWS}/targetConnections/t", {"items": [{"id": "t", "connectionSpec": {"id": spec}}]})

    return answer


async def required(connector, audience, source, destination):
    """Asks what is asked when a share is planned, before its files are looked at."""
    await connector._parts.source.require(audience, source, destination, connector._context.now())


async def test_files_by_declared_id_go_to_campaign(platform, connect):
    platform()
    await required(connect(), "84cc-1", CRM, CAMPAIGN)


async def test_visitor_ids_do_not_go_by_files(platform, connect):
    platform()
    with pytest.raises(ConfigError, match="Visitor IDs go by Audience Manager") as caught:
        await required(connect(), "84cc-1", VISITORS, CAMPAIGN)
    assert caught.value.place == "data_sources.visitor-id.id_type"


async def test_an_audience_whose_way_is_audience_manager_is_not_read_here(platform, connect):
    platform()
    with pytest.raises(ConfigError, match="goes to Campaign by Audience Manager, and would be imported twice"):
        await required(connect(routes={"audiences": {"84cc-1": "audience_manager"}}), "84cc-1", CRM, CAMPAIGN)


async def test_an_audience_that_the_platform_sends_to_audience_manager_is_not_sent_by_files_too(platform, connect):
    platform("Experience Cloud audiences")
    with pytest.raises(Permanent, match="goes to Audience Manager, too, by the flow `Somewhere`"):
        await required(connect(), "84cc-1", CRM, CAMPAIGN)


async def test_a_flow_that_is_disabled_is_no_second_way(platform, connect):
    platform("Experience Cloud audiences", state="disabled")
    await required(connect(), "84cc-1", CRM, CAMPAIGN)


async def test_shares_to_other_systems_may_go_by_any_way(platform, connect):
    platform("Experience Cloud audiences")
    await required(connect(), "84cc-1", VISITORS, "connections/files/audiences/gold")


async def test_which_connections_lead_to_campaign_is_configured(platform, connect):
    platform()
    routes = {"campaign_connections": ["acc"]}
    await required(connect(routes=routes), "84cc-1", VISITORS, CAMPAIGN)
    with pytest.raises(ConfigError):
        await required(connect(routes=routes), "84cc-1", VISITORS, "connections/acc/audiences/gold")


async def test_an_audience_that_is_not_there_is_told(connect, stub):
    with pytest.raises(Permanent, match="no such audience"):
        await required(connect(), "nobody-1", CRM, CAMPAIGN)
