"""Reports, histories, and what else is told (audience-manager 1.3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp.test_utils import TestServer
from audience_gateway_sandbox.application import application
from audience_gateway_sandbox.audience_manager.history import InboundRow, OutboundRow

DAY = 86_400_000
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


class Counted:
    """Counts 10 profiles a day for trait 1024 and segment 24, and 1 for others; traits had none before a moment."""

    def trait_uniques(self, sid, days, at):
        return days * (10 if sid == 1024 else 1) if at > self.since else 0

    def trait_qualifications(self, sid, days, at):
        return 2 * self.trait_uniques(sid, days, at)

    def segment_uniques(self, sid, days, at, *, real_time):
        return (days or 365) * (10 if sid == 24 else 1) // (2 if real_time else 1)

    def __init__(self, since):
        self.since = since


class Files:
    """Tells of one file each way."""

    def inbound_rows(self, data_source_id, data_file_name):
        row = InboundRow(
            data_file_name="ftp_dpm_38888_1.sync",
            data_source_id=data_source_id,
            received_time=NOON,
            processed_time=NOON + timedelta(hours=1),
            records_received=8,
            stored_records=6,
            format_errors=2,
            sampling_details={"formatErrors": ("no tab",)},
        )
        return [row] if data_file_name in {"", row.data_file_name} else []

    def outbound_rows(self, destination_id, start, end):
        row = OutboundRow(
            push_id=1,
            order_id=destination_id,
            data_provider_id=38888,
            sync_type=1,
            full_publish=True,
            received_records=5,
            attempted_records=5,
            success_records=5,
            start_time=NOON,
            end_time=NOON,
            data_file_name="S3_4711_38888_full_1.sync.gz",
            success=True,
        )
        return [row] if start <= NOON <= end else []


@pytest.fixture
async def told(api):
    """Call an Audience Manager whose files and profiles are told by the stand-ins above."""
    manager = api.sandbox.instance.audience_manager
    counted = Counted(manager.clock.now() - timedelta(hours=1))
    manager = replace(manager, inbound=Files(), outbound=Files(), populations=counted)
    async with TestServer(application(manager.routes(lambda _: "somebody"))) as server:

        async def call(method, path, **arguments):
            async with api.guest.http.request(method, server.make_url(f"/v1{path}"), **arguments) as response:
                assert response.status == 200, await response.text()
                return await response.json()

        yield call


async def test_histories_are_empty_as_long_as_nobody_moves_files(api):
    assert (await api.get("/datasources/38888/history/inbound")).body == []
    assert (await api.get("/destinations/4711/history/outbound", startDate="0", endDate=str(DAY))).body == []


async def test_inbound_history_has_the_counters_of_the_report(told):
    [row] = await told("GET", "/datasources/38888/history/inbound")
    assert (row["recordsReceived"], row["formatErrors"], row["storedRecords"], row["percentSuccess"]) == (8, 2, 6, 75.0)
    assert "samplingDetails" not in row
    [row] = await told("GET", "/datasources/38888/history/inbound?includeSamplingDetails=true")
    assert row["samplingDetails"] == {"formatErrors": ["no tab"]}
    assert await told("GET", "/datasources/38888/history/inbound?dataFileName=other") == []


async def test_outbound_history_is_of_a_span_of_time(told):
    noon = int(NOON.timestamp() * 1000)
    [row] = await told("GET", f"/destinations/4711/history/outbound?startDate={noon}&endDate={noon}")
    assert (row["pushID"], row["orderID"], row["dataProviderID"], row["startTime"]) == (1, 4711, 38888, noon)
    assert await told("GET", f"/destinations/4711/history/outbound?startDate={noon + 1}&endDate={noon + 2}") == []


@pytest.mark.parametrize("asked", [{}, {"startDate": "0"}, {"endDate": "0"}, {"startDate": "x", "endDate": "0"}])
async def test_outbound_history_needs_both_ends(api, asked):
    assert (await api.get("/destinations/4711/history/outbound", **asked)).status == 400


@pytest.mark.parametrize("path", ["/datasources/999/history/inbound", "/destinations/999/history/outbound"])
async def test_nothing_has_no_history(api, path):
    assert (await api.get(path, startDate="0", endDate="1")).status == 404


async def test_metrics_are_of_profiles(told):
    trait = await told("GET", "/traits/1024?includeMetrics=true")
    segment = await told("GET", "/segments/24?includeMetrics=true")
    assert (trait["uniques7Day"], trait["count7Day"]) == (70, 140)
    assert (segment["instantUniques7Day"], segment["totalUniques7Day"], segment["totalUniquesLifetime"]) == (
        35,
        70,
        3650,
    )


async def test_the_largest_are_first_and_the_small_can_be_cut_off(told):
    rows = await told("GET", "/reports/largest-traits?interval=7D")
    assert [(row["sid"], row["uniques"]) for row in rows] == [(1024, 70), (1025, 7)]
    rows = await told("GET", "/reports/largest-segments?interval=7D&cutOff=10")
    assert [(row["sid"], row["uniques"], row["delta"]) for row in rows] == [(24, 70, 0)]


async def test_the_most_changed_are_first_and_can_be_of_one_type(told):
    rows = await told("GET", "/reports/most-changed-traits?restrictType=ON_BOARDED_TRAIT")
    assert [(row["sid"], row["delta"]) for row in rows] == [(1024, 10), (1025, 1)]
    assert await told("GET", "/reports/most-changed-traits?restrictType=ALGO_TRAIT") == []
    assert len(await told("GET", "/reports/most-changed-segments")) == 2


@pytest.mark.parametrize("form", [True, False])
async def test_the_trend_of_traits_is_told_interval_by_interval(told, form):
    start = int(datetime.now(UTC).timestamp() * 1000) - DAY
    body = {"startDate": start, "endDate": start + DAY, "interval": "1D", "sids": [1024], "traitMetricsType": "DEVICE"}
    [row] = await told(
        "POST", "/reports/traits-trend", **({"data": body | {"sids": "1024"}} if form else {"json": body})
    )
    assert row["sid"] == 1024
    assert [(point["date"], point["uniques"]) for point in row["metrics"]] == [(start, 10), (start + DAY, 10)]


@pytest.mark.parametrize(
    "fields",
    [
        {"startDate": None},
        {"endDate": "x"},
        {"sids": ["x"]},
        {"sids": 7},
        {"interval": "2D"},
        {"endDate": 0},
        {"endDate": 10**17},
    ],
)
async def test_a_trend_that_cannot_be_told_is_a_400(api, fields):
    body = {"startDate": DAY, "endDate": 2 * DAY, "interval": "1D", "sids": [1024]} | fields
    assert (await api.post("/reports/traits-trend", body)).status == 400


@pytest.mark.parametrize("asked", [{"interval": "2D"}, {"restrictType": "OTHER"}, {"cutOff": "x"}])
async def test_a_report_that_cannot_be_told_is_a_400(api, asked):
    assert (await api.get("/reports/largest-traits", **asked)).status == 400


async def test_trait_types_are_everybodys_and_ones_own(api):
    number = (await api.made("/customer-trait-types", name="Mine"))["pixelType"]
    assert (await api.get(f"/customer-trait-types/{number}")).body["name"] == "Mine"
    assert [row["name"] for row in (await api.get("/customer-trait-types/")).body][-1] == "Mine"
    assert (await api.get("/customer-trait-types/1")).body["pid"] == 0
    assert (await api.get("/customer-trait-types/999")).status == 404


async def test_domains_are_made_and_removed(api):
    number = (await api.made("/partner-sites/", url="example.org"))["siteId"]
    assert (await api.get(f"/partner-sites/{number}")).body["url"] == "example.org"
    assert (await api.delete(f"/partner-sites/{number}")).status == 204
    assert (await api.get(f"/partner-sites/{number}")).status == 404
    assert (await api.post("/partner-sites/", {})).status == 400


async def test_the_taxonomy_is_a_tree(api):
    assert [row["categoryID"] for row in (await api.get("/taxonomies/0/")).body] == [1, 2, 3]
    assert (await api.get("/taxonomies/0/25")).body["parentCategoryID"] == 1
    assert [row["categoryID"] for row in (await api.get("/taxonomies/0/1/childCategories/")).body] == [25, 49, 72]
    for path in ("/taxonomies/0/999", "/taxonomies/0/999/childCategories"):
        assert (await api.get(path)).status == 404


async def test_regions_have_hosts(api):
    hosts = {row["regionId"]: row["host"] for row in (await api.get("/dcs-regions/")).body}
    assert hosts.keys() == {3, 4, 6, 7, 8, 9, 11, 12}
    assert (await api.get("/dcs-regions/6")).body["host"] == hosts[6] == "irl1.demdex.net"
    assert (await api.get("/dcs-regions/5")).status == 404
