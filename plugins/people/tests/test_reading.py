from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway.sdk import ConfigError, DataSource, Permanent

FIRST, SECOND, THIRD = (f"S3_4711_38888_full_1767225600000{part}.sync.gz" for part in ("", "001", "002"))
INFO = "S3_4711_38888_full_1767225600000.info"
OLDER = "S3_4711_38888_full_1767139200000.sync.gz"


async def test_members_are_read_encoded(people):
    people.deliver(FIRST, b"a\t24", b"b\t25", b"c\t25,24")
    assert await people.rows() == [("a", None), ("c", None)]
    assert [page.encoded for page in await people.read()] == [True]


async def test_all_parts_of_a_batch_are_merged_in_their_order(people):
    people.deliver(THIRD, b"c\t24")
    people.deliver(FIRST, b"a\t24")
    people.deliver(SECOND, b"b\t24")
    assert await people.rows() == [("a", None), ("b", None), ("c", None)]


async def test_a_part_may_lie_uncompressed_and_in_a_folder(people):
    (people.imports / "campaign").mkdir(parents=True)
    people.deliver("campaign/" + FIRST.removesuffix(".gz"), b"a\t24")
    people.deliver("elsewhere.sync", b"x\t24")
    assert await people.rows(import_prefix="campaign/") == [("a", None)]


async def test_the_newest_full_batch_counts_and_no_other_ones(people):
    people.deliver(OLDER, b"old\t24")
    people.deliver(FIRST, b"new\t24")
    people.deliver("S3_4711_38888_iter_1767312000000.sync.gz", b"changed\t24")
    people.deliver("S3_4712_38888_full_1767312000000.sync.gz", b"other destination\t24")
    people.deliver("S3_4711_38889_full_1767312000000.sync.gz", b"other data source\t24")
    people.deliver("notes.txt", b"nothing of ours")
    assert await people.rows() == [("new", None)]


async def test_a_batch_with_a_missing_part_is_passed_over(people):
    people.deliver(OLDER, b"old\t24")
    people.deliver(FIRST, b"a\t24")
    people.deliver(THIRD, b"c\t24")
    assert await people.rows() == [("old", None)]


async def test_a_batch_that_agrees_with_its_control_file_is_complete(people):
    parts = people.deliver(FIRST, b"a\t24", b""), people.deliver(SECOND, b"b\t24")
    people.control(INFO, *parts)
    assert await people.rows() == [("a", None), ("b", None)]


@pytest.mark.parametrize("wrong", [{"FileByteSize": 1}, {"FileLineCount": 2}, {"md5": "0" * 32}, {"md5": "none"}])
async def test_a_batch_that_disagrees_with_its_control_file_is_passed_over(people, wrong):
    people.deliver(OLDER, b"old\t24")
    people.control(INFO, people.deliver(FIRST, b"a\t24"), **wrong)
    assert await people.rows() == [("old", None)]


async def test_a_batch_waits_for_the_parts_that_its_control_file_lists(people):
    people.deliver(OLDER, b"old\t24")
    parts = people.deliver(FIRST, b"a\t24"), people.deliver(SECOND, b"b\t24")
    people.control(INFO, *parts)
    parts[1].unlink()
    assert await people.rows() == [("old", None)]


async def test_a_control_file_may_say_iter_and_leave_its_keys_bare(people):
    people.deliver(OLDER, b"old\t24")
    control = people.control(INFO.replace("full", "iter"), people.deliver(FIRST, b"a\t24"))
    bare = control.read_text()
    for key in ("Files", "FileByteSize", "FileLineCount", "FileName", "FileSequenceNumber", "md5", "Totals"):
        bare = bare.replace(f'"{key}"', key)
    control.write_text(bare)
    assert await people.rows() == [("a", None)]


async def test_a_batch_without_control_file_may_be_given_time_to_settle(people):
    path = people.deliver(FIRST, b"a\t24")
    people.desk.time = _modified(path) + timedelta(seconds=59)
    with pytest.raises(Permanent, match="too new"):
        await people.rows(settle_seconds=60)
    people.desk.time += timedelta(seconds=1)
    assert await people.rows(settle_seconds=60) == [("a", None)]


async def test_no_batch_is_an_error_that_names_bucket_and_ids(people):
    with pytest.raises(Permanent, match="destination 4711 and data source 38888") as caught:
        await people.rows()
    assert caught.value.place == f"{people.imports.as_uri()}/"
    assert caught.value.remedy


@pytest.mark.parametrize("missing", ["aam_destination_id", "aam_data_source_id"])
async def test_a_data_source_without_ids_of_audience_manager_is_an_error_with_its_path(people, missing):
    ids = {"aam_destination_id": 4711, "aam_data_source_id": 38888} | {missing: 0}
    people.source = DataSource(name="visitor-id", id_type="visitor_id", **ids)
    with pytest.raises(ConfigError) as caught:
        await people.rows()
    assert caught.value.place == f"data_sources.visitor-id.{missing}"


async def test_an_unknown_audience_and_one_without_segment_are_errors(people):
    people.deliver(FIRST, b"a\t24")
    with pytest.raises(Permanent, match="no such audience"):
        await people.rows("silver")
    with pytest.raises(ConfigError) as caught:
        await people.rows("write-only")
    assert caught.value.place == "connections.people.settings.audiences.write-only.segment_id"


async def test_a_damaged_file_is_one_error_that_names_file_and_line(people):
    path = people.deliver(FIRST, *(b"%d\t24" % number for number in range(1000)))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(Permanent, match=rf"{FIRST}:\d+: the file is no gzip, is damaged or ends too early"):
        await people.rows()


async def test_reading_resumes_behind_any_page(people):
    lines = [b"%020d\t%d" % (number, 24 + number % 2) for number in range(800_000)]
    people.deliver(FIRST, *lines)
    people.deliver(SECOND, b"last\t24")
    read = await people.read()
    everything = [id_ for page in read for id_ in page.members.columns.column("id").to_pylist()]
    assert len(read) > 3
    assert everything == [*(f"{number:020d}" for number in range(0, 800_000, 2)), "last"]
    passed = 0
    for page in read:
        passed += len(page.members)
        rest = await people.read(after=page.resume_token)
        assert sum(len(each.members) for each in rest) == len(everything) - passed
        ids = [id_ for each in rest[:1] for id_ in each.members.columns.column("id").to_pylist()]
        assert ids[:1] == everything[passed : passed + 1]


async def test_reading_does_not_resume_in_a_batch_that_changed(people):
    path = people.deliver(FIRST, b"a\t24")
    (page,) = await people.read()
    path.write_bytes(gzip.compress(b"another\t24\n"))
    with pytest.raises(Permanent, match="has changed or is gone"):
        await people.read(after=page.resume_token)


def _modified(path):
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
