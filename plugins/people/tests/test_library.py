"""The Audience Library as it is known over the sandbox's Audience Manager."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from audience_gateway.sdk import (
    Arrival,
    ArrivalRequest,
    ConfigError,
    DataSource,
    DeliveredWrite,
    Permanent,
    Severity,
    TargetBatch,
    WriteRequest,
)
from audience_gateway.storage import open_bucket
from audience_gateway_ims import ImsSettings, ImsTokens
from audience_gateway_people import PeopleConnector, PeopleSettings
from audience_gateway_sandbox.sandbox import Sandbox

MID, DECLARED, SEGMENT, TRAIT = 38888, 38889, 24, 1024
CUSTOMERS = DataSource(name="crm", id_type="declared_id", aam_data_source_id=DECLARED, aam_destination_id=0)
VISITORS = DataSource(name="visitor-id", id_type="visitor_id", aam_data_source_id=MID, aam_destination_id=4711)


@dataclass
class Desk:
    """The gateway's side of a connection to the sandbox."""

    http: aiohttp.ClientSession
    sandbox: Sandbox
    name: str = "people"

    def credentials(self, name):
        ims = self.sandbox.ready["ims"]
        settings = {key: ims[key] for key in ("url", "org_id", "client_id")} | {"client_secrets": ["env:IMS_SECRET"]}
        return ImsTokens(ImsSettings.model_validate(settings), self)

    def bucket(self, url, credentials=""):
        return open_bucket(url)

    def now(self):
        return self.sandbox.instance.now()


@pytest.fixture
async def desk(monkeypatch):
    async with Sandbox.started(recipients=100) as sandbox, aiohttp.ClientSession() as http:
        monkeypatch.setenv("IMS_SECRET", sandbox.ready["ims"]["client_secret"])
        yield Desk(http, sandbox)


@pytest.fixture
def connect(desk: Desk) -> Callable[..., PeopleConnector]:
    buckets = desk.sandbox.ready["buckets"]

    def connector(library: dict[str, object] | None = None, **changes: object) -> PeopleConnector:
        rest = {"url": f"{desk.sandbox.ready['audience_manager']['url']}/v1", "credentials": "ims", "page_size": 2}
        values = {
            "import_bucket": buckets["importSharedAudience"],
            "export_bucket": buckets["audienceManagerInbound"],
            "library": rest | {"onboarding": {"data_source_id": DECLARED}} | (library or {}),
        }
        return PeopleConnector(PeopleSettings.model_validate(values | changes), desk)

    return connector


def members(*ids: str, audience: str, key: str = "t/add-00000") -> WriteRequest:
    return WriteRequest(audience=audience, source=CUSTOMERS, batch=TargetBatch.of(ids), key=key)


def asked(audience: str, desk: Desk, known: tuple[Arrival, ...] = ()) -> ArrivalRequest:
    write = DeliveredWrite(key="t/add-00000", members=2, time=desk.now())
    return ArrivalRequest(audience=audience, source=CUSTOMERS, writes=(write,), delivered=desk.now(), known=known)


async def test_segments_are_listed_with_what_the_library_shows_of_them(connect):
    found = {audience.id: audience async for audience in connect().list_audiences()}
    shared = found[f"segment-{SEGMENT}"]
    assert (shared.title, shared.origin, shared.active) == ("Shared audience", "Adobe Campaign (MID)", True)
    assert (shared.readable, shared.writable, shared.size, shared.size_is_estimate) == (True, True, 0, True)
    assert list(found) == sorted(found)


async def test_the_size_of_an_audience_is_no_estimate_after_thirty_days(connect, desk):
    await desk.sandbox.instance.advance(timedelta(days=30, minutes=1))
    assert not (await connect().get_audience(f"segment-{SEGMENT}")).size_is_estimate


async def test_an_audience_of_the_settings_goes_by_its_own_id_and_is_there_once(connect):
    connector = connect(audiences={"gold": {"segment_id": SEGMENT, "title": "Our gold"}})
    found = {audience.id: audience async for audience in connector.list_audiences()}
    assert (found["gold"].title, found["gold"].writable) == ("Our gold", True)
    assert f"segment-{SEGMENT}" not in found
    assert await connector.get_audience("gold") == found["gold"]


async def test_a_new_audience_is_a_segment_over_an_onboarded_trait(connect):
    connector = connect()
    created = await connector.create_audience("silver", "Silver customers")
    again = await connector.create_audience("silver", "Another title")
    assert (created.id, created.title, created.writable, again.title) == (
        "silver",
        "Silver customers",
        True,
        "Silver customers",
    )
    shared = await connector._library.find("silver")
    assert (shared.segment.segment_rule, shared.trait.trait_type) == (f"{shared.trait.id}T", "ON_BOARDED_TRAIT")


