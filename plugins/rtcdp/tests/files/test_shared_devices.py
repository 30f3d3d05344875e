"""Members whose rows have the same device with other ids are held back, since nobody can say who of them is meant."""

from __future__ import annotations

from datetime import timedelta

import pytest

HEADER = "crmId,_acme_identification_core_ecid,segmentMembership_status"
GOLD = "12341e18-abcd-49c2-836d-123c88e76c39"
TABLET, PHONE = "1" * 38, "2" * 38


async def test_people_who_share_a_device_are_held_back_and_others_are_not(drops):
    lines = [f"ada,{TABLET},realized", f"bob,{PHONE},realized", f"cid,{TABLET},realized", "dan,,realized"]
    drops.drop(drops.name(), HEADER, *lines)
    assert await drops.rows() == ["<ambiguous_id>", "bob", "<ambiguous_id>", "dan"]


async def test_a_person_with_several_devices_or_several_rows_is_one_person(drops):
    drops.drop(drops.name(), HEADER, f"ada,{TABLET},realized", f"ada,{PHONE},realized", f"ADA ,{PHONE},realized")
    assert [row.strip().lower() for row in await drops.rows()] == ["ada"] * 3


async def test_they_may_be_in_different_files_of_an_export(drops):
    first = drops.drop(drops.name(), HEADER, f"ada,{TABLET},realized")
    second = drops.drop(drops.name(part=2), HEADER, f"bob,{TABLET},realized", f"cid,{PHONE},realized")
    drops.manifest(first, second)
    assert await drops.rows() == ["<ambiguous_id>", "<ambiguous_id>", "cid"]


async def test_reading_that_goes_on_holds_the_same_rows_back(drops):
    first = drops.drop(drops.name(), HEADER, f"ada,{TABLET},realized")
    second = drops.drop(drops.name(part=2), HEADER, f"bob,{TABLET},realized", f"cid,{PHONE},realized")
    drops.manifest(first, second)
    [page, *rest] = await drops.pages()
    again = await drops.pages(page.resume_token)
    assert [each.members.columns for each in again] == [each.members.columns for each in rest]


@pytest.mark.parametrize("device", ["", "null", "0", "not-set", "x" * 38])
async def test_what_is_no_device_is_nobodys(drops, device):
    drops.drop(drops.name(), HEADER, f"ada,{device},realized", f"bob,{device},realized")
    assert await drops.rows() == ["ada", "bob"]


async def test_they_are_shared_where_the_settings_say_so(drops):
    drops.settings["shared_devices"] = "share"
    drops.drop(drops.name(), HEADER, f"ada,{TABLET},realized", f"bob,{TABLET},realized")
    assert await drops.rows() == ["ada", "bob"]


async def test_the_column_may_have_another_name(drops):
    drops.settings["device_columns"] = ["device.id"]
    drops.drop(drops.name(), "crmId,device_id", f"ada,{TABLET}", f"bob,{TABLET}")
    assert await drops.rows() == ["<ambiguous_id>"] * 2


async def test_devices_that_are_the_ids_are_nobodys_but_their_own(drops):
    drops.settings["id_columns"] = {"crm": "ECID"}
    drops.drop(drops.name(), "ECID,personalEmail_address", f"{TABLET},a@example.org", f"{TABLET},b@example.org")
    assert await drops.rows() == [TABLET, TABLET]


async def test_of_changes_the_newest_rows_of_members_tell_who_shares_a_device(drops):
    first = drops.now - timedelta(days=1)
    drops.settings["incremental"] = {GOLD: first.isoformat()}
    full = (f"ada,{TABLET},realized", f"bob,{TABLET},realized", f"cid,{PHONE},realized", f"dan,{PHONE},realized")
    drops.drop(drops.name(first), HEADER, *full, hours=24)
    drops.drop(drops.name(first + timedelta(hours=3)), HEADER, f"dan,{PHONE},exited", hours=21)
    assert await drops.rows() == ["<ambiguous_id>", "<ambiguous_id>", "cid", "<superseded>", "-dan"]
