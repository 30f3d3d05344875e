"""A few members at once, by data collection servers: one call a member, never two at a time about one."""

from __future__ import annotations

import asyncio
import gzip
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import unquote

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from audience_gateway.sdk import ConfigError, GatewayError, Permanent, RateLimited, Transient
from audience_gateway_audience_manager.dcs_events import CustomerId, DcsEvent

from plugins.audience_manager.tests.conftest import CRM, NOON, VISITORS, change

TAKEN = {"uuid": "59767559181262060060278870901087098252", "tid": "31ZpxW5bQGc=", "dcs_region": 7}


@dataclass
class Servers:
    """Data collection servers, and what they say of an id."""

    url: str = ""
    answers: dict[str, web.Response] = field(default_factory=dict)
    forms: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    most_at_once: Counter[str] = field(default_factory=Counter)
    _now: Counter[str] = field(default_factory=Counter)

    async def handle(self, request: web.Request) -> web.Response:
        form = await request.text()
        self.forms.append(form)
        self.hosts.add(request.host)
        parts = [part.partition("=")[2] for part in form.split("&") if part.startswith(("d_cid=", "d_mid="))]
        user = unquote(parts[0].split("%01")[1] if "%01" in parts[0] else parts[0])
        self._now[user] += 1
        self.most_at_once[user] = max(self.most_at_once[user], self._now[user])
        await asyncio.sleep(0.01)
        self._now[user] -= 1
        return self.answers.get(user) or web.json_response(TAKEN)

    def say(self, user: str, body: object, status: int = 200, **headers: str) -> None:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[user] = web.json_response(body, status=status, headers=headers)


@pytest.fixture
async def servers() -> AsyncIterator[Servers]:
    servers = Servers()
    application = web.Application()
    application.router.add_post("/event", servers.handle)
    async with TestServer(application) as server:
        servers.url = str(server.make_url("")).rstrip("/")
        yield servers


@pytest.fixture
def few(gold, connect, servers):
    return connect(dcs={"url": servers.url, "most_members": 3, "confirm": False})


async def test_a_member_is_given_the_trait_by_its_customer_id(few, servers):
    result = await few.write_members(change("crm-9"))
    assert (result.accepted, result.refused) == (1, ())
    assert servers.forms == [f"d_rtbd=json&d_jsonv=1&d_orgid=5A17%40AdobeOrg&d_cid={CRM}%01crm-9%011&d_sid=1024"]


async def test_a_visitor_id_is_that_of_a_device(few, servers):
    await few.write_members(change("59767559181262060060278870901087098252", source=VISITORS))
    assert "&d_mid=59767559181262060060278870901087098252&" in servers.forms[0]


async def test_parts_are_encoded_before_they_are_joined():
    assert str(CustomerId(CRM, "a b&c%01d=ü", 2)) == f"d_cid={CRM}%01a%20b%26c%2501d%3D%C3%BC%012"
    assert str(CustomerId("Adobe CampaignID", "x")) == "d_cid_ic=Adobe%20CampaignID%01x%010"


