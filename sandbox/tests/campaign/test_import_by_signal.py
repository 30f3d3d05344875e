"""A file that is uploaded, a signal that names it, and the list that comes of it: the whole way over HTTP."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
import pytest

ROWS = (
    "email;segmentMembershipStatus\nada@example.org;realized\nalan@example.org;realized\nnobody@example.org;realized\n"
)
LIST = "[rcpGroup/@name] = 'gold'"


async def ask(guest, token, service, method, parameters):
    headers = {"Authorization": f"Bearer {token}"}
    status, text = await guest.soap(service, method, f"<sessiontoken/>{parameters}", **headers)
    assert (status, "Fault>" in text) == (200, False), text
    return text


async def upload(guest, token, name, content):
    form = aiohttp.FormData()
    form.add_field("file_noMd5", content.encode(), filename=name, content_type="text/csv")
    url = f"{guest.ready['campaign']['url']}/nl/jsp/uploadFile.jsp"
    async with guest.http.post(url, data=form, headers={"Authorization": f"Bearer {token}"}) as response:
        assert (await response.text()).startswith("Ok")


async def members(guest, token):
    query = f"<queryDef schema='nms:rcpGrpRel' operation='count'><where><condition expr=\"{LIST}\"/></where></queryDef>"
    text = await ask(guest, token, "xtk:queryDef", "ExecuteQuery", f"<entity>{query}</entity>")
    return text.partition('count="')[2].partition('"')[0]


@pytest.mark.parametrize("paused", [False, True])
async def test_a_signal_fills_the_list_as_soon_as_the_workflow_runs(guest, paused):
    token = await guest.token()
    workflow = "<id>wkfAudienceImport</id>"
    if paused:
        await ask(guest, token, "xtk:workflow", "Pause", workflow)
    await upload(guest, token, "gold.csv", ROWS)
    variables = "<p><variables fileName='gold.csv' listName='gold'/></p>"
    await ask(guest, token, "xtk:workflow", "PostEvent", f"{workflow}<a>signal</a><t/>{variables}<c>false</c>")
    if paused:
        assert await members(guest, token) == "0"
        await ask(guest, token, "xtk:workflow", "Start", workflow)
    await guest.sandbox.instance.advance(timedelta())
    assert await members(guest, token) == "2"