async def test_a_trait_that_is_too_new_for_files_says_when_it_is_not(connect, desk):
    connector = connect()
    await connector.create_audience("silver", "Silver")
    with pytest.raises(Permanent, match="members may be given it") as caught:
        await connector.write_members(members("crm-1", audience="silver"))
    assert not caught.value.sent
    await desk.sandbox.instance.advance(timedelta(hours=5))
    assert (await connect().write_members(members("crm-1", audience="silver"))).accepted == 1


async def test_members_arrive_when_their_file_was_taken_and_they_were_counted(connect, desk):
    await connect().create_audience("silver", "Silver")
    await desk.sandbox.instance.advance(timedelta(hours=5))
    await connect().write_members(members("crm-1", "crm-2", audience="silver"))
    request = asked("silver", desk)
    [waiting] = await connect().poll_arrivals(request)
    await desk.sandbox.instance.advance(timedelta(hours=12))
    ingested, counted = await connect().poll_arrivals(request)
    await desk.sandbox.instance.advance(timedelta(hours=60))
    known = ArrivalRequest(
        audience="silver", source=CUSTOMERS, writes=request.writes, delivered=request.delivered, known=(ingested,)
    )
    _, visible = await connect().poll_arrivals(known)
    assert (waiting.stage, waiting.reached) == ("ingested", None)
    assert ingested.reached is not None
    assert ingested.counts["stored_records"] == 2
    assert counted.reached is None
    assert (visible.stage, visible.counts["population"]) == ("visible", 2)
    assert visible.reached is not None


async def test_stages_have_the_times_that_adobe_tells(connect):
    stages = connect().arrival_stages("gold", CUSTOMERS)
    assert [(stage.name, stage.within) for stage in stages] == [
        ("ingested", timedelta(hours=24)),
        ("visible", timedelta(hours=36)),
    ]


async def test_ids_of_one_data_source_are_given_traits_of_another_by_its_number(connect, desk):
    await desk.sandbox.instance.advance(timedelta(hours=5))
    connector = connect(audiences={"gold": {"segment_id": SEGMENT, "trait_id": TRAIT}})
    await connector.write_members(members("crm-1", audience="gold"))
    bucket = Path(desk.sandbox.ready["buckets"]["audienceManagerInbound"].removeprefix("file://"))
    [file] = bucket.rglob("ftp_dpm_*")  # noqa: ASYNC240
    assert file.name.startswith(f"ftp_dpm_{DECLARED}_{MID}_")


@pytest.mark.parametrize(
    ("audiences", "name", "error", "finding"),
    [
        ({"gold": {"trait_id": 999}}, "gold", Permanent, "no onboarded trait 999"),
        ({}, "segment-999", ConfigError, "no data source to create it in"),
        ({}, f"segment-{SEGMENT}", Permanent, "members may be given it"),
    ],
)
async def test_what_cannot_be_delivered_is_told_before_anything_is_read(connect, audiences, name, error, finding):
    connector = connect(library={"onboarding": None}, audiences=audiences)
    with pytest.raises(error, match=finding):
        await connector.check_destination(name, VISITORS)


async def test_findings_name_the_setting_that_is_wrong(connect, desk):
    await desk.sandbox.instance.advance(timedelta(days=1))
    connector = connect(
        library={"campaign_integration_code": "adobecampaignid", "onboarding": {"data_source_id": 7}},
        audiences={"gold": {"segment_id": 999, "trait_id": 998}, "other": {"segment_id": SEGMENT, "trait_id": TRAIT}},
    )
    findings = {(finding.severity, finding.path): finding.summary for finding in await connector.check()}
    assert findings == {
        (Severity.WARNING, "library.campaign_integration_code"): "No data source has the integration code "
        "`adobecampaignid`; data source 38889 has it in other letter case.",
        (Severity.ERROR, "library.onboarding.data_source_id"): "Audience Manager has no data source 7.",
        (Severity.ERROR, "audiences.gold.trait_id"): "Audience Manager has no onboarded trait 998.",
        (Severity.ERROR, "audiences.gold.segment_id"): "Audience Manager has no segment 999.",
        (Severity.WARNING, "audiences.other.segment_id"): "Segment 24 has no members.",
    }


async def test_a_library_that_cannot_be_asked_is_found(connect, monkeypatch):
    monkeypatch.setenv("IMS_SECRET", "wrong")
    [finding] = [each for each in await connect().check() if each.path == "library"]
    assert finding.severity is Severity.ERROR


async def test_reading_finds_the_segment_of_an_audience_of_the_library(connect):
    connector = connect()
    assert await connector._objects.segment_of(f"segment-{SEGMENT}") == SEGMENT
    with pytest.raises(Permanent, match="no such audience"):
        await connector._objects.segment_of("segment-999")
