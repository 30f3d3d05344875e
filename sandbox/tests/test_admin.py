"""The sandbox's own addresses."""

from datetime import datetime

import pytest


async def test_advancing_the_clock_by_a_day_drops_the_next_day(guest):
    _, before = await guest.get("/sandbox/clock")
    status, after = await guest.post("/sandbox/clock", {"advance_seconds": 86400})
    assert status == 200
    assert (datetime.fromisoformat(after["now"]) - datetime.fromisoformat(before["now"])).days == 1
    assert len(after["dropped"]) == 1


async def test_advancing_it_by_less_drops_nothing(guest):
    assert (await guest.post("/sandbox/clock", {"advance_seconds": 3600}))[1]["dropped"] == []


async def test_advancing_it_by_a_month_drops_what_is_still_kept(guest):
    assert len((await guest.post("/sandbox/clock", {"advance_seconds": 30 * 86400}))[1]["dropped"]) == 8


@pytest.mark.parametrize(
    "body", [{}, [], {"advance_seconds": -1}, {"advance_seconds": "1"}, {"advance_seconds": True}, {"advance": 1}]
)
async def test_a_step_that_makes_no_sense_is_refused(guest, body):
    status, answer = await guest.post("/sandbox/clock", body)
    assert (status, answer["code"]) == (400, 400)


async def test_what_is_no_json_is_refused(guest):
    async with guest.http.post(f"{guest.ready['admin']['url']}/sandbox/clock", data=b"\xff") as response:
        assert response.status == 400


async def test_facts_are_told_of_the_days_that_have_been_and_of_the_next(guest):
    _, facts = await guest.get("/sandbox/facts")
    assert [day["day"] for day in facts["days"]] == [0, 1]
    await guest.post("/sandbox/clock", {"advance_seconds": 86400})
    _, later = await guest.get("/sandbox/facts")
    assert [day["day"] for day in later["days"]] == [0, 1, 2]
    assert later["days"][:2] == facts["days"]


async def test_each_days_facts_account_for_all_its_rows(guest):
    _, facts = await guest.get("/sandbox/facts")
    for day in facts["days"]:
        assert sum(day["outcomes"].values()) == sum(day["reasons"].values()) == day["rows"] == 50


async def test_expired_sessions_are_refused(guest):
    session = guest.sandbox.instance.campaign.sessions.begin("gw_api", guest.sandbox.instance.now())
    tokens = {"X-Session-Token": session.session_token, "X-Security-Token": session.security_token}
    parameters = f"<sessiontoken>{session.session_token}</sessiontoken>"
    assert "XSV-350008" not in (await guest.soap("xtk:session", "GetServerTime", parameters, **tokens))[1]
    await guest.post("/sandbox/faults", {"expire_sessions": True})
    assert "XSV-350008" in (await guest.soap("xtk:session", "GetServerTime", parameters, **tokens))[1]


async def test_switches_that_are_named_are_set_and_the_others_stay(guest):
    await guest.post("/sandbox/faults", {"refuse_recipients": [1004, "1005"]})
    status, _ = await guest.post("/sandbox/faults", {"login_as_403": True})
    assert status == 200
    _, told = await guest.get("/sandbox/faults")
    assert told["refuse_recipients"] == ["1004", "1005"]
    assert (told["login_as_403"], told["session_as_403"]) == (True, False)


@pytest.mark.parametrize(
    "body",
    [
        {"unheard": True},
        {"expire_sessions": 1},
        {"refuse_recipients": "1004"},
        {"refuse_recipients": ["ada"]},
        {"refuse_recipients": ["1004"], "calls": [{"kind": "unheard"}]},
        {"refuse_recipients": ["1004"], "calls": [{"kind": "cut", "every": 0}]},
        {"refuse_recipients": ["1004"], "drops": {"late_part": "2"}},
        {"refuse_recipients": ["1004"], "paused_workflows": ["unheard"]},
        7,
    ],
)
async def test_a_switch_that_makes_no_sense_is_refused_and_sets_nothing(guest, body):
    status, _ = await guest.post("/sandbox/faults", body)
    assert status == 400
    assert (await guest.get("/sandbox/faults"))[1]["refuse_recipients"] == []
