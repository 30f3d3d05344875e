"""Which export is read: the newest that has arrived as a whole (rtcdp 6.4, 6.6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from audience_gateway.sdk import ConfigError, Permanent

STATIC = "%DESTINATION_NAME%_%SEGMENT_ID%"


@pytest.fixture
def yesterday(drops):
    return drops.now - timedelta(days=1)


@pytest.fixture
def static(drops):
    drops.settings["name"] = STATIC
    stem = drops.name().split("_segment")[0] + "_" + drops.name().split("_segment")[1].split("_")[0]
    return lambda part=1: f"{stem}{f'_{part}' if part > 1 else ''}.csv"


async def test_all_parts_of_an_export_are_read_in_the_order_of_their_numbers(drops):
    for part in (1, 2, 10, 3, 4, 5, 6, 7, 8, 9):
        drops.drop(drops.name(part=part), "crmId", str(part))
    assert await drops.rows() == [str(part) for part in range(1, 11)]


async def test_the_newest_export_counts_by_the_time_in_its_name(drops, yesterday):
    drops.drop(drops.name(), "crmId", "new", hours=5)
    drops.drop(drops.name(yesterday), "crmId", "old", hours=1)
    assert await drops.rows() == ["new"]


async def test_an_export_that_may_still_be_written_is_passed_over(drops, yesterday):
    drops.drop(drops.name(yesterday), "crmId", "old", hours=24)
    drops.drop(drops.name(), "crmId", "new", hours=0.01)
    assert await drops.rows() == ["old"]
    drops.now += timedelta(minutes=10)
    assert await drops.rows() == ["new"]


@pytest.mark.parametrize("parts", [(2,), (1, 3), (2, 3)])
async def test_an_export_that_lacks_a_part_is_not_read(drops, parts):
    for part in parts:
        drops.drop(drops.name(part=part), "crmId", str(part))
    with pytest.raises(Permanent, match="a part of it is missing"):
        await drops.check()


async def test_a_part_that_is_there_twice_makes_an_export_unreadable(drops):
    drops.drop(drops.name(), "crmId", "1")
    drops.drop(drops.name(suffix="csv.gz"), "crmId", "1")
    with pytest.raises(Permanent, match="a part of it is there twice"):
        await drops.check()


async def test_without_any_export_the_error_says_where_it_looked(drops):
    with pytest.raises(Permanent, match="there is no complete export of the audience") as caught:
        await drops.check()
    assert caught.value.place == f"{drops.path.as_uri()}/"


async def test_a_manifest_says_that_an_export_is_complete_at_once(drops):
    path = drops.drop(drops.name(), "crmId", "1", hours=0)
    with pytest.raises(Permanent, match="still too new"):
        await drops.check()
    drops.manifest(path, hours=0)
    assert await drops.rows() == ["1"]


async def test_a_file_that_is_half_written_is_known_by_its_size_in_the_manifest(drops):
    path = drops.drop(drops.name(), "crmId", "1", "2")
    drops.manifest(path)
    path.write_bytes(path.read_bytes()[:8])
    with pytest.raises(Permanent, match="part 1 of it has another size than its manifest says"):
        await drops.check()


async def test_a_part_that_the_manifest_lists_is_waited_for(drops):
    first = drops.drop(drops.name(), "crmId", "1")
    drops.manifest(first, **{drops.name(part=2): 8})
    with pytest.raises(Permanent, match="a file that its manifest lists is not there"):
        await drops.check()
    drops.drop(drops.name(part=2), "crmId", "2")
    assert await drops.rows() == ["1", "2"]


async def test_a_part_that_no_manifest_lists_is_not_read_in_silence(drops):
    drops.manifest(drops.drop(drops.name(), "crmId", "1"))
    drops.drop(drops.name(part=2), "crmId", "2")
    with pytest.raises(Permanent, match="a part that its manifest does not list"):
        await drops.check()


async def test_a_manifest_may_be_required(drops):
    drops.settings["manifest"] = "required"
    path = drops.drop(drops.name(), "crmId", "1")
    with pytest.raises(Permanent, match="no manifest lists it"):
        await drops.check()
    drops.manifest(path)
    assert await drops.rows() == ["1"]


async def test_manifests_may_be_ignored(drops):
    drops.manifest(drops.drop(drops.name(), "crmId", "1"), **{drops.name(part=2): 8})
    drops.settings["manifest"] = "ignored"
    assert await drops.rows() == ["1"]


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"exportResults": [{"name": 1}]}'])
async def test_a_manifest_that_cannot_be_read_says_nothing(drops, content):
    drops.drop(drops.name(), "crmId", "1")
    drops.drop("manifest-1-2.json", content=content)
    assert await drops.rows() == ["1"]


async def test_manifests_of_other_audiences_say_nothing(drops):
    other = drops.drop("Adobe_Campaign_segmentother_20260102120000.csv", "crmId", "x")
    drops.manifest(other, run="other")
    drops.drop(drops.name(), "crmId", "1", hours=0)
    with pytest.raises(Permanent, match="it has no manifest"):
        await drops.check()


async def test_files_of_two_destinations_are_not_mixed(drops):
    drops.drop(drops.name(), "crmId", "1")
    drops.drop(drops.name().replace("Adobe_Campaign", "Amazon_S3"), "crmId", "2")
    with pytest.raises(ConfigError, match="files of 2 destinations"):
        await drops.check()
    drops.settings["name"] = "Amazon_S3_segment%SEGMENT_ID%_%DATETIME(YYYYMMDDHHMMSS)%"
    assert await drops.rows() == ["2"]


async def test_a_static_name_is_read_anew_when_it_was_overwritten(drops, static):
    drops.drop(static(), "crmId", "1")
    assert await drops.rows() == ["1"]
    drops.drop(static(), "crmId", "2", hours=0.5)
    assert await drops.rows() == ["2"]


async def test_parts_that_a_larger_run_left_under_a_static_name_are_not_members(drops, static):
    drops.drop(static(1), "crmId", "1", hours=2)
    drops.drop(static(2), "crmId", "2", hours=1.5)
    drops.drop(static(3), "crmId", "left over", hours=26)
    assert await drops.rows() == ["1", "2"]


async def test_a_part_of_an_earlier_run_may_be_about_to_be_overwritten(drops, static):
    drops.drop(static(1), "crmId", "1", hours=0.5)
    drops.drop(static(2), "crmId", "old", hours=24)
    with pytest.raises(Permanent, match="which this one may be about to overwrite"):
        await drops.check()
    drops.drop(static(2), "crmId", "2", hours=0.4)
    assert await drops.rows() == ["1", "2"]


async def test_a_manifest_says_which_parts_under_a_static_name_are_of_this_run(drops, static):
    first, second = (drops.drop(static(part), "crmId", str(part), hours=0.1) for part in (1, 2))
    drops.drop(static(3), "crmId", "left over", hours=0.2)
    drops.manifest(first, second, drops.path / static(3), run="earlier", hours=0.2)
    drops.manifest(first, second, run="now", hours=0.1)
    assert await drops.rows() == ["1", "2"]


@pytest.mark.parametrize("name", [".{}", "{}.part", "{}.tmp"])
async def test_temporary_names_are_never_read(drops, name):
    drops.drop(name.format(drops.name()), "crmId", "1")
    with pytest.raises(Permanent, match="no complete export"):
        await drops.check()


async def test_a_large_file_is_read_in_bounded_pages_that_reading_resumes_behind(drops):
    ids = [f"{number:038}" for number in range(250_000)]
    drops.drop(drops.name(suffix="csv.gz"), "crmId", *ids[:130_000])
    drops.drop(drops.name(part=2, suffix="csv.gz"), "crmId", *ids[130_000:])
    pages = await drops.pages()
    sizes = [len(page.members) for page in pages]
    assert sum(sizes) == 250_000
    assert 1 < max(sizes) <= 100_000
    assert len(sizes) > 2  # so that reading resumes within a file, too
    drops.drop(drops.name(drops.now + timedelta(hours=1)), "crmId", "of a later export")
    for number, page in enumerate(pages):
        rest = await drops.pages(after=page.resume_token)
        assert [later.members.columns for later in rest] == [later.members.columns for later in pages[number + 1 :]]


async def test_reading_does_not_resume_in_files_that_have_changed(drops):
    drops.drop(drops.name(), "crmId", *map(str, range(150_000)))
    first = (await drops.pages())[0]
    drops.drop(drops.name(), "crmId", "1", hours=0.9)
    with pytest.raises(Permanent, match="have changed or are gone since reading began"):
        await drops.pages(after=first.resume_token)
