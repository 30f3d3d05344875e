"""Campaign over the buckets of its external accounts: what it exported is read, what it imports is written."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from audience_gateway.sdk import (
    Bucket,
    Capability,
    ConfigError,
    DataSource,
    MemberPage,
    Permanent,
    ReadRequest,
    TargetBatch,
    Transient,
    WriteResult,
    capabilities,
)
from audience_gateway.sdk.audience_manager.control_files import parse_control_file
from audience_gateway.storage import open_bucket
from audience_gateway_campaign import CampaignSettings
from audience_gateway_campaign.bucket_connector import BucketCampaign
from audience_gateway_campaign.plugin import connector_of
from pydantic import ValidationError

SOURCE = DataSource(name="visitor-id", id_type="visitor_id", aam_data_source_id=38888, aam_destination_id=4711)
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
MILLISECONDS = 1767355200000


@dataclass
class Desk:
    """The gateway's side of the connection."""

    name: str = "campaign"
    time: datetime = NOON

    def bucket(self, url: str, credentials: str = "") -> Bucket:
        return open_bucket(url)

    def now(self) -> datetime:
        return self.time


@dataclass
class Campaign:
    """A connection and its two buckets."""

    directory: Path
    desk: Desk

    @property
    def imports(self) -> Path:
        return self.directory / "import"

    @property
    def exports(self) -> Path:
        return self.directory / "export"

    def connector(self, **bucket: object) -> BucketCampaign:
        values: dict[str, object] = {
            "import_bucket": self.imports.as_uri(),
            "export_bucket": self.exports.as_uri(),
            "audiences": {"gold": {"segment_id": 24, "trait_id": 1024}, "out": {"trait_id": 25}},
        }
        settings = CampaignSettings.model_validate({"transport": "bucket", "bucket": values | bucket})
        connector = connector_of(settings, self.desk)  # type: ignore[arg-type]  # buckets are all that it asks for
        assert isinstance(connector, BucketCampaign)
        return connector

    def export(self, name: str, *lines: str) -> None:
        """Writes a file as Campaign does."""
        path = self.exports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = "".join(f"{line}\n" for line in lines).encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)

    async def pages(self, after: str | None = None, **bucket: object) -> list[MemberPage]:
        request = ReadRequest(audience="gold", source=SOURCE, after=after)
        return [page async for page in self.connector(**bucket).read_members(request)]

    async def ids(self, **bucket: object) -> list[str | None]:
        return [row["id"] for page in await self.pages(**bucket) for row in page.members.columns.to_pylist()]

    async def replace(self, *ids: str, audience: str = "gold", **bucket: object) -> WriteResult:
        async def batches() -> AsyncIterator[TargetBatch]:
            for start in range(0, len(ids), 2):
                yield TargetBatch.of(ids[start : start + 2])

        return await self.connector(**bucket).replace_members(audience, SOURCE, batches(), "key")

    def imported(self) -> dict[str, str]:
        """The data files in the import bucket, and what they say."""
        return {path.name: gzip.decompress(path.read_bytes()).decode() for path in sorted(self.imports.glob("*.gz"))}


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    return Campaign(tmp_path, Desk())


def test_what_it_can_follows_from_what_campaign_does_with_files():
    assert capabilities(BucketCampaign) == {
        Capability.AUDIENCE_CATALOGUE,
        Capability.READ_MEMBERS,
        Capability.REPLACE_MEMBERS,
    }


async def test_members_are_those_of_all_exports(campaign):
    campaign.export("date=2026-01-01/ftp_dpm_38888_1767225600.sync.gz", "a\td_sid=1024", "b\td_sid=1024,d_sid=25")
    campaign.export("date=2026-01-02/ftp_dpm_38888_1767312000.sync", "c\td_sid=1024", "d\td_sid=25")
    campaign.export("ftp_dpm_999_1767312000.sync", "x\td_sid=1024")
    assert await campaign.ids() == ["a", "b", "c"]


async def test_what_was_taken_back_later_is_no_member(campaign):
    campaign.export("ftp_dpm_38888_1767225600.sync", "a\td_sid=1024", "b\td_sid=1024", "c\td_sid=1024")
    campaign.export("ftp_dpm_38888_1767225700.sync", "a\td_unsid=1024", "b\td_unsid=1024", "b\td_sid=1024")
    assert await campaign.ids() == ["c", "b"]


async def test_four_parts_are_one_export_and_a_late_one_is_waited_for(campaign):
    for part in (1, 2, 4):
        campaign.export(f"ftp_dpm_38888_1767225600.sync.{part}.gz", f"id-{part}\td_sid=1024")
    with pytest.raises(Transient, match="part 3 is not there"):
        await campaign.ids()
    campaign.export("ftp_dpm_38888_1767225600.sync.3.gz", "id-3\td_sid=1024")
    assert await campaign.ids() == ["id-1", "id-2", "id-3", "id-4"]


async def test_a_file_that_is_too_new_is_waited_for(campaign):
    campaign.export("ftp_dpm_38888_1767225600.sync", "a\td_sid=1024")
    campaign.desk.time = datetime.now(UTC)
    with pytest.raises(Transient, match="too new"):
        await campaign.ids(settle_seconds=600)
    campaign.desk.time += timedelta(seconds=601)
    assert await campaign.ids(settle_seconds=600) == ["a"]


async def test_a_line_that_cannot_be_read_is_a_row_with_a_defect(campaign):
    campaign.export("ftp_dpm_38888_1767225600.sync", "a\td_sid=1024", "broken", "", "b\td_sid=1024")
    (page,) = await campaign.pages()
    assert page.encoded
    assert [(row["id"], row["defect"]) for row in page.members.columns.to_pylist()] == [
        ("a", None),
        (None, "malformed_row"),
        ("b", None),
    ]


