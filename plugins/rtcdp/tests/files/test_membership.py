"""Full exports replace, exports of changes add and remove: which of them an audience has is said (rtcdp 6.7).

Named after the golden checks (rtcdp 11) and the complaints (rtcdp 10) that are about files.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from audience_gateway.sdk import ConfigError, Permanent
from pydantic import ValidationError

HEADER = "crmId,segmentMembership_status"
TIMED = "crmId,segmentMembership_status,segmentMembership_lastQualificationTime"
GOLD = "12341e18-abcd-49c2-836d-123c88e76c39"


@pytest.fixture
def incremental(drops):
    """Drops that hold changes; writes the export that was made so many hours after the first, full one."""
    first = drops.now - timedelta(days=1)
    drops.settings["incremental"] = {GOLD: first.isoformat()}

    def drop(hours, *lines, part=1, header=HEADER):
        time = first + timedelta(hours=hours)
        return drops.drop(drops.name(time, part=part), header, *lines, hours=24 - hours)

    return drop


async def test_golden_full_file_after_an_exit_omits_the_person(drops):
    drops.drop(drops.name(drops.now - timedelta(days=1)), HEADER, "ada,realized", "bob,realized", hours=24)
    assert await drops.rows() == ["ada", "bob"]
    drops.drop(drops.name(), HEADER, "bob,realized")
    assert await drops.rows() == ["bob"]


async def test_golden_incremental_without_status_column_omits_the_exit(drops, incremental):
    incremental(0, "ada", "bob", header="crmId")
    incremental(3, "cid", header="crmId")
    for refusal in (drops.check, drops.rows):
        with pytest.raises(ConfigError, match="no column that tells who has left") as caught:
            await refusal()
        assert "Map `segmentMembership.status`" in caught.value.remedy


async def test_complaint_1_rows_multiply_per_identity_value(drops):
    drops.drop(drops.name(), "crmId,personalEmail_address", "ada-1,a@example.org", "ada-2,a@example.org")
    assert await drops.rows() == ["ada-1", "ada-2"]


@pytest.mark.parametrize("content", [b"", f"{HEADER}\n".encode(), None])
async def test_complaint_2_an_empty_incremental_is_a_success(drops, incremental, content):
    incremental(0, "ada,realized")
    empty = incremental(3)
    if content is None:
        empty.unlink()  # a run without changes may write no file at all
    else:
        drops.drop(empty.name, content=content, hours=21)
    await drops.check()
    assert await drops.rows() == ["ada"]


async def test_complaint_3_leavers_are_told_where_the_status_is_mapped(drops, incremental):
    incremental(0, "ada,realized", "bob,realized", "cid,realized")
    incremental(3, "ada,exited", "dan,realized")
    assert await drops.rows() == ["<superseded>", "bob", "cid", "-ada", "dan"]


async def test_complaint_3_changes_are_not_taken_for_all_members(drops):
    drops.drop(drops.name(), HEADER, "ada,realized", "bob,exited")
    with pytest.raises(Permanent, match="which no full export does") as caught:
        await drops.rows()
    assert "files.incremental" in caught.value.remedy


async def test_fault_duplicate_rows_are_left_to_the_account_of_the_transfer(drops):
    drops.drop(drops.name(), HEADER, "ada,realized", "ada,realized")
    assert await drops.rows() == ["ada", "ada"]


async def test_fault_overwritten_static_names_cannot_hold_changes(drops, incremental):
    drops.settings["name"] = "%DESTINATION_NAME%_%SEGMENT_ID%"
    with pytest.raises(ConfigError, match="under a static name each overwrites the one before") as caught:
        await drops.check()
    assert caught.value.place == f"settings.files.incremental.{GOLD}"


async def test_who_came_back_is_a_member_again(drops, incremental):
    incremental(0, "ada,realized")
    incremental(3, "ada,exited")
    incremental(6, "ada,realized")
    assert await drops.rows() == ["<superseded>", "<superseded>", "ada"]


async def test_within_an_export_the_newest_qualification_counts_not_the_last_row(drops, incremental):
    incremental(0, "ada,exited,2026-01-01T11:00:00Z", "ada,realized,2026-01-01 10:00:00", header=TIMED)
    assert await drops.rows() == ["-ada", "<superseded>"]


async def test_between_exports_the_later_one_counts_whatever_its_times(drops, incremental):
    incremental(0, "ada,realized,2026-01-01T11:00:00+0000", header=TIMED)
    incremental(3, "ada,exited,2025-12-01T00:00:00Z", header=TIMED)
    assert await drops.rows() == ["<superseded>", "-ada"]


async def test_without_times_the_later_row_of_an_export_counts(drops, incremental):
    incremental(0, "ada,exited", "ada,realized")
    assert await drops.rows() == ["<superseded>", "ada"]


async def test_rows_that_cannot_be_read_or_have_no_id_are_rows_all_the_same(drops, incremental):
    incremental(0, "ada,realized", "null,realized", "bob", "null,exited")
    incremental(3, "null,realized", "cid,unheard of")
    assert await drops.rows() == ["ada", None, "<malformed_row>", None, None, "<malformed_row>"]


async def test_all_parts_of_all_exports_count(drops, incremental):
    incremental(0, "ada,realized")
    incremental(0, "bob,realized", part=2)
    incremental(3, "ada,exited")
    incremental(3, "bob,exited", part=2)
    assert await drops.rows() == ["<superseded>", "<superseded>", "-ada", "-bob"]


async def test_changes_without_the_full_export_that_they_build_upon_are_refused(drops, incremental):
    incremental(3, "ada,realized")
    with pytest.raises(Permanent, match="full export that changes build upon is not there") as caught:
        await drops.check()
    assert "files.incremental" in caught.value.remedy


async def test_changes_are_read_without_a_full_export_where_only_they_are_wanted(drops, incremental):
    del drops.settings["incremental"]
    drops.settings["changes_only"] = [GOLD]
    incremental(3, "ada,exited", "bob,realized")
    incremental(6, "bob,exited", "cid,realized")
    await drops.check()
    assert await drops.rows() == ["-ada", "<superseded>", "-bob", "cid"]
    pages = await drops.pages()
    incremental(9, "late,realized")
    assert await drops.pages(after=pages[-1].resume_token) == []


async def test_no_export_at_all_is_not_taken_for_no_changes(drops):
    drops.settings["changes_only"] = [GOLD]
    with pytest.raises(Permanent, match="there is no export of the audience"):
        await drops.check()


async def test_an_audience_is_read_from_its_first_export_or_without(drops, incremental):
    drops.settings["changes_only"] = [GOLD]
    with pytest.raises(ValidationError, match="not in both"):
        drops.folder  # noqa: B018


async def test_what_came_before_the_full_export_does_not_count(drops, incremental):
    incremental(-24, "old,realized")
    incremental(0, "ada,realized")
    assert await drops.rows() == ["ada"]


async def test_the_newest_export_is_left_out_while_it_is_incomplete(drops, incremental):
    incremental(0, "ada,realized")
    incremental(23.99, "ada,exited")
    assert await drops.rows() == ["ada"]


async def test_an_incomplete_export_is_no_hole_that_is_stepped_over(drops, incremental):
    incremental(0, "ada,realized")
    incremental(3, "ada,exited", part=2)
    incremental(6, "bob,realized")
    with pytest.raises(Permanent, match="later changes build upon is not complete: a part of it is missing"):
        await drops.check()


async def test_reading_changes_resumes_with_exactly_the_remaining_rows(drops, incremental):
    incremental(0, *(f"{number:038},realized" for number in range(180_000)))
    incremental(3, *(f"{number:038},exited" for number in range(0, 180_000, 3)))
    pages = await drops.pages()
    assert len(pages) > 2
    incremental(6, "late,realized")
    for number, page in enumerate(pages):
        rest = await drops.pages(after=page.resume_token)
        rows = [row for later in rest for row in later.members.columns.to_pylist()]
        assert rows == [row for later in pages[number + 1 :] for row in later.members.columns.to_pylist()]


async def test_other_audiences_of_the_same_place_are_exported_in_full(drops, incremental):
    drops.settings["incremental"] = {"another": drops.now.isoformat()}
    drops.drop(drops.name(), "crmId", "ada")
    assert await drops.rows() == ["ada"]
