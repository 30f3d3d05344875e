"""An Audience Manager connection to a small server that holds a few objects, and answers otherwise when told to."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from audience_gateway.sdk import Bucket, ConfigError, CredentialProvider, DataSource, TargetBatch, WriteRequest
from audience_gateway.storage import open_bucket
from audience_gateway_audience_manager import AudienceManagerConnector, AudienceManagerSettings

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LONG_AGO = 1_735_689_600_000
OWN, CRM, COOKIES = 478, 4711, 38888
VISITORS = DataSource(name="visitor-id", id_type="visitor_id", aam_data_source_id=COOKIES, aam_destination_id=90)
CUSTOMERS = DataSource(name="crm", id_type="declared_id", aam_data_source_id=CRM, aam_destination_id=91)

_IDS = {"datasources": "dataSourceId", "traits": "sid", "segments": "sid", "destinations": "destinationId"}
_NARROWING = ("dataSourceId", "integrationCode")


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
    name: str = "aam"
    time: datetime = NOON

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
    """A REST interface. What a test has put into `answers` is answered first, one a call."""

    objects: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: {kind: {} for kind in _IDS})
    mappings: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    inbound: list[dict[str, Any]] = field(default_factory=list)
    outbound: list[dict[str, Any]] = field(default_factory=list)
    answers: list[Respond] = field(default_factory=list)
    good_token: str = "token-1"
    paged: bool = True
    filters: bool = True
    calls: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def add(self, kind: str, number: int, **values: Any) -> None:
        """Puts an object there."""
        self.objects[kind][number] = {_IDS[kind]: number, "name": f"{kind} {number}", "createTime": LONG_AGO, **values}

    def map(self, destination: int, segment: int, **values: Any) -> None:
        """Maps a segment."""
        mapping = {"destinationMappingId": 1000 + segment, "sid": segment, "elementStatus": "active"} | values
        self.mappings.setdefault(destination, []).append(mapping)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/v1")
        self.calls.append((request.method, path))
        self.headers.append(dict(request.headers))
        if request.can_read_body:
            self.bodies.append(await request.json())
        if request.headers.get("Authorization") != f"Bearer {self.good_token}":
            challenge = {"WWW-Authenticate": 'Bearer error_description="Access token expired: token-1"'}
            return web.json_response({"error_code": "401013", "message": "Oauth"}, status=401, headers=challenge)
        if self.answers:
            return await self.answers.pop(0)(request)
        return self._answer(request, path)

    def _answer(self, request: web.Request, path: str) -> web.Response:
        if path.endswith("/history/inbound"):
            return self._list(request, self.inbound)
        if path.endswith("/history/outbound"):
            return self._list(request, self.outbound)
        if match := re.fullmatch(r"/destinations/([0-9]+)/mappings/", path):
            return self._mapping(request, self.mappings.setdefault(int(match[1]), []))
        match = re.fullmatch(r"/(\w+)/([^/]*)", path)
        if match is None or match[1] not in self.objects:
            return web.Response(status=404)
        return self._object(request, match[1], match[2])

    def _mapping(self, request: web.Request, mappings: list[dict[str, Any]]) -> web.Response:
        if request.method == "POST":
            mappings.append({"mappingId": 2000 + len(mappings), "elementStatus": 1} | self.bodies[-1])
            return web.json_response(mappings[-1], status=201)
        return self._list(request, mappings)

    def _object(self, request: web.Request, kind: str, key: str) -> web.Response:
        objects = self.objects[kind]
        if request.method == "POST":
            number = max(objects, default=100) + 1
            self.add(kind, number, **self.bodies[-1], createTime=int(NOON.timestamp() * 1000))
            return web.json_response(objects[number], status=201)
        if not key:
            return self._list(request, [each for each in objects.values() if self._passes(request, each)])
        if not key.isdecimal() or int(key) not in objects:
            return web.json_response({"code": 404}, status=404)
        if request.method == "PUT":
            objects[int(key)] = self.bodies[-1]
        if request.method == "DELETE":
            del objects[int(key)]
            return web.Response(status=204)
        return web.json_response(objects[int(key)], headers={"ETag": '"7"'})

    def _passes(self, request: web.Request, found: dict[str, Any]) -> bool:
        query = request.query
        mapped = {each["sid"] for each in self.mappings.get(found.get("destinationId", 0), [])}
        return not self.filters or (
            all(str(found.get(name, "")) in query.getall(name) for name in _NARROWING if name in query)
            and f"{query.get('containsTrait', '')}T" in f"{found.get('segmentRule', '')}T"
            and ("containsSegment" not in query or int(query["containsSegment"]) in mapped)
        )

    def _list(self, request: web.Request, found: list[dict[str, Any]]) -> web.Response:
        if not self.paged:
            return web.json_response(found)
        page, size = int(request.query["page"]), int(request.query["pageSize"])
        part = found[page * size : (page + 1) * size]
        return web.json_response({"total": len(found), "page": page, "pageSize": size, "list": part})

    @staticmethod
    def says(content: str = "", status: int = 200, **headers: str) -> Respond:
        async def respond(_: web.Request) -> web.StreamResponse:
            return web.Response(
                text=content, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}
            )

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
        stub.url = f"{str(server.make_url('')).rstrip('/')}/v1"
        yield stub


@pytest.fixture
async def context() -> AsyncIterator[Context]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Context(http)


@pytest.fixture
def connect(stub: Stub, context: Context, tmp_path: Path) -> Callable[..., AudienceManagerConnector]:
    """Makes a connector; by default it creates in data source 478, and has both buckets."""

    def connector(**settings: Any) -> AudienceManagerConnector:
        values = {
            "url": stub.url,
            "credentials": "ims",
            "page_size": 2,
            "onboarding": {"data_source_id": OWN},
            "inbound": {"bucket": (tmp_path / "in").as_uri(), "dated": False},
            "outbound": {"bucket": (tmp_path / "out").as_uri()},
            "preflight": {"campaign_integration_code": ""},
        }
        chosen = {name: value for name, value in (values | settings).items() if value is not None}
        return AudienceManagerConnector(AudienceManagerSettings.model_validate(chosen), context)

    return connector


@pytest.fixture
def gold(stub: Stub) -> Stub:
    """Data sources, and the audience `gold`: trait 1024 and segment 24, mapped to both destinations."""
    stub.add("datasources", OWN, inboundS2S=True)
    stub.add("datasources", CRM, inboundS2S=True, idType="CROSS_DEVICE", integrationCode="AdobeCampaignID")
    stub.add("datasources", COOKIES, inboundS2S=True, idType="COOKIE")
    stub.add("traits", 1024, traitType="ON_BOARDED_TRAIT", dataSourceId=OWN, integrationCode="gold", uniques30Day=7)
    stub.add("segments", 24, segmentRule="1024T", dataSourceId=OWN, integrationCode="gold", traitDataSourceIds=[OWN])
    for destination, source in ((90, COOKIES), (91, CRM)):
        stub.add("destinations", destination, dataSourceId=source)
        stub.map(destination, 24)
    return stub


def change(
    *targets: str, source: DataSource = CUSTOMERS, audience: str = "gold", key: str = "t/add-00000"
) -> WriteRequest:
    """Members to add or to remove."""
    return WriteRequest(audience=audience, source=source, batch=TargetBatch.of(targets), key=key)