async def test_reading_goes_on_behind_the_last_page_that_was_kept(campaign):
    campaign.export("ftp_dpm_38888_1767225600.sync", "a\td_sid=1024")
    campaign.export("ftp_dpm_38888_1767225700.sync", "b\td_sid=1024")
    first, second = await campaign.pages()
    (again,) = await campaign.pages(first.resume_token)
    assert again.members.columns.equals(second.members.columns)
    assert await campaign.pages(second.resume_token) == []


async def test_files_that_come_while_they_are_read_are_noticed(campaign):
    campaign.export("ftp_dpm_38888_1767225600.sync", "a\td_sid=1024")
    (page,) = await campaign.pages()
    campaign.export("ftp_dpm_38888_1767225700.sync", "b\td_sid=1024")
    with pytest.raises(Permanent, match="came or changed"):
        await campaign.pages(page.resume_token)


async def test_no_export_is_an_error_and_not_an_empty_audience(campaign):
    with pytest.raises(Permanent, match="no file of data source 38888"):
        await campaign.ids()


async def test_a_cut_gzip_is_an_error_that_names_the_file(campaign):
    campaign.export("ftp_dpm_38888_1767225600.sync.gz", "a\td_sid=1024")
    path = campaign.exports / "ftp_dpm_38888_1767225600.sync.gz"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(Permanent, match="damaged or ends too early") as caught:
        await campaign.ids()
    assert "ftp_dpm_38888_1767225600.sync.gz" in caught.value.place


async def test_a_batch_has_parts_and_a_control_file_that_lists_them(campaign):
    result = await campaign.replace("a", "b", "c", "d", "e", part_rows=2)
    assert result == WriteResult(5)
    root = f"S3_4711_38888_full_{MILLISECONDS}"
    assert campaign.imported() == {
        f"{root}.sync.gz": "a\t24\nb\t24\n",
        f"{root}001.sync.gz": "c\t24\nd\t24\n",
        f"{root}002.sync.gz": "e\t24\n",
    }
    listed = parse_control_file((campaign.imports / f"{root}.info").read_bytes())
    assert listed is not None
    assert [file.lines for file in listed.values()] == [2, 2, 1]
    assert all((campaign.imports / name).stat().st_size == file.size for name, file in listed.items())


async def test_a_repeat_is_a_later_batch_with_the_same_members(campaign):
    await campaign.replace("a")
    await campaign.replace("a")
    assert list(campaign.imported().values()) == ["a\t24\n", "a\t24\n"]


async def test_what_the_newest_batch_says_of_other_segments_is_kept(campaign):
    audiences = {"gold": {"segment_id": 24}, "silver": {"segment_id": 25}}
    await campaign.replace("a", "b", audience="silver", audiences=audiences)
    await campaign.replace("a", "c", audiences=audiences)
    await campaign.replace("d", audiences=audiences)
    *_, newest = campaign.imported().values()
    assert newest == "d\t24\na\t25\nb\t25\n"


async def test_a_batch_that_is_not_complete_is_not_what_others_are_kept_from(campaign):
    audiences = {"gold": {"segment_id": 24}, "silver": {"segment_id": 25}}
    await campaign.replace("a", audience="silver", audiences=audiences)
    await campaign.replace("b", "c", audience="silver", audiences=audiences, part_rows=1)
    (campaign.imports / f"S3_4711_38888_full_{MILLISECONDS + 1}001.sync.gz").unlink()
    await campaign.replace("d", audiences=audiences)
    *_, newest = campaign.imported().values()
    assert newest == "d\t24\na\t25\n"


async def test_an_id_that_cannot_be_in_a_line_is_refused_and_nothing_is_written(campaign):
    result = await campaign.replace("a", "b\tc", "d", "")
    assert (result.accepted, [refusal.index for refusal in result.refused]) == (2, [1, 3])
    assert not campaign.imports.exists()


async def test_nothing_is_left_of_a_batch_that_fails(campaign):
    async def cut() -> AsyncIterator[TargetBatch]:
        yield TargetBatch.of(["a"])
        raise Transient("cut")

    with pytest.raises(Transient, match="cut"):
        await campaign.connector().replace_members("gold", SOURCE, cut(), "key")
    assert not campaign.imports.exists()


async def test_ids_that_names_need_are_missed_when_a_transfer_is_planned(campaign):
    connector = campaign.connector()
    await connector.check_destination("gold", SOURCE)
    with pytest.raises(ConfigError, match="found no id") as caught:
        await connector.check_destination("gold", DataSource(name="crm", id_type="declared_id", aam_data_source_id=1))
    assert caught.value.place == "data_sources.crm.aam_destination_id"
    with pytest.raises(ConfigError) as caught:
        await connector.check_destination("out", SOURCE)
    assert caught.value.place == "connections.campaign.settings.bucket.audiences.out.segment_id"


async def test_audiences_are_those_of_the_settings(campaign):
    connector = campaign.connector()
    found = [audience async for audience in connector.list_audiences()]
    assert [(each.id, each.readable, each.writable) for each in found] == [("gold", True, True), ("out", True, False)]
    assert await connector.get_audience("other") is None
    assert await connector.check() == []


@pytest.mark.parametrize(
    "settings",
    [
        {"transport": "bucket"},
        {"bucket": {"import_bucket": "file:///a", "export_bucket": "file:///b"}},
        {"transport": "file_workflow", "url": "https://a.example.org", "credentials": "ims"},
        {},
    ],
)
def test_a_transport_needs_its_own_settings_and_no_others(settings):
    with pytest.raises(ValidationError, match="must be set"):
        CampaignSettings.model_validate(settings)
