"""Answers that attack the parser: nothing is expanded, fetched or included, and depth and size are bounded."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from audience_gateway.sdk import GatewayError, Permanent
from audience_gateway_campaign import transport
from audience_gateway_campaign.envelope import response_body
from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
LAUGHS = "<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n + 1} '{f'&a{n};' * 10}'>" for n in range(9))


def envelope(inside: str, doctype: str = "") -> bytes:
    return f"<?xml version='1.0'?>{doctype}<e:Envelope xmlns:e='{SOAP}'><e:Body>{inside}</e:Body></e:Envelope>".encode()


@pytest.mark.parametrize(
    ("doctype", "inside"),
    [
        (f"<!DOCTYPE R [{LAUGHS}]>", "<R>&a9;</R>"),
        (f"<!DOCTYPE R [{LAUGHS}]>", "<R a='&a9;'/>"),
        (f"<!DOCTYPE R [{LAUGHS}]>", "<R/>"),
        (f"<!DOCTYPE R [<!ENTITY long '{'x' * 100_000}'>]>", f"<R>{'&long;' * 1000}</R>"),
        ("<!DOCTYPE R [<!ENTITY a '&b;'><!ENTITY b '&a;'>]>", "<R>&a;</R>"),
        ("<!DOCTYPE R [<!ENTITY % a '<!ENTITY b \"x\">'> %a;]>", "<R>&b;</R>"),
        ("<!DOCTYPE R [<!ATTLIST R id CDATA 'set by the document type'>]>", "<R/>"),
        ("<!DOCTYPE R []>", "<R/>"),
        ("<!DOCTYPE R>", "<R/>"),
        ("", "<R>&unknown;</R>"),
    ],
    ids=[
        "laughs",
        "laughs-in-attribute",
        "unused",
        "quadratic",
        "circle",
        "parameter",
        "default",
        "empty",
        "bare",
        "none",
    ],
)
def test_entities_and_document_types_are_refused(doctype, inside):
    assert response_body(envelope(inside, doctype)) is None


@asynccontextmanager
async def listening(taken: list[str]):
    async def take(request: web.Request) -> web.Response:
        taken.append(request.path)
        return web.Response(text="<!ENTITY x 'fetched'>")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize(
    ("doctype", "inside"),
    [
        ("<!DOCTYPE R SYSTEM '{}/dtd'>", "<R/>"),
        ("<!DOCTYPE R PUBLIC '-//x' '{}/dtd'>", "<R>&x;</R>"),
        ("<!DOCTYPE R [<!ENTITY x SYSTEM '{}/entity'>]>", "<R>&x;</R>"),
        ("<!DOCTYPE R [<!ENTITY x SYSTEM '{}/entity'>]>", "<R a='&x;'/>"),
        ("<!DOCTYPE R [<!ENTITY % x SYSTEM '{}/parameter'> %x;]>", "<R/>"),
        ("<?xml-stylesheet href='{}/style' type='text/xsl'?>", "<R/>"),
        ("", "<R xmlns:i='http://www.w3.org/2001/XInclude'><i:include href='{}/included'/></R>"),
        ("", "<R xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:schemaLocation='urn: {}/schema'/>"),
    ],
)
async def test_nothing_is_fetched(doctype, inside):
    taken: list[str] = []
    async with listening(taken) as url:
        await asyncio.to_thread(response_body, envelope(inside.replace("{}", url), doctype.replace("{}", url)))
    assert taken == []


def test_nothing_is_included(tmp_path):
    secret = tmp_path / "secret.xml"
    secret.write_text("<secret>do not read me</secret>")
    include = f"<i:include xmlns:i='http://www.w3.org/2001/XInclude' href='{secret.as_uri()}'/>"
    response = response_body(envelope(f"<R>{include}</R>"))
    assert response is not None
    assert b"do not read me" not in etree.tostring(response)


@pytest.mark.parametrize("depth", [300, 100_000])
def test_depth_is_bounded(depth):
    assert response_body(envelope("<r>" * depth + "</r>" * depth)) is None


def test_the_depth_of_real_answers_is_read():
    assert response_body(envelope("<r>" * 100 + "</r>" * 100)) is not None


def test_the_length_of_one_text_is_bounded():
    assert response_body(envelope(f"<R>{'x' * (11 << 20)}</R>")) is None


@pytest.fixture
def short_answers(monkeypatch):
    monkeypatch.setattr(transport, "_LONGEST_ANSWER", 1 << 20)


@pytest.mark.usefixtures("short_answers")
@pytest.mark.parametrize("packed", [False, True])
async def test_the_size_of_an_answer_is_bounded_also_once_it_is_unpacked(connector_to, stub, packed):
    body = envelope("<R>" + "<r/>" * (1 << 19) + "</R>")

    async def answer(_: web.Request) -> web.Response:
        if packed:
            return web.Response(body=gzip.compress(body), headers={"Content-Encoding": "gzip"})
        return web.Response(body=body)

    stub.answers = [answer]
    with pytest.raises(Permanent, match="longer than 1 MiB"):
        await (await connector_to(stub.url)).get_audience("gold")


@pytest.mark.parametrize("method", ["Logon", "ExecuteQuery"])
async def test_an_attack_on_any_call_is_an_error_that_shows_nothing_of_it(connector_to, stub, method):
    attack = stub.text(envelope("<R>&a9;</R>", f"<!DOCTYPE R [{LAUGHS}]>").decode())
    stub.logon = attack if method == "Logon" else None
    stub.answers = [attack]
    with pytest.raises(GatewayError) as raised:
        await (await connector_to(stub.url)).get_audience("gold")
    assert "haha" not in str(raised.value)
