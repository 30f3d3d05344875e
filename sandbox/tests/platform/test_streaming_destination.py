"""Pushes to a streaming destination (rtcdp 4)."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from .activating import activate, field, make_leave, selector

FIELDS = (field("person.name.firstName"), field("personalEmail.address"))


class Endpoint:
    """The other side: remembers what it was sent, and fails as often as it is told to."""

    def __init__(self):
        self.received, self.failures, self.headers, self.attempts = [], 0, [], 0

    async def answer(self, request):
        return await self.take(request)

    async def token(self, request):
        form = await request.post()
        assert form["client_secret"] == "s"
        return web.json_response({"access_token": f"token-of-{form['client_id']}", "token_type": "Bearer"})

    async def take(self, request):
        self.attempts += 1
        self.headers.append(request.headers)
        if self.failures:
            self.failures -= 1
            return web.Response(status=503)
        self.received.append(await request.json())
        return web.Response()

    async def wait(self, attempts):
        for _ in range(200):
            if self.attempts >= attempts:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{self.attempts} of {attempts} attempts were made")


@pytest.fixture
async def endpoint():
    endpoint = Endpoint()
    app = web.Application()
    app.router.add_post("/profiles", endpoint.answer)
    app.router.add_post("/token", endpoint.token)
    async with TestServer(app) as server:
        endpoint.address = str(server.make_url("/profiles"))
        yield endpoint


async def push(caller, endpoint, auth=None, **params):
    specs = (await caller.get("/data/foundation/flowservice/connectionSpecs"))["items"]
    spec = {"id": next(each["id"] for each in specs if each["name"] == "HTTP API"), "version": "1.0"}
    return await activate(caller, fields=FIELDS, spec=spec, auth=auth, target={"endpoint": endpoint.address} | params)


async def realized(caller):
    return (await caller.get("/sandbox/platform/facts"))["days"][0]["realized"]


async def test_members_are_pushed_once_the_audience_is_activated(caller, endpoint):
    activated = await push(caller, endpoint)
    await endpoint.wait(await realized(caller))
    for body in endpoint.received:
        assert body["segmentMembership"]["ups"][activated.audience]["status"] == "realized"
        assert set(body["identityMap"]) <= {"ecid", "email"}
        assert body["person"]["name"]["firstName"]


async def test_memberships_tell_when_the_audience_was_mapped_where_that_is_asked_for(caller, endpoint):
    activated = await push(caller, endpoint, includeSegmentTimestamps="true", includeSegmentNames="true")
    await endpoint.wait(number := await realized(caller))
    first = endpoint.received[0]["segmentMembership"]["ups"][activated.audience]
    assert first.keys() >= {"name", "createdAt", "updatedAt", "mappingCreatedAt", "mappingUpdatedAt"}
    # Mapped anew, nobody is pushed for that; of whom is pushed later, the new time is told.
    await activated.change({"op": "remove", "path": "/transformations/0/params/segmentSelectors/selectors/0"})
    await caller.advance(hours=1)
    await activated.change(selector(activated.audience))
    email = next(each["personalEmail"]["address"] for each in endpoint.received if "personalEmail" in each)
    await make_leave(caller, await caller.inlet(), [email])
    await endpoint.wait(number + 1)
    left = endpoint.received[number]["segmentMembership"]["ups"][activated.audience]
    assert left["mappingCreatedAt"] >= first["mappingCreatedAt"] + 3_600_000
    assert {each["personalEmail"]["address"] for each in endpoint.received[number:]} == {email}


async def test_a_client_asks_for_a_token_and_pushes_with_it(caller, endpoint):
    auth = {"accessTokenUrl": endpoint.address.replace("profiles", "token"), "clientId": "c", "clientSecret": "s"}
    await push(caller, endpoint, auth)
    await endpoint.wait(await realized(caller))
    assert {each["Authorization"] for each in endpoint.headers} == {"Bearer token-of-c"}


async def test_who_leaves_is_pushed_with_that_status(caller, endpoint):
    activated = await push(caller, endpoint)
    await endpoint.wait(number := await realized(caller))
    email = next(each["personalEmail"]["address"] for each in endpoint.received if "personalEmail" in each)
    await make_leave(caller, await caller.inlet(), [email])
    await endpoint.wait(number + 1)
    last = endpoint.received[-1]
    assert last["personalEmail"]["address"] == email
    assert last["segmentMembership"]["ups"][activated.audience]["status"] == "exited"


async def test_an_attribute_of_a_member_that_is_written_is_pushed_even_if_it_is_the_same(caller, endpoint):
    await push(caller, endpoint)
    await endpoint.wait(number := await realized(caller))
    one = next(each for each in endpoint.received if "personalEmail" in each)
    identity = {"Email": [{"id": one["personalEmail"]["address"], "authenticatedState": "authenticated"}]}
    await caller.send(await caller.inlet(), {"identityMap": identity, "person": one["person"]})
    await endpoint.wait(number + 1)
    assert endpoint.received[-1] == one


async def test_a_push_that_fails_is_tried_twice_more(caller, endpoint):
    endpoint.failures = number = await realized(caller)
    await push(caller, endpoint)
    await endpoint.wait(number)
    assert endpoint.received == []
    await caller.advance(seconds=2)
    await endpoint.wait(2 * number)
    assert len(endpoint.received) == number


async def test_it_is_given_up_after_the_last_attempt(caller, endpoint):
    endpoint.failures = 1_000
    number = await realized(caller)
    await push(caller, endpoint)
    for attempt in range(1, 4):
        await endpoint.wait(attempt * number)
        await caller.advance(seconds=2)
    await caller.advance(seconds=5)
    assert endpoint.attempts == 3 * number


async def test_a_flow_that_was_deleted_pushes_no_more(caller, endpoint):
    endpoint.failures = number = await realized(caller)
    activated = await push(caller, endpoint)
    await endpoint.wait(number)
    await caller.ask("DELETE", f"/data/foundation/flowservice/flows/{activated.flow}")
    await caller.advance(seconds=5)
    assert endpoint.attempts == number


async def test_who_changes_while_on_the_way_is_pushed_once_more(caller, endpoint):
    await push(caller, endpoint)
    await endpoint.wait(number := await realized(caller))
    one = next(each for each in endpoint.received if "personalEmail" in each)
    identity = {"Email": [{"id": one["personalEmail"]["address"], "primary": True}]}
    inlet = await caller.inlet()
    arriving = asyncio.Event()
    going_on = asyncio.Event()
    take = endpoint.take

    async def slowly(request):
        arriving.set()
        await going_on.wait()
        return await take(request)

    endpoint.take = slowly
    await caller.send(inlet, {"identityMap": identity, "person": {"name": {"firstName": "First"}}})
    await arriving.wait()
    await caller.send(inlet, {"identityMap": identity, "person": {"name": {"firstName": "Second"}}})
    going_on.set()
    await endpoint.wait(number + 2)
    assert [each["person"]["name"]["firstName"] for each in endpoint.received[-2:]] == ["First", "Second"]


async def test_many_are_pushed_in_turns(calling, endpoint):
    async with calling(recipients=700) as caller:
        await push(caller, endpoint)
        number = await realized(caller)
        assert number > 64
        await endpoint.wait(number)
        assert len(endpoint.received) == number
