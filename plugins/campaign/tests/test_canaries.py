"""Whatever Campaign answers, no error, trace or log line holds a token, a password or anybody's id."""

from __future__ import annotations

import logging
import traceback

import pytest
from audience_gateway.sdk import DataSource, GatewayError, IndexRequest, ReadRequest, TargetBatch, WriteRequest

CANARY = "canarybird"
PASSWORD = "canarybird-password"
EMAIL = DataSource(name="email", id_type="declared_id", reconciliation_key="@email")
VISITOR = DataSource(name="visitor", id_type="visitor_id", reconciliation_key="[trackingLog/@sourceId]")
GOLD = "<group id='12' name='gold' label='Gold' type='0'/>"
ROW = f"<recipient id='{CANARY}' email='{CANARY}@example.org'><{CANARY}>{CANARY}</{CANARY}></recipient>"
TEXT = f"Key (semail)=({CANARY}) of {CANARY}, '{CANARY}' and {CANARY}@example.org; token ___{CANARY}"


class Tokens:
    """Supplies tokens that must not be seen."""

    client_id = "client"
    org_id = ""

    async def token(self, *, refused: str | None = None) -> str:
        return f"{CANARY}.token.{refused is not None}"

    async def close(self) -> None: ...


def envelope(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


ANSWERS = {
    "fault": lambda stub: stub.fault(f"SOP-330011 {TEXT}", f"PGS-220000 {TEXT}"),
    "fault about the request": lambda stub: stub.fault(f"XTK-170036 {TEXT}"),
    "fault without a code": lambda stub: stub.fault(TEXT, TEXT),
    "refused session": lambda stub: stub.fault(f"XSV-350008 {TEXT}"),
    "refused text": lambda stub: stub.text(f"XSV-350012 {TEXT}", 403),
    "page": lambda stub: stub.text(f"<html>{TEXT}</html>"),
    "failing page": lambda stub: stub.text(f"<html>{TEXT}</html>", 500),
    "redirect": lambda stub: stub.text(TEXT, 302, Location=f"http://{CANARY}.invalid/"),
    "cut": lambda stub: stub.cut_connection,
    "no answer to this": lambda stub: stub.envelope(envelope(CANARY, CANARY)),
    "strange rows": lambda stub: stub.envelope(envelope("ExecuteQueryResponse", f"<o><x>{ROW}</x></o>")),
    "strange text": lambda stub: stub.envelope(envelope("ExecuteQueryResponse", f"<o>{CANARY}</o>")),
    "strange time": lambda stub: stub.rows(f"<group id='1' name='gold' type='0' lastModified='{CANARY}'/>"),
    "entities": lambda stub: stub.text(f"<!DOCTYPE x [<!ENTITY e '{CANARY}'>]><Envelope><Body>&e;</Body></Envelope>"),
    "half": lambda stub: stub.text(f"<Envelope><Body>{CANARY}"),
}


class Answering:
    """Finds the list `gold` as often as told, then answers one thing for ever."""

    def __init__(self, stub, good: int, answer) -> None:
        self.left = [stub.rows(GOLD)] * good
        self.answer = answer

    def pop(self, _: int):
        """The next answer."""
        return self.left.pop() if self.left else self.answer


async def read(campaign):
    return [page async for page in campaign.read_members(ReadRequest(audience="gold", source=EMAIL))]


async def read_index(campaign):
    return [page async for page in campaign.read_index(IndexRequest(source=VISITOR))]


async def write(campaign):
    batch = TargetBatch.of([f"{CANARY}-1", f"{CANARY}-2"])
    return await campaign.write_members(WriteRequest(audience="gold", source=EMAIL, batch=batch, key="k"))


async def all_lists(campaign):
    return [each async for each in campaign.list_audiences()]


async def check(campaign):
    return await campaign.check()


ACTIONS = {
    "read": (read, 1),
    "index": (read_index, 0),
    "write": (write, 1),
    "list": (all_lists, 0),
    "check": (check, 0),
}


@pytest.fixture(params=["password", "bearer", "bearer_logon"])
async def campaign(connector_to, context, stub, monkeypatch, request):
    monkeypatch.setenv("CANARY_PASSWORD", PASSWORD)
    context.providers["ims"] = Tokens()
    access = {
        "password": {"user": "gw_api", "password": "env:CANARY_PASSWORD"},
        "bearer": {"credentials": "ims"},
        "bearer_logon": {"credentials": "ims", "bearer_logon": True},
    }[request.param]
    return await connector_to(stub.url, attempts=2, retry_base_seconds=0, concurrency=1, **access)


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("action", ACTIONS)
async def test_nothing_personal_or_secret_is_said(campaign, stub, caplog, answer, action):
    caplog.set_level(logging.DEBUG)
    act, good = ACTIONS[action]
    stub.answers = Answering(stub, good, ANSWERS[answer](stub))
    try:
        said = repr(await act(campaign))
    except GatewayError as error:
        said = f"{error} {error!r} {error.remedy} {error.place}" + "".join(traceback.format_exception(error))
    assert stub.calls
    assert CANARY not in said
    assert CANARY not in caplog.text


@pytest.mark.parametrize("logon", ["fault", "refused session", "refused text", "page", "half", "no answer to this"])
async def test_nothing_secret_is_said_of_a_logon(campaign, stub, caplog, logon):
    caplog.set_level(logging.DEBUG)
    stub.logon = ANSWERS[logon](stub)
    stub.answers = Answering(stub, 0, ANSWERS[logon](stub))
    with pytest.raises(GatewayError) as raised:
        await campaign.get_audience("gold")
    said = "".join(traceback.format_exception(raised.value)) + caplog.text + repr(campaign)
    assert CANARY not in said
