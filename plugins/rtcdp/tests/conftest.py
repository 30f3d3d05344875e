"""A Real-Time CDP connection to a small server that answers what a test tells it to, and to the sandbox."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from audience_gateway.plugins.nothing_pushed import NothingPushed
from audience_gateway.sdk import Bucket, ConfigError, Connector, CredentialProvider, PushedMembers
from audience_gateway.storage import open_bucket
from audience_gateway_ims import ImsSettings, ImsTokens
from audience_gateway_rtcdp import RtcdpSettings
from audience_gateway_rtcdp.plugin import connector_of
from audience_gateway_sandbox.sandbox import Sandbox

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@dataclass
class Tokens:
    """Supplies `token-1`, then `token-2` when the first one was refused."""

    client_id: str = "gateway"
    org_id: str = "5A17@AdobeOrg"

    async def token(self, *, refused: str | None = None) -> str:
        return "token-2" if refused else "token-1"

    async def close(self) -> None:
        return


@dataclass
class Context:
    """What a connector sees of the gateway."""

    http: aiohttp.ClientSession
    credentials_of: dict[str, CredentialProvider] = field(default_factory=lambda: {"ims": Tokens()})
    name: str = "rtcdp"
    time: datetime = NOON
    pushed: PushedMembers = field(default_factory=NothingPushed)

    def credentials(self, name: str) -> CredentialProvider:
        if name not in self.credentials_of:
            raise ConfigError("there are no such credentials", place=f"credentials.{name}")
        return self.credentials_of[name]

    def bucket(self, url: str, credentials: str = "") -> Bucket:
        assert not credentials
        return open_bucket(url)

    def now(self) -> datetime:
        return self.time


@dataclass
class Stub:
    """A server that answers what is in `answers`, one a call, and then what is in `always`, by method and path."""

    answers: list[Respond] = field(default_factory=list)
    always: dict[tuple[str, str], Respond] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    queries: list[list[tuple[str, str]]] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.calls.append((request.method, request.path))
        self.queries.append(list(request.query.items()))
        self.headers.append(dict(request.headers))
        self.bodies.append(await request.json() if request.can_read_body else None)
        if self.answers:
            return await self.answers.pop(0)(request)
        respond = self.always.get((request.method, request.path))
        return await respond(request) if respond else web.json_response({"status": 404}, status=404)

    def on(self, method: str, path: str, content: Any, status: int = 200, **headers: str) -> None:
        """Answers every such call so."""
        self.always[method, path] = self.says(content, status, **headers)

    def then(self, content: Any = "", status: int = 200, **headers: str) -> None:
        """Answers the next call so that is not told yet."""
        self.answers.append(self.says(content, status, **headers))

    @staticmethod
    def says(content: Any = "", status: int = 200, **headers: str) -> Respond:
        text = content if isinstance(content, str) else json.dumps(content)

        async def respond(_: web.Request) -> web.StreamResponse:
            return web.Response(text=text, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})

        return respond

    @staticmethod
    async def cut(request: web.Request) -> web.StreamResponse:
        """Cuts the connection."""
        assert request.transport is not None
        request.transport.abort()
        return web.Response()


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    stub = Stub()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", stub.handle)
    async with TestServer(application) as server:
        stub.url = str(server.make_url("")).rstrip("/")
        yield stub


@pytest.fixture
async def context() -> AsyncIterator[Context]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Context(http)


@pytest.fixture
def connect(stub: Stub, context: Context) -> Callable[..., Connector]:
    """Makes a connector to the small server."""

    def connector(**settings: Any) -> Connector:
        values = {"url": stub.url, "credentials": "ims", "page_size": 2} | settings
        return connector_of(RtcdpSettings.model_validate(values), context)

    return connector


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox.started(recipients=200) as sandbox:
        yield sandbox


@pytest.fixture
def connect_sandbox(sandbox: Sandbox, context: Context, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Connector]:
    """Makes a connector to the sandbox's platform, on the sandbox's clock."""
    ims = sandbox.ready["ims"]
    monkeypatch.setenv("IMS_SECRET", ims["client_secret"])
    account = {name: ims[name] for name in ("url", "org_id", "client_id")} | {"client_secrets": ["env:IMS_SECRET"]}
    context.credentials_of = {"ims": ImsTokens(ImsSettings.model_validate(account), context)}
    monkeypatch.setattr(context, "now", sandbox.instance.now)

    def connector(**settings: Any) -> Connector:
        values = {"url": sandbox.ready["platform"]["url"], "credentials": "ims", "page_size": 2} | settings
        return connector_of(RtcdpSettings.model_validate(values), context)

    return connector
