"""The REST interface of v8: profiles page by page, and signals that are few and short."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from audience_gateway.sdk import AuthError, ConfigError, GatewayError, Permanent, RateLimited, Transient
from audience_gateway_campaign import v8_rest
from audience_gateway_campaign.file_workflow_settings import RestSettings
from audience_gateway_campaign.v8_rest import CampaignRest, RestSignal

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@dataclass
class Tokens:
    """Supplies `token-1`, then `token-2` when the first one was refused."""

    client_id: str = "gateway"
    org_id: str = ""

    async def token(self, *, refused: str | None = None) -> str:
        return "token-2" if refused else "token-1"

    async def close(self) -> None:
        return


@dataclass
class Rest:
    """The interface: one workflow, three profiles on two pages."""

    url: str = ""
    good_token: str = "token-1"
    status: int = 200
    startable: bool = True
    padding: str = ""
    signals: list[object] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        if request.headers["Authorization"] != f"Bearer {self.good_token}":
            return web.json_response({"error_code": "401013", "message": "Oauth token is not valid"}, status=401)
        if self.status != 200:
            return web.json_response({"code": self.status}, status=self.status, headers={"Retry-After": "7"})
        if request.path.endswith("/profile"):
            first = "page" not in request.query
            following = {"next": {"href": f"{self.url}/profileAndServices/profile?page=2"}} if first else {}
            return web.json_response(
                {"content": [{"PKey": "a"}, {"PKey": "b"}] if first else [{"PKey": "c"}], "padding": self.padding}
                | following
            )
        if request.method == "POST":
            self.signals.append(await request.json())
            return web.Response(status=204)
        trigger = {"trigger": {"href": f"{self.url}/workflow/execution/wkf/trigger"}} if self.startable else {}
        return web.json_response(trigger)


@pytest.fixture
async def rest() -> AsyncIterator[Rest]:
    rest = Rest()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", rest.handle)
    async with TestServer(application) as server:
        rest.url = str(server.make_url("/org/campaign"))
        yield rest


@pytest.fixture(autouse=True)
def _no_signals_of_others() -> None:
    v8_rest._signalled.clear()


@dataclass
class Clock:
    time: datetime = NOON


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(rest, context, clock, monkeypatch):
    monkeypatch.setattr(context, "now", lambda: clock.time)
    return CampaignRest(RestSettings(url=rest.url), context, Tokens(), 5)


async def test_profiles_are_read_page_by_page(client, rest):
    assert [profile["PKey"] async for profile in client.profiles()] == ["a", "b", "c"]
    assert rest.headers[0]["X-Api-Key"] == "gateway"


async def test_a_long_page_is_read_whole(client, rest):
    rest.padding = "x" * 3_000_000
    assert [profile["PKey"] async for profile in client.profiles()] == ["a", "b", "c"]


async def test_a_refused_token_is_renewed_once(client, rest):
    rest.good_token = "token-2"
    assert len([profile async for profile in client.profiles()]) == 3
    rest.good_token = "token-3"
    with pytest.raises(AuthError) as caught:
        await anext(client.profiles())
    assert "token-" not in str(caught.value)


async def test_a_signal_carries_its_variables(client, rest):
    await RestSignal(client, "wkf").post({"fileName": "a.csv"})
    assert rest.signals == [{"source": "audience-gateway", "parameters": {"fileName": "a.csv"}}]


async def test_a_workflow_is_signalled_once_in_ten_minutes(client, rest, clock):
    await client.signal("wkf", "s", {})
    clock.time += timedelta(minutes=9)
    with pytest.raises(RateLimited) as caught:
        await client.signal("wkf", "s", {})
    assert caught.value.retry_after == 60
    clock.time += timedelta(minutes=1)
    await client.signal("wkf", "s", {})
    assert len(rest.signals) == 2


async def test_a_signal_that_did_not_arrive_does_not_count(client, rest):
    rest.startable = False
    with pytest.raises(Permanent, match="takes no signal"):
        await client.signal("wkf", "s", {})
    rest.startable = True
    await client.signal("wkf", "s", {})
    assert len(rest.signals) == 1


async def test_a_signal_has_at_most_64_kilobytes(client, rest):
    with pytest.raises(Permanent, match="at most 65536"):
        await client.signal("wkf", "s", {"a": "x" * 65536})
    assert rest.headers == []


async def test_a_link_to_another_host_gets_no_token(client, rest):
    with pytest.raises(Permanent, match="another host"):
        await client._call("GET", "http://127.0.0.1:9/")


@pytest.mark.parametrize(
    ("status", "error"), [(403, ConfigError), (404, Permanent), (429, RateLimited), (500, Transient), (302, Permanent)]
)
async def test_an_answer_that_is_none_is_a_typed_error(client, rest, status, error):
    rest.status = status
    with pytest.raises(GatewayError) as caught:
        await anext(client.profiles())
    assert type(caught.value) is error
    assert getattr(caught.value, "retry_after", 7) == 7


async def test_an_interface_that_is_not_there_is_a_transient_error_and_nothing_was_sent(context):
    client = CampaignRest(RestSettings(url="http://127.0.0.1:9"), context, Tokens(), 5)
    with pytest.raises(Transient) as caught:
        await client.signal("wkf", "s", {})
    assert not caught.value.sent
