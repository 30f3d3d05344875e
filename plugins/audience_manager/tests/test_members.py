"""Members in and out in files, and ids that never leave."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta

import pytest
from audience_gateway.sdk import Codec, ConfigError, DataSource, Permanent, ReadRequest, WritePromise

from plugins.audience_manager.tests.conftest import CRM, CUSTOMERS, NOON, OWN, VISITORS, change


@pytest.fixture
def left(tmp_path):
    """What lies in the bucket of inbound files."""
    return lambda: {path.name: gzip.decompress(path.read_bytes()).decode() for path in (tmp_path / "in").iterdir()}


@pytest.fixture
def deliver(tmp_path):
    """Leaves an outbound file as Audience Manager does."""

    def write(name, *lines):
        (tmp_path / "out").mkdir(exist_ok=True)
        (tmp_path / "out" / name).write_bytes(gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0))

    return write


async def read(connector, audience="gold", source=VISITORS):
    pages = connector.read_members(ReadRequest(audience=audience, source=source))
    return [row["id"] async for page in pages for row in page.members.columns.to_pylist()]


async def test_members_are_given_the_trait_in_a_file_that_names_its_owner(gold, connect, left):
    connector = connect()
    assert connector.write_promise() is WritePromise.IDEMPOTENT_BY_FILE_NAME
    assert (await connector.write_members(change("crm-1", "crm-2"))).accepted == 2
    ((name, content),) = left().items()
    assert name.startswith(f"ftp_dpm_{CRM}_{OWN}_{int(NOON.timestamp())}.sync.")
    assert content == "crm-1\td_sid=1024\ncrm-2\td_sid=1024\n"


async def test_members_lose_the_trait_in_a_file(gold, connect, left):
    await connect().remove_members(change("crm-1", key="t/remove-00000"))
    assert list(left().values()) == ["crm-1\td_unsid=1024\n"]


async def test_a_trait_of_the_data_source_of_the_ids_needs_no_other_owner(gold, connect, left):
    gold.objects["traits"][1024]["dataSourceId"] = CRM
    await connect().write_members(change("crm-1", audience="trait-1024"))
    assert next(iter(left())).startswith(f"ftp_dpm_{CRM}_{int(NOON.timestamp())}.sync.")


async def test_ids_that_all_companies_share_name_the_owner_of_the_trait(gold, connect, left):
    source = DataSource(name="gaid", id_type="gaid", aam_data_source_id=20914)
    await connect().write_members(change("e4fe9bde-caa0-47b6-908d-ffba3fa184f2", source=source))
    assert next(iter(left())).startswith(f"ftp_dpm_20914_{OWN}_")


async def test_a_repeat_writes_nothing(gold, connect, left, context):
    await connect().write_members(change("crm-1"))
    context.time += timedelta(hours=1)
    await connect().write_members(change("crm-1"))
    assert len(left()) == 1


async def test_files_go_to_a_folder_for_their_day(gold, connect, tmp_path):
    await connect(inbound={"bucket": (tmp_path / "in").as_uri(), "prefix": "dir/partner/"}).write_members(change("a"))
    assert [path.name for path in (tmp_path / "in/dir/partner").iterdir()] == ["date=2026-01-05"]


async def test_addresses_and_numbers_in_clear_are_refused_by_their_places(gold, connect, left):
    result = await connect().write_members(change("jane@example.com", "crm-1", "+49 30 1234567", "a:b", "4930123456"))
    assert [(each.index, each.code) for each in result.refused] == [
        (0, "ID_IS_EMAIL"),
        (2, "ID_IS_PHONE"),
        (3, "ID_WITH_COLON"),
    ]
    assert result.accepted == 2
    assert list(left().values()) == ["crm-1\td_sid=1024\n4930123456\td_sid=1024\n"]


async def test_what_is_said_to_be_encoded_is_not_looked_at(gold, connect, left):
    source = replace(CUSTOMERS, codec=Codec.SHA256)
    assert (await connect().write_members(change("a@b", source=source))).accepted == 1


async def test_a_pattern_may_be_switched_off(gold, connect, left):
    assert (await connect(raw_ids={"email": ""}).write_members(change("a@b"))).accepted == 1


async def test_no_file_is_left_for_a_trait_that_is_too_new(gold, connect, tmp_path):
    gold.objects["traits"][1024]["createTime"] = int(NOON.timestamp() * 1000)
    with pytest.raises(Permanent, match="16:00 UTC") as caught:
        await connect().write_members(change("crm-1"))
    assert not caught.value.sent
    assert not (tmp_path / "in").exists()


async def test_the_trait_is_looked_up_once_for_all_writes_of_a_delivery(gold, connect):
    connector = connect()
    await connector.write_members(change("crm-1"))
    calls = len(gold.calls)
    await connector.write_members(change("crm-2", key="t/add-00001"))
    assert len(gold.calls) == calls


async def test_members_are_read_out_of_the_newest_batch_of_the_destination(gold, connect, deliver):
    deliver("S3_90_38888_full_1767225600000.sync.gz", b"a\t24,25", b"b\t25", b"c\t24")
    assert await read(connect()) == ["a", "c"]
    assert await read(connect(), "segment-24") == ["a", "c"]


async def test_names_and_lines_are_read_as_the_destination_lays_them_out(gold, connect, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "for-us-90.38888-full-1767225600.txt").write_text("25|24;a b\n25|;c\n")
    layouts = {
        "name_layout": "for-us-<DID>.<MASTER_DPID>-<SYNC_MODE>-<TIMESTAMP>",
        "line_layout": "<SEGMENT_LIST>;<DP_UUID>",
        "list_separator": "|",
        "timestamp_digits": 10,
        "extension": "txt",
    }
    connector = connect(outbound={"bucket": (tmp_path / "out").as_uri(), **layouts})
    assert await read(connector) == ["a b", None]  # the second line cannot be read, and is not left out


async def test_a_segment_that_is_not_mapped_is_not_taken_for_an_empty_one(gold, connect, deliver):
    deliver("S3_90_38888_full_1767225600000.sync.gz", b"a\t25")
    gold.mappings[90][0]["elementStatus"] = "inactive"
    with pytest.raises(Permanent, match="not mapped to destination 90") as caught:
        await read(connect())
    assert caught.value.place == "data_sources.visitor-id.aam_destination_id"


async def test_a_segment_that_must_not_leave_is_not_read(gold, connect, deliver):
    deliver("S3_90_38888_full_1767225600000.sync.gz", b"a\t24")
    gold.objects["datasources"][OWN]["dataExportRestrictions"] = ["PII"]
    gold.objects["destinations"][90]["dataExportLabels"] = ["PII"]
    with pytest.raises(ConfigError, match="PII"):
        await read(connect())


async def test_a_trait_is_not_read(gold, connect):
    with pytest.raises(ConfigError, match="no segment"):
        await read(connect(), "trait-1024")


async def test_without_a_bucket_nothing_is_read(gold, connect):
    with pytest.raises(ConfigError, match="no bucket"):
        await read(connect(outbound=None))


@pytest.mark.parametrize("audience", ["silver", "trait-7"])
async def test_an_audience_that_is_not_there_is_permanent(gold, connect, audience):
    with pytest.raises(Permanent, match="no such audience"):
        await connect().write_members(change("a", audience=audience))
