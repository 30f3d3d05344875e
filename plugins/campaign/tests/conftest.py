from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from audience_gateway.sdk import Bucket, ConfigError, CredentialProvider, Secret
from audience_gateway.storage import open_bucket
from audience_gateway_campaign import CampaignConnector, CampaignSettings
from lxml import etree

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]

PASSWORD = "stub-password"  # of the stub below
ENVELOPE = (
    "<SOAP-ENV:Envelope xmlns:xsd='http://www.w3.org/2001/XMLSchema'"
    " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xmlns:ns='urn:wpp:default'"
    " xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'><SOAP-ENV:Body>{}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
)


@dataclass
class Context:
    """What a connector sees of the gateway."""

    http: aiohttp.ClientSession
    providers: dict[str, CredentialProvider] = field(default_factory=dict)
    name: str = "campaign"

    def credentials(self, name: str) -> CredentialProvider:
        if name not in self.providers:
            raise ConfigError("There are no such credentials.", place=f"credentials.{name}")
        return self.providers[name]

    def bucket(self, url: str, credentials: str = "") -> Bucket:
        assert not credentials
        return open_bucket(url)

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Received:
    """A call as the stub got it."""

    method: str
    headers: dict[str, str]
    parameters: list[etree._Element]

    @property
    def session_token(self) -> str:
        return self.parameters[0].text or ""


@dataclass
class Stub:
    """A SOAP router that lets everybody in and answers what a test tells it to, one answer a call that is no logon."""

    answers: list[Respond] = field(default_factory=list)
    logon: Respond | None = None
    calls: list[Received] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = next(etree.fromstring(await request.read()).iter("{*}Body"))[0]
        call = Received(etree.QName(method).localname, dict(request.headers), list(method))
        self.calls.append(call)
        if call.method in {"Logon", "BearerTokenLogon"}:
            return await (self.logon or self.session)(request)
        if call.method == "Logoff":
            return await self.envelope("<LogoffResponse xmlns='urn:xtk:session'/>")(request)
        return await self.answers.pop(0)(request)

    def methods(self) -> list[str]:
        return [call.method for call in self.calls]

    async def session(self, request: web.Request) -> web.StreamResponse:
        logon = self.calls[-1].method
        number = self.methods().count(logon)
        texts = (f"___session-{number}", "", f"@security-{number}==")
        results = "".join(f"<r>{text}</r>" for text in texts)
        return await self.envelope(f"<{logon}Response xmlns='urn:xtk:session'>{results}</{logon}Response>")(request)

    def rows(self, *rows: str) -> Respond:
        collection = f"<recipient-collection>{''.join(rows)}</recipient-collection>"
        return self.envelope(
            f"<ExecuteQueryResponse xmlns='urn:xtk:queryDef'><o>{collection}</o></ExecuteQueryResponse>"
        )

    def envelope(self, content: str, status: int = 200) -> Respond:
        return self.text(ENVELOPE.format(content), status)

    def fault(self, text: str, detail: str = "", status: int = 200) -> Respond:
        return self.envelope(
            "<SOAP-ENV:Fault><faultcode>SOAP-ENV:Server</faultcode>"
            f"<faultstring>{text}</faultstring><detail>{detail}</detail></SOAP-ENV:Fault>",
            status,
        )

    @staticmethod
    def text(text: str, status: int = 200, **headers: str) -> Respond:
        async def respond(_: web.Request) -> web.StreamResponse:
            return web.Response(text=text, status=status, headers=headers)

        return respond

    @staticmethod
    async def cut_connection(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    stub = Stub()
    application = web.Application()
    application.router.add_post("/nl/jsp/soaprouter.jsp", stub.handle)
    async with TestServer(application) as server:
        stub.url = str(server.make_url("")).rstrip("/")
        yield stub


@pytest.fixture
async def context() -> AsyncIterator[Context]:
    async with aiohttp.ClientSession() as http:
        yield Context(http)


@pytest.fixture
async def connector_to(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Awaitable[CampaignConnector]]]:
    """Opens a connector to an address; by default as the operator `gw_api`, and sends no call again."""
    monkeypatch.setenv("STUB_PASSWORD", PASSWORD)
    async with AsyncExitStack() as opened:

        async def connect(url: str, **settings: object) -> CampaignConnector:
            operator = {} if "credentials" in settings else {"user": "gw_api", "password": Secret("env:STUB_PASSWORD")}
            connector = CampaignConnector(
                CampaignSettings.model_validate({"url": url, "attempts": 1} | operator | settings), context
            )
            opened.push_async_callback(connector.close)
            await connector.open()
            return connector

        yield connect
