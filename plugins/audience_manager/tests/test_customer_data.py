"""Some hundred members at once, by the Customer Data API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from audience_gateway.sdk import AuthError, GatewayError, Permanent, Transient

from plugins.audience_manager.tests.conftest import COOKIES, CRM, VISITORS, change

DONE = {"transactionId": "t", "status": "SUCCESS", "errors": []}


@dataclass
class Stream:
    """The API, and what it answers."""

    url: str = ""
    answers: list[tuple[int, Any]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.json())
        status, answer = self.answers.pop(0) if self.answers else (200, DONE)
        return web.json_response(answer, status=status)


@pytest.fixture
async def stream() -> AsyncIterator[Stream]:
    stream = Stream()
    application = web.Application()
    application.router.add_post("/stream/gateway", stream.handle)
    async with TestServer(application) as server:
        stream.url = str(server.make_url("")).rstrip("/")
        yield stream


@pytest.fixture
def few(gold, connect, stream):
    return connect(customer_data={"url": stream.url, "stream_id": "gateway", "request_bytes": 1000}, inbound=None)


async def test_members_are_given_and_lose_the_trait(few, stream):
    assert (await few.write_members(change("crm-9"))).accepted == 1
    assert (await few.remove_members(change("5976", source=VISITORS))).accepted == 1
    given, taken = (body["ops"] for body in stream.bodies)
    trait = {"traitIds": [1024]}
    assert given == [
        {"identities": [{"dataSourceId": CRM, "value": "crm-9"}], "traitInput": trait, "operationType": "APPEND"}
    ]
    assert taken == [
        {"identities": [{"namespaceCode": "ECID", "value": "5976"}], "traitInput": trait, "operationType": "DELETE"}
    ]
    assert COOKIES not in given[0]["identities"][0].values()


async def test_a_request_is_never_too_large(few, stream):
    members = [f"crm-{number:03d}" for number in range(100)]
    assert (await few.write_members(change(*members))).accepted == 100
    assert all(len(json.dumps(body)) <= 1000 for body in stream.bodies)
    sent = [op["identities"][0]["value"] for body in stream.bodies for op in body["ops"]]
    assert sent == members


async def test_refused_operations_are_counted_from_one_in_each_request(few, stream):
    error = {"operationIndex": 2, "details": [{"errorCode": "E17", "message": "about crm-001"}]}
    stream.answers = [(200, {"status": "PARTIAL_SUCCESS", "errors": [error]})] * 2
    result = await few.write_members(change(*(f"crm-{number:03d}" for number in range(10))))
    first = len(stream.bodies[0]["ops"])
    assert [(each.index, each.code) for each in result.refused] == [(1, "E17"), (first + 1, "E17")]
    assert "crm" not in result.refused[0].detail
    assert result.accepted == 8


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "PARTIAL_SUCCESS", "errors": []},
        {"status": "SUCCESS", "errors": [{"operationIndex": 1}]},
        {"status": "PARTIAL_SUCCESS", "errors": [{"operationIndex": 3}]},
        {"status": "PARTIAL_SUCCESS", "errors": [{"operationIndex": 0}]},
        {"status": "PARTIAL_SUCCESS", "errors": [{"operationIndex": 1}, {"operationIndex": 1}]},
        {"status": "PARTIAL_SUCCESS", "errors": [{}]},
        {"status": "FINE"},
        {"errors": "none"},
        [],
    ],
)
async def test_an_answer_that_does_not_add_up_leaves_members_in_doubt(few, stream, answer):
    stream.answers = [(200, answer)]
    with pytest.raises(Permanent, match="does not add up") as caught:
        await few.write_members(change("a", "b"))
    assert caught.value.sent


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (200, {"status": "INTERNAL_ERROR"}, Transient),
        (500, {"status": "INTERNAL_ERROR"}, Transient),
        (400, {"status": "BAD_DATA"}, Permanent),
        (403, {"error_code": "403003"}, AuthError),
    ],
)
async def test_a_request_that_failed_is_an_error(few, stream, status, answer, kind):
    stream.answers = [(status, answer)]
    with pytest.raises(kind):
        await few.write_members(change("a"))


async def test_what_went_before_a_failure_has_been_sent(few, stream):
    stream.answers = [(200, DONE), (400, {})]
    with pytest.raises(GatewayError) as caught:
        await few.write_members(change(*(f"crm-{number:03d}" for number in range(10))))
    assert caught.value.sent
