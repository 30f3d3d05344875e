from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from audience_gateway.sdk import Secret
from audience_gateway_ims import ImsSettings, ImsTokens

Answer = Callable[[dict[str, str]], web.StreamResponse]


@dataclass
class Context:
    """What a provider sees of the gateway, with a clock that a test moves."""

    http: aiohttp.ClientSession
    name: str = "ims"
    time: datetime = datetime(2026, 1, 2, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def pass_seconds(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass
class TokenService:
    """A token service that answers what a test tells it to, and keeps the forms that it got."""

    answers: list[Answer] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    silent: asyncio.Event | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self.silent is not None:
            await self.silent.wait()
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(form)

    def will_answer(self, *answers: Answer) -> None:
        """In this order; the last one again and again."""
        self.answers = list(answers)

    def next_token(self, form: dict[str, str]) -> web.StreamResponse:
        return self.token(f"token-{len(self.forms)}")(form)

    @staticmethod
    def token(value: str, *, lifetime: float = 86399) -> Answer:
        return lambda _: web.json_response({"access_token": value, "token_type": "bearer", "expires_in": lifetime})

    @staticmethod
    def error(status: int, code: str, description: str = "", **headers: str) -> Answer:
        body = {"error": code, "error_description": description}
        return lambda _: web.json_response(body, status=status, headers=headers)

    @staticmethod
    def text(status: int, body: str) -> Answer:
        return lambda _: web.Response(status=status, text=body)


@pytest.fixture
async def service() -> AsyncIterator[TokenService]:
    service = TokenService()
    service.will_answer(service.next_token)
    application = web.Application()
    application.router.add_post("/ims/token/v3", service.handle)
    async with TestServer(application) as server:
        service.url = str(server.make_url("")).rstrip("/")
        yield service


@pytest.fixture
async def context() -> AsyncIterator[Context]:
    async with aiohttp.ClientSession() as http:
        yield Context(http)


@pytest.fixture
async def provider_of(
    service: TokenService, context: Context, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., ImsTokens]]:
    """Makes a provider for the service; the secrets are `first-secret` and `second-secret`."""
    monkeypatch.setenv("FIRST", "first-secret")
    monkeypatch.setenv("SECOND", "second-secret")
    async with AsyncExitStack() as opened:

        def make(**settings: object) -> ImsTokens:
            defaults = {
                "url": service.url,
                "client_id": "client",
                "client_secrets": (Secret("env:FIRST"), Secret("env:SECOND")),
                "retry_base_seconds": 0,
            }
            provider = ImsTokens(ImsSettings.model_validate(defaults | settings), context)
            opened.push_async_callback(provider.close)
            return provider

        yield make


@pytest.fixture
def provider(provider_of: Callable[..., ImsTokens]) -> ImsTokens:
    return provider_of()
