"""A whole day in a running sandbox: ids are synchronized, a file comes in, a segment is sent out at 14:00 UTC."""

import gzip
import re
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlparse

import pytest
from audience_gateway_sandbox.assumptions import Assumptions
from yarl import URL

DECLARED, VISITORS, LAST_AUTHENTICATED = 38889, 38888, 38891
MID = "59767559181262060060278870901087098252"


class Company:
    """Who has a web site, an API key and two buckets."""

    def __init__(self, guest, token):
        self.guest, self.headers = guest, {"Authorization": f"Bearer {token}"}
        ims = guest.ready["ims"]
        self.headers |= {"x-api-key": ims["client_id"], "x-gw-ims-org-id": ims["org_id"]}
        self.now = guest.sandbox.instance.now

    def bucket(self, name):
        return Path(urlparse(self.guest.ready["buckets"][name]).path)

    async def api(self, method, path, body=None):
        url = f"{self.guest.ready['audience_manager']['url']}{path}"
        # A token ends while days pass.
        headers = self.headers | {"Authorization": f"Bearer {await self.guest.token()}"}
        async with self.guest.http.request(method, url, json=body, headers=headers) as response:
            assert response.status in {200, 201}, await response.text()
            return await response.json()

    async def visit(self, query):
        url = URL(f"{self.guest.ready['audience_manager']['url']}/event?{query}", encoded=True)
        async with self.guest.http.get(url) as response:
            assert "X-Error" not in response.headers

    async def wait(self, **hours):
        _, body = await self.guest.post("/sandbox/clock", {"advance_seconds": int(3600 * hours["hours"])})
        return body["dropped"]

    def upload(self, bucket, name, *lines):
        folder = self.bucket(bucket) / f"date={self.now():%Y-%m-%d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f".{name}").write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
        (folder / f".{name}").rename(folder / name)

    def sent(self, bucket, destination):
        found = {}
        for file in sorted(self.bucket(bucket).glob(f"*_{destination}_*.gz")):
            found[file.name] = gzip.decompress(file.read_bytes()).decode().splitlines()
        return found


@pytest.fixture
def opened(visiting):
    @asynccontextmanager
    async def open_company(**assumptions):
        async with visiting(assumptions=Assumptions(calls_a_minute=0, **assumptions)) as guest:
            yield Company(guest, await guest.token())

    return open_company


async def test_declared_ids_come_in_and_visitor_ids_go_out(opened):
    async with opened() as company:
        now = int(company.now().timestamp())
        trait = await company.api(
            "POST",
            "/v1/traits/",
            {"name": "Gold", "traitType": "ON_BOARDED_TRAIT", "dataSourceId": DECLARED, "folderId": 0},
        )
        segment = await company.api(
            "POST",
            "/v1/segments/",
            {
                "name": "Gold",
                "segmentRule": f"{trait['sid']}T",
                "dataSourceId": DECLARED,
                "folderId": 0,
                "mergeRuleDataSourceId": LAST_AUTHENTICATED,
            },
        )
        _, destination = await company.guest.post(
            "/sandbox/audience-manager/destinations",
            {"name": "By Visitor ID", "dataSourceId": VISITORS, "bucket": "importSharedAudience"},
        )
        number = destination["destinationId"]
        mapping = {"sid": segment["sid"], "traitType": "SEGMENT", "startDate": f"{company.now():%Y-%m-%d}"}
        mapping["traitAlias"] = "gold"
        await company.api("POST", f"/v1/destinations/{number}/mappings/", mapping)

        await company.visit(f"d_rtbd=json&d_mid={MID}&d_cid={DECLARED}%01crm-1%011")
        name = f"ftp_dpm_{DECLARED}_{now}.sync.gz"
        company.upload("audienceManagerInbound", name, *(f"crm-{each}\td_sid={trait['sid']}" for each in (1, 2)), "bad")

        await company.wait(hours=12)
        [row] = await company.api("GET", f"/v1/datasources/{DECLARED}/history/inbound")
        assert (row["dataFileName"], row["stage"]) == (name, "PROCESSED")
        assert (row["recordsReceived"], row["storedRecords"], row["formatErrors"]) == (3, 2, 1)
        assert company.sent("importSharedAudience", number) == {}

        dropped = await company.wait(hours=48 + 24)
        [row] = await company.api("GET", f"/v1/datasources/{DECLARED}/history/inbound")
        assert row["stage"] == "USABLE"
        sent = company.sent("importSharedAudience", number)
        assert set(sent) <= set(dropped)
        for file, lines in sent.items():
            assert re.fullmatch(rf"s3_{number}_{VISITORS}_full_[0-9]{{13}}\.sync\.gz", file)
            assert int(file[-21:-8]) % 86_400_000 == 14 * 3_600_000
            assert lines == [f"{MID}\t{segment['sid']}"]
        assert sent
        end = int(company.now().timestamp() * 1000)
        path = f"/v1/destinations/{number}/history/outbound?startDate=0&endDate={end}"
        rows = await company.api("GET", path)
        assert {row["dataFileName"] for row in rows if row["successRecords"]} == set(sent)


async def test_what_campaign_exports_is_taken_in_from_its_bucket(opened):
    async with opened(inbound_usable_hours=0) as company:
        visitor = next(iter(company.guest.sandbox.instance.population.visitor_ids.values()))
        name = f"ftp_dpm_{VISITORS}_{int(company.now().timestamp())}.sync.gz"
        company.upload("exportSharedAudience", name, f"{visitor}\td_sid=1024", f"{MID}\td_sid=1024")
        await company.wait(hours=12)
        [row] = await company.api("GET", f"/v1/datasources/{VISITORS}/history/inbound?dataFileName={name}")
        assert (row["storedRecords"], row["noMatchingAamId"]) == (1, 1)
        [left] = company.bucket("exportSharedAudience").rglob("*.gz*")
        assert left.name == f"{name}.processed"
        trait = await company.api("GET", "/v1/traits/1024?includeMetrics=true")
        assert trait["uniques7Day"] == 1
        segment = await company.api("GET", "/v1/segments/24?includeMetrics=true")
        assert segment["totalUniques7Day"] == segment["totalUniquesLifetime"] == 1


async def test_profiles_and_plans_outlive_the_sandbox(visiting, tmp_path):
    async with visiting(state=tmp_path) as guest:
        company = Company(guest, await guest.token())
        name = f"ftp_dpm_{DECLARED}_{int(company.now().timestamp())}.sync.gz"
        company.upload("audienceManagerInbound", name, "crm-1\td_sid=1024")
        due = guest.sandbox.instance.data.jobs.next_due
    async with visiting(state=tmp_path) as guest:
        assert guest.sandbox.instance.data.jobs.next_due == due
        company = Company(guest, await guest.token())
        await company.wait(hours=12)
        [row] = await company.api("GET", f"/v1/datasources/{DECLARED}/history/inbound")
        assert row["noTraitRealized"] == 1
