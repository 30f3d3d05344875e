"""Workflows by Campaign's REST interface."""

import pytest
from audience_gateway_sandbox import credentials
from audience_gateway_sandbox.workflows import State

IMPORT = "wkfAudienceImport"
SIGNAL = {"source": "a test", "parameters": {"fileName": "gold.csv", "listName": "gold"}}


@pytest.fixture
async def rest(guest):
    token = await guest.token()
    headers = {"Authorization": f"Bearer {token}", "x-api-key": credentials.CLIENT_ID}
    base = f"{guest.ready['campaign']['url']}/{credentials.ORG_ID}/campaign/workflow/execution/"

    async def call(verb, path, body=None):
        url = path if path.startswith("http") else base + path
        async with guest.http.request(verb, url, json=body, headers=headers) as response:
            return response.status, await response.json()

    return call


def state_of(guest):
    return guest.sandbox.instance.workflows.state(IMPORT)


async def test_commands_change_the_state(rest, guest):
    states = []
    for method in ("pause", "resume", "stop", "start"):
        assert (await rest("POST", f"{IMPORT}/commands", {"method": method}))[0] == 200
        states.append(state_of(guest))
    assert states == [State.PAUSED, State.STARTED, State.STOPPED, State.STARTED]


async def test_a_signal_goes_to_the_trigger_that_the_workflow_tells(rest, guest):
    instance = guest.sandbox.instance
    instance.files.put("gold.csv", b"id\n1001\n")
    _, told = await rest("GET", IMPORT)
    assert (await rest("POST", told["trigger"]["href"], SIGNAL))[0] == 200
    instance.run_due()
    assert "1 rows, 0 of them rejected" in instance.workflows.journal(IMPORT)[-1]


async def test_a_second_signal_within_ten_minutes_is_refused(rest, guest):
    await rest("POST", f"{IMPORT}/trigger", SIGNAL)
    assert (await rest("POST", f"{IMPORT}/trigger", SIGNAL))[0] == 429
    await guest.post("/sandbox/clock", {"advance_seconds": 600})
    assert (await rest("POST", f"{IMPORT}/trigger", SIGNAL))[0] == 200


async def test_a_signal_above_64_kb_is_refused(rest):
    long = {"source": "a test", "parameters": {"note": "x" * (64 << 10)}}
    assert (await rest("POST", f"{IMPORT}/trigger", long))[0] == 400


async def test_a_workflow_that_does_not_run_has_no_trigger_and_takes_no_signal(rest, guest):
    guest.sandbox.instance.workflows.stop(IMPORT)
    _, told = await rest("GET", IMPORT)
    assert "trigger" not in told
    assert (await rest("POST", f"{IMPORT}/trigger", SIGNAL))[0] == 500


@pytest.mark.parametrize(("path", "status"), [("unheard", 404), (f"{IMPORT}/commands", 400)])
async def test_what_makes_no_sense_is_refused(rest, path, status):
    verb = "POST" if path.endswith("commands") else "GET"
    assert (await rest(verb, path, {"method": "fly"}))[0] == status
