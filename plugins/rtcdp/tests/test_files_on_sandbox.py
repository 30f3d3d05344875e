"""Members out of the files that the sandbox's platform exports on its clock (rtcdp 6.4 to 6.7, 8.1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from audience_gateway.sdk import Capability, ConfigError, DataSource, Permanent, ReadRequest, capabilities
from audience_gateway_rtcdp import RtcdpConnector
from audience_gateway_sandbox.platform.faults import PlatformFaults

EMAILS = DataSource(name="email", id_type="declared_id")
FLOWS = "/data/foundation/flowservice"
CAMPAIGN = {"id": "0b23e41a-cb4a-4321-a78f-3b654f5d7d97", "version": "1.0"}
TEMPLATE = "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"
STATUS = "segmentMembership.status"
FULL, INCREMENTAL = "DAILY_FULL_EXPORT", "FIRST_FULL_THEN_INCREMENTAL"


@dataclass
class Destination:
    """A flow of the sample audience to Adobe Campaign, and a connection that reads its files."""

    sandbox: Any
    connect: Callable[..., RtcdpConnector]
    audience: str
    call: Callable[..., Awaitable[Any]]
    settings: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return Path(urlparse(self.sandbox.ready["platform"]["files"]).path)

    @property
    def names(self) -> list[str]:
        return sorted(path.name for path in self.path.rglob("*.csv*"))

    @property
    def connector(self) -> RtcdpConnector:
        files = {
            "bucket": self.path.as_uri(),
            "folder": "crm/in",
            "name": TEMPLATE,
            "id_columns": {"declared_id": "personalEmail.address"},
        }
        return self.connect(files=files | self.settings, **self.more)

    async def activate(self, *fields: str, target: dict[str, Any] | None = None, **value: Any) -> None:
        """Makes a flow as clients do, one object after the other, and adds the audience to it."""
        base = await self.call("connections", connectionSpec=CAMPAIGN, auth={"specName": "S3", "params": {}})
        source = await self.call("sourceConnections", connectionSpec=CAMPAIGN, data={"format": "CSV"}, params={})
        params = {"bucketName": "crm", "path": "in", "format": "CSV"} | (target or {})
        targets = await self.call("targetConnections", baseConnectionId=base, connectionSpec=CAMPAIGN, params=params)
        schedule = {"frequency": "DAILY", "triggerType": "SCHEDULED", "startDate": "2026-01-01", "startTime": "00:00"}
        made = {"id": self.audience, "filenameTemplate": TEMPLATE, "exportMode": FULL, "schedule": schedule} | value
        selectors = {
            "profileSelectors": {"selectors": [{"type": "JSON_PATH", "value": {"path": path}} for path in fields]},
            "segmentSelectors": {"selectors": []},
        }
        transform = {"name": "GeneralTransform", "params": selectors}
        ids = {"sourceConnectionIds": [source], "targetConnectionIds": [targets]}
        flow = f"{FLOWS}/flows/{await self.call('flows', transformations=[transform], **ids)}"
        caller = self.connector._parts.platform.caller
        etag = (await caller.call("GET", flow)).content["items"][0]["etag"]
        path = "/transformations/0/params/segmentSelectors/selectors/-"
        step = {"op": "add", "path": path, "value": {"type": "PLATFORM_SEGMENT", "value": made}}
        await caller.call("PATCH", flow, body=[step], if_match=etag)

    async def pass_by(self, **time: float) -> None:
        await self.sandbox.instance.advance(timedelta(**time))

    async def leave(self, *emails: str) -> None:
        """Lets people leave the audience, and has it evaluated."""
        inlet = await self.call(
            "connections",
            connectionSpec={"id": "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb", "version": "1.0"},
            auth={"specName": "Streaming Connection", "params": {"sourceId": "s", "dataType": "xdm"}},
        )
        caller = self.connector._parts.platform.caller
        schema = {"schemaRef": {"id": "https://ns.adobe.com/sandbox/schemas/1", "contentType": "application/json"}}
        for email in emails:
            entity = {"identityMap": {"Email": [{"id": email, "primary": True}]}, "loyalty": {"tier": "left"}}
            header = schema | {"imsOrgId": self.sandbox.ready["ims"]["org_id"], "datasetId": "d1"}
            message = {"header": header, "body": {"xdmMeta": schema, "xdmEntity": entity}}
            await caller.call("POST", f"/collection/{inlet}", body=message)
        await caller.call("POST", "/data/core/ups/segment/jobs", body=[{"segmentId": self.audience}])
        await self.pass_by(seconds=1)

    async def rows(self) -> list[str | None]:
        """Of each row the id, with a minus if it leaves, or the defect in brackets."""
        request = ReadRequest(audience=self.audience, source=EMAILS)
        pages = [page async for page in self.connector.read_members(request)]
        rows = [row for page in pages for row in page.members.columns.to_pylist()]
        return [
            f"<{row['defect']}>" if row["defect"] else f"-{row['id']}" if row["leaves"] else row["id"] for row in rows
        ]

    async def check(self) -> None:
        await self.connector.check_source(self.audience, EMAILS, "connections/files/audiences/a")


@pytest.fixture
async def destination(connect_sandbox, sandbox):
    connector = connect_sandbox()
    [audience] = [each.id async for each in connector.list_audiences()]

    async def call(kind, **content):
        answer = await connector._parts.platform.caller.call("POST", f"{FLOWS}/{kind}", body={"name": "n", **content})
        return answer.content["id"]

    return Destination(sandbox, connect_sandbox, audience, call)


def every_three_hours():
    return {"frequency": "EVERY_3_HOURS", "triggerType": "SCHEDULED", "startDate": "2026-01-01", "startTime": "00:00"}


async def exported_in_full(destination, *fields, **options):
    """Activates, and lets a day pass, so that there is an export of today."""
    await destination.activate("personalEmail.address", *fields, **options)
    await destination.pass_by(days=1, hours=1)


async def exported_with_changes(destination, *fields):
    """Activates, and lets the first, full export be made; tells the connection its time."""
    await destination.activate("personalEmail.address", *fields, exportMode=INCREMENTAL, schedule=every_three_hours())
    await destination.pass_by(hours=5)
    first = datetime.strptime(destination.names[0].split(".")[0][-15:], "%Y%m%d_%H%M%S").replace(tzinfo=UTC)
    destination.settings["incremental"] = {destination.audience: first}


def test_it_reads_members_with_several_ids():
    assert {Capability.READ_MEMBERS, Capability.READ_SEVERAL_IDS} <= capabilities(RtcdpConnector)


async def test_ids_of_further_data_sources_are_looked_for_when_a_share_is_planned(destination):
    await exported_in_full(destination, STATUS)
    phones = DataSource(name="phone", id_type="declared_id")
    with pytest.raises(ConfigError, match="it has the same column as `email`") as caught:
        await destination.connector.check_several_ids(destination.audience, [EMAILS, phones])
    assert caught.value.place == "settings.files.id_columns.phone"
    destination.settings["id_columns"] = {"email": "personalEmail.address", "phone": "mobilePhone.number"}
    with pytest.raises(ConfigError, match=r"no column `mobilePhone.number`, found: `personalEmail"):
        await destination.connector.check_several_ids(destination.audience, [EMAILS, phones])


async def test_without_files_configured_the_error_says_what_is_missing(destination):
    with pytest.raises(ConfigError, match=r"connections\.rtcdp\.settings\.files\.bucket"):
        await destination.connect().check_source(destination.audience, EMAILS, "connections/files/audiences/a")


async def test_an_audience_that_is_not_there_is_told(destination):
    with pytest.raises(Permanent, match="there is no such audience"):
        await destination.connector.check_source("nobody", EMAILS, "connections/files/audiences/a")


async def test_members_are_those_that_the_platform_exported(destination):
    await exported_in_full(destination, STATUS)
    await destination.check()
    rows = await destination.rows()
    audience = await destination.connector.get_audience(destination.audience)
    assert audience.readable
    assert audience.refreshed is not None
    assert f"{audience.refreshed:%Y%m%d_%H%M%S}" in destination.names[-1]
    assert len(rows) == audience.size
    assert all(row is None or "@" in row for row in rows)


async def test_complaint_1_counts_have_their_provenance_what_was_found_written_and_left_out(destination):
    await exported_in_full(destination, STATUS)
    destination.more = {"activation": {"name": "n"}}
    [told] = [each for each in await destination.connector.check() if each.path == "activation.runs"]
    rows = len(await destination.rows())
    found = (await destination.connector.get_audience(destination.audience)).size
    assert told.summary == f"The newest export found {found} rows, wrote {rows} and left out {found - rows}."


@pytest.mark.parametrize("delimiter", [",", ":", "|", ";", "\t"])
async def test_the_options_of_csv_do_not_change_what_is_read(destination, delimiter):
    options = {"delimiter": delimiter, "quoteAll": True, "nullValue": "null", "encoding": "UTF-16"}
    target = {"csvOptions": options, "compression": "GZIP", "includeFileManifest": True}
    await exported_in_full(destination, STATUS, target=target)
    destination.settings |= {"encoding": "utf-16", "manifest": "required"}
    rows = await destination.rows()
    assert len(rows) == (await destination.connector.get_audience(destination.audience)).size
    assert {row for row in rows if row and "@" not in row} == set()


async def test_golden_full_file_after_an_exit_omits_the_person(destination):
    await exported_in_full(destination, STATUS)
    before = [row for row in await destination.rows() if row]
    await destination.leave(before[0])
    await destination.pass_by(days=1)
    after = await destination.rows()
    assert before[0] not in after
    assert set(before[1:]) & set(after)  # others stay, but for those who leave on that day


async def test_golden_incremental_without_status_column_omits_the_exit(destination):
    await exported_with_changes(destination)
    with pytest.raises(ConfigError, match="no column that tells who has left"):
        await destination.check()


async def test_complaint_2_an_empty_incremental_is_a_success(destination):
    await exported_with_changes(destination, STATUS)
    before = await destination.rows()
    files = destination.names
    await destination.pass_by(hours=3)
    assert (destination.names, await destination.rows()) == (files, before)


async def test_complaint_3_leavers_are_told_where_the_status_is_mapped(destination):
    await exported_with_changes(destination, STATUS)
    before = [row for row in await destination.rows() if row and "@" in row]
    await destination.leave(before[0], before[1])
    await destination.pass_by(hours=4)
    after = await destination.rows()
    assert {row for row in after if row and row.startswith("-")} == {f"-{before[0]}", f"-{before[1]}"}
    assert set(before) - set(after) == {before[0], before[1]}


async def test_complaint_3_changes_are_not_taken_for_all_members(destination):
    await exported_with_changes(destination, STATUS)
    before = [row for row in await destination.rows() if row]
    await destination.leave(before[0])
    await destination.pass_by(hours=4)
    destination.settings["incremental"] = {}
    with pytest.raises(Permanent, match="which no full export does"):
        await destination.rows()


async def test_fault_half_written_file_is_known_by_the_manifest(destination, sandbox):
    sandbox.instance.platform.faults.become(PlatformFaults(half_written_files=True))
    await exported_in_full(destination, STATUS, target={"includeFileManifest": True})
    destination.settings["manifest"] = "required"  # the manifest is half written as well
    with pytest.raises(Permanent, match="no manifest lists it"):
        await destination.check()


async def test_fault_existing_status_is_read_as_realized(destination, sandbox):
    sandbox.instance.platform.faults.become(PlatformFaults(existing_status=True))
    await exported_in_full(destination, STATUS)
    assert [row for row in await destination.rows() if row and row.startswith("<")] == []


async def test_fault_missing_exits_leave_who_left_a_member_which_nobody_can_tell_from_the_files(destination, sandbox):
    await exported_with_changes(destination, STATUS)
    before = await destination.rows()
    sandbox.instance.platform.faults.become(PlatformFaults(missing_exits=True))
    await destination.leave(next(row for row in before if row))
    await destination.pass_by(hours=4)
    assert set(await destination.rows()) >= set(before)


ON_DEMAND = {"activation": {"name": "n"}, "on_demand": {"poll_seconds": 0.05, "wait_seconds": 30}}


async def test_an_audience_is_exported_on_demand_when_it_is_read(destination):
    destination.more = ON_DEMAND
    await destination.activate("personalEmail.address", STATUS)
    await destination.pass_by(hours=1)
    await destination.check()
    facts = await destination.connector._parts.platform.caller.call("GET", "/sandbox/platform/facts")
    assert len(await destination.rows()) == facts.content["days"][0]["realized"]
    assert len(destination.names) == 1


async def test_an_audience_that_was_activated_just_now_is_not_exported_on_demand(destination):
    destination.more = ON_DEMAND
    await destination.activate("personalEmail.address", STATUS)
    with pytest.raises(Permanent, match="for less than an hour"):
        await destination.rows()


async def test_complaint_3_a_flow_that_exports_changes_is_not_read_as_full(destination):
    await exported_with_changes(destination, STATUS)
    destination.more = {"activation": {"name": "n"}}
    await destination.check()
    destination.settings["incremental"] = {}
    with pytest.raises(ConfigError, match="exports only changes of this audience"):
        await destination.check()


async def test_complaint_4_changes_from_before_an_audience_was_activated_anew_are_not_built_upon(destination):
    await exported_with_changes(destination, STATUS)
    destination.more = {"activation": {"name": "n"}}
    await destination.check()
    destination.settings["incremental"] = {destination.audience: "2025-12-31T23:59:00Z"}
    with pytest.raises(ConfigError, match="exports this audience anew since 2026-01-01 00:00 UTC"):
        await destination.check()


async def test_complaint_3_a_flow_that_exports_in_full_is_not_read_as_changes(destination):
    await exported_in_full(destination, STATUS)
    destination.more = {"activation": {"name": "n"}}
    await destination.check()
    destination.settings["incremental"] = {destination.audience: "2026-01-01T00:00:00Z"}
    with pytest.raises(ConfigError, match="so that no file tells who has left"):
        await destination.check()