def test_a_call_has_ten_ids_and_three_of_one_data_source():
    ten = tuple(CustomerId(number // 3, str(number)) for number in range(10))
    assert DcsEvent("org", (1,), ten).form().count("%01") == 20
    with pytest.raises(ValueError, match="at most 10"):
        DcsEvent("org", (1,), (*ten, CustomerId(9, "x")))
    with pytest.raises(ValueError, match="3 of one"):
        DcsEvent("org", (1,), tuple(CustomerId(1, str(number)) for number in range(4)))
    with pytest.raises(ValueError, match="needs an id"):
        DcsEvent("org", (1,))


async def test_a_region_is_told_whose_call_it_is(gold, connect, servers):
    connector = connect(dcs={"url": servers.url, "host": "partner.demdex.net", "auth_state": 2, "confirm": False})
    await connector.write_members(change("crm-9"))
    assert servers.hosts == {"partner.demdex.net"}
    assert "crm-9%012" in servers.forms[0]


@pytest.fixture
def left(tmp_path):
    """What lies in the bucket of inbound files."""
    return lambda: [gzip.decompress(path.read_bytes()).decode() for path in (tmp_path / "in").glob("*")]


async def test_who_is_not_known_to_have_the_trait_goes_into_a_file(gold, connect, servers, left):
    connector = connect(dcs={"url": servers.url})
    servers.say("a", TAKEN | {"traits": [5, 1024]})
    servers.say("b", TAKEN | {"traits": ["5"]})
    servers.say("x:y", TAKEN)
    servers.say("d", {"errors": [{"code": 171}]})
    result = await connector.write_members(change("a", "b", "x:y", "d", "e"))
    assert [(each.index, each.code) for each in result.refused] == [(2, "ID_WITH_COLON"), (3, "DCS_171")]
    assert result.accepted == 3
    assert left() == ["b\td_sid=1024\ne\td_sid=1024\n"]
    assert all(form.endswith("&d_cts=2") for form in servers.forms)


async def test_nothing_goes_into_a_file_if_all_have_the_trait(gold, connect, servers, left):
    servers.say("a", TAKEN | {"traits": [1024]})
    assert (await connect(dcs={"url": servers.url}).write_members(change("a"))).accepted == 1
    assert left() == []


async def test_no_call_is_made_for_a_trait_that_is_too_new(gold, few, servers):
    gold.objects["traits"][1024]["createTime"] = int(NOON.timestamp() * 1000)
    with pytest.raises(Permanent, match="was created") as caught:
        await few.write_members(change("a"))
    assert (servers.forms, caught.value.sent) == ([], False)


async def test_members_are_in_doubt_if_they_cannot_go_into_a_file(gold, connect, servers, tmp_path):
    (tmp_path / "in").write_text("a file where a directory should be")
    with pytest.raises(GatewayError) as caught:
        await connect(dcs={"url": servers.url}).write_members(change("a"))
    assert caught.value.sent


@pytest.mark.parametrize("code", [101, 104, 171, 300, 302, 303, 312, 313, 999])
async def test_an_error_about_a_member_refuses_that_one_with_its_code(few, servers, code):
    servers.say("b", {"errors": [{"code": code, "msg": "about b"}], "uuid": "1"})
    result = await few.write_members(change("a", "b", "c"))
    assert (result.accepted, [(each.index, each.code) for each in result.refused]) == (2, [(1, f"DCS_{code}")])
    assert "about b" not in result.refused[0].detail


async def test_an_error_may_stand_in_the_header_only(few, servers):
    servers.say("b", TAKEN, X_Error="171, 300")
    (refusal,) = (await few.write_members(change("a", "b"))).refused
    assert (refusal.code, refusal.detail) == ("DCS_171", "The person has opted out.")


async def test_an_answer_without_data_is_that_of_one_who_has_opted_out(few, servers):
    servers.say("b", {"tid": "31ZpxW5bQGc="})
    (refusal,) = (await few.write_members(change("a", "b"))).refused
    assert (refusal.index, refusal.code) == (1, "DCS_WITHOUT_DATA")


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (({}, 429, {"Retry_After": "9"}), RateLimited, "rate"),
        (({}, 503, {}), Transient, "503"),
        (({"errors": [{"code": 200}]}, 200, {}), Transient, "DCS 200"),
        (({"errors": [{"code": 2}]}, 200, {}), ConfigError, "organisation"),
        ((TAKEN, 200, {"X_Error": "1"}), ConfigError, "configuration"),
        (([], 200, {}), Permanent, "no JSON object"),
        (({}, 302, {}), Permanent, "302"),
    ],
)
async def test_an_error_about_all_members_ends_the_write(few, servers, answer, kind, message):
    body, status, headers = answer
    servers.say("b", body, status, **headers)
    with pytest.raises(GatewayError, match=message) as caught:
        await few.write_members(change("a", "b"))
    assert type(caught.value) is kind
    assert caught.value.sent
    assert getattr(caught.value, "retry_after", 9) == 9


async def test_a_call_that_never_arrived_leaves_nothing_in_doubt(gold, connect):
    connector = connect(dcs={"url": "http://127.0.0.1:9", "concurrency": 1})
    with pytest.raises(Transient) as caught:
        await connector.write_members(change("a"))
    assert not caught.value.sent


async def test_two_writes_never_call_about_one_user_at_a_time(gold, connect, servers):
    one, other = (connect(dcs={"url": servers.url, "confirm": False}) for _ in range(2))
    await asyncio.gather(one.write_members(change("a", "b")), other.write_members(change("b", "a")))
    assert servers.most_at_once == {"a": 1, "b": 1}
    assert len(servers.forms) == 4


async def test_more_members_go_into_a_file(few, servers, tmp_path):
    await few.write_members(change("a", "b", "c", "d"))
    assert servers.forms == []
    assert len(list((tmp_path / "in").iterdir())) == 1


async def test_members_are_taken_away_by_a_file(few, servers, tmp_path):
    assert (await few.remove_members(change("a"))).accepted == 1
    assert servers.forms == []
    assert len(list((tmp_path / "in").iterdir())) == 1
