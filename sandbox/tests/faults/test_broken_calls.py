"""Calls that go wrong on their way, as a caller meets them."""

import asyncio

import aiohttp
import pytest

TIME = ("xtk:session", "GetServerTime", "<sessiontoken/>")
MAKE_LIST = "<sessiontoken/><doc><group xtkschema='nms:group' _key='@name' name='{name}'/></doc>"


async def break_calls(guest, *rules):
    status, told = await guest.post("/sandbox/faults", {"calls": list(rules)})
    assert status == 200
    return told


async def faults_of(guest, calls, service="xtk:session", method="GetServerTime"):
    """Which of so many calls end in a fault, counted from 1."""
    answers = [await guest.soap(service, method, "<sessiontoken/>") for _ in range(calls)]
    return [number for number, (_, text) in enumerate(answers, start=1) if "Fault" in text]


async def test_one_call_in_so_many_ends_in_a_fault(guest):
    await break_calls(guest, {"kind": "fault", "method": "GetServerTime", "every": 4})
    assert await faults_of(guest, 12) == [4, 8, 12]


async def test_it_begins_after_some_calls_and_ends_after_some_faults(guest):
    await break_calls(guest, {"kind": "fault", "every": 2, "skip": 3, "times": 2})
    assert await faults_of(guest, 12) == [5, 7]


async def test_a_rule_counts_only_the_calls_that_it_is_about(guest):
    await break_calls(guest, {"kind": "fault", "method": "xtk:session#TestCnx", "every": 2})
    assert await faults_of(guest, 4) == []
    [told] = (await guest.get("/sandbox/faults"))[1]["calls"]
    assert (told["met"], told["broken"]) == (0, 0)


async def test_a_fault_has_the_code_and_the_detail_asked_for(guest):
    rule = {"kind": "fault", "text": "PGS-220000 PostgreSQL error", "detail": "ORV-000001 busy"}
    await break_calls(guest, rule)
    status, text = await guest.soap(*TIME)
    assert status == 200
    assert "PGS-220000 PostgreSQL error</faultstring>" in text
    assert "ORV-000001 busy</detail>" in text


async def test_a_403_is_plain_text(guest):
    await break_calls(guest, {"kind": "text_403", "text": "XSV-350013 The IP address is not allowed."})
    assert await guest.soap(*TIME) == (403, "XSV-350013 The IP address is not allowed.")


async def test_an_http_error_may_say_when_to_come_back(guest):
    await break_calls(guest, {"kind": "status", "path": "/ims/", "status": 429, "retry_after": 7})
    async with guest.http.post(f"{guest.ready['ims']['url']}/ims/token/v3") as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "7")
        assert (await response.json())["error_code"] == "429000"


async def test_an_expired_session_is_refused_whatever_it_is_made_of(guest):
    token = await guest.token()
    assert "count=" in (await guest.count_recipients(token))[1]
    await break_calls(guest, {"kind": "expired_session", "method": "ExecuteQuery", "times": 1})
    assert "XSV-350008" in (await guest.count_recipients(token))[1]
    assert "XSV-350008" in (await guest.count_recipients(token))[1]
    assert "count=" in (await guest.count_recipients(await guest.token()))[1]


async def test_a_cut_connection_does_nothing_and_a_lost_reply_does_all(guest):
    bearer = {"Authorization": f"Bearer {await guest.token()}"}
    database = guest.sandbox.instance.campaign.database
    for kind, lists in (("cut", 0), ("reply_lost", 1)):
        await break_calls(guest, {"kind": kind, "method": "Write"})
        with pytest.raises(aiohttp.ClientError):
            await guest.soap("xtk:session", "Write", MAKE_LIST.format(name=kind), **bearer)
        found = database.execute("SELECT count(*) FROM list_group WHERE name = ?", (kind,)).fetchone()
        assert found == (lists,)


async def test_a_count_is_one_too_many(guest):
    await break_calls(guest, {"kind": "wrong_counts", "method": "ExecuteQuery"})
    _, text = await guest.count_recipients(await guest.token())
    assert 'count="101"' in text.replace("'", '"')


async def test_a_delayed_call_is_not_answered_yet_while_others_are(guest):
    await break_calls(guest, {"kind": "delay", "seconds": 600, "times": 1})
    delayed = asyncio.create_task(guest.soap(*TIME))
    while not (await guest.get("/sandbox/faults"))[1]["calls"][0]["broken"]:
        pass
    assert "GetServerTimeResponse" in (await guest.soap(*TIME))[1]
    assert not delayed.done()
    delayed.cancel()


async def test_a_short_delay_ends_in_the_answer(guest):
    await break_calls(guest, {"kind": "delay", "seconds": 0.01})
    assert "GetServerTimeResponse" in (await guest.soap(*TIME))[1]


async def test_the_admin_address_is_never_broken(guest):
    await break_calls(guest, {"kind": "cut"})
    assert await break_calls(guest)
    assert "GetServerTimeResponse" in (await guest.soap(*TIME))[1]


async def test_doubled_slashes_are_broken_too(guest):
    await break_calls(guest, {"kind": "status", "path": "/r/test"})
    async with guest.http.get(f"{guest.ready['campaign']['url']}//r//test") as response:
        assert response.status == 503
