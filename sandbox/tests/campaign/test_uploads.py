"""File upload."""

from __future__ import annotations

import hashlib

import aiohttp
import pytest

CONTENT = b"email;segmentMembershipStatus\r\nana.ruiz@example.org;realized\r\n\x00\xff"


async def upload(caller, name, content=CONTENT, field="file_noMd5"):
    form = aiohttp.FormData(quote_fields=False)
    form.add_field(field, content, filename=name, content_type="text/csv")
    session = {"X-Session-Token": caller.session_token, "X-Security-Token": caller.security_token}
    async with caller.http.post(f"{caller.url}/nl/jsp/uploadFile.jsp", data=form, headers=session) as response:
        return response.status, await response.text()


async def test_a_file_is_kept_unchanged_and_its_sum_told(caller, campaign):
    status, text = await upload(caller, "gold.csv")
    assert status == 200
    assert text.startswith("Ok")
    assert hashlib.md5(CONTENT, usedforsecurity=False).hexdigest() in text
    assert campaign.uploads.get("gold.csv") == CONTENT


@pytest.mark.parametrize("name", ["../../gold.csv", "/tmp/gold.csv", "C:\\files\\gold.csv"])  # noqa: S108 - not written
async def test_only_the_last_part_of_a_name_counts(caller, campaign, name):
    await upload(caller, name)
    assert [stored.key for stored in campaign.uploads.files()] == ["gold.csv"]


@pytest.mark.parametrize("name", ["..", "dir/", ".hidden"])
async def test_a_file_without_a_good_name_is_refused(caller, campaign, name):
    assert (await upload(caller, name))[1].startswith("Error")
    assert campaign.uploads.files() == []


async def test_a_form_without_the_file_is_refused(caller):
    assert (await upload(caller, "gold.csv", field="other"))[1].startswith("Error")


async def test_a_name_cannot_break_out_of_the_script(caller):
    _, text = await upload(caller, "a<b>.csv")
    assert "<b>" not in text


async def test_nobody_uploads_without_a_session(anonymous, campaign):
    assert (await upload(anonymous, "gold.csv"))[0] == 403
    assert campaign.uploads.files() == []
