"""A caller of Audience Manager's REST API in a running sandbox, over real sockets."""

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.sandbox import Sandbox

CAMPAIGN_MID = 38888
CAMPAIGN_DECLARED = 38889


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Any
    text: str

    @property
    def body(self):
        return json.loads(self.text)


@dataclass(frozen=True)
class Api:
    """Somebody who calls `/v1` with a good token."""

    guest: Any
    headers: Any

    @property
    def sandbox(self) -> Sandbox:
        return self.guest.sandbox

    async def call(self, method, path, body=None, headers=None, **arguments):
        url = self.guest.ready["audience_manager"]["url"] + path
        sent = {**self.headers, **(headers or {})}
        if body is not None:
            arguments["json"] = body
        async with self.guest.http.request(method, url, headers=sent, allow_redirects=False, **arguments) as response:
            return Answer(response.status, response.headers, await response.text())

    async def get(self, path, **parameters):
        return await self.call("GET", f"/v1{path}", params=parameters)

    async def post(self, path, body):
        return await self.call("POST", f"/v1{path}", body)

    async def put(self, path, body):
        return await self.call("PUT", f"/v1{path}", body)

    async def delete(self, path):
        return await self.call("DELETE", f"/v1{path}")

    async def made(self, path, **body):
        answer = await self.post(path, body)
        assert answer.status == 201, answer.text
        return answer.body

    async def data_source(self, **fields):
        return (await self.made("/datasources/", **{"name": "CRM"} | fields))["dataSourceId"]

    async def trait(self, **fields):
        required = {"name": "A trait", "traitType": "ON_BOARDED_TRAIT", "dataSourceId": CAMPAIGN_MID, "folderId": 0}
        return (await self.made("/traits/", **required | fields))["sid"]

    async def segment(self, rule, **fields):
        required = {"name": "A segment", "segmentRule": rule, "dataSourceId": CAMPAIGN_MID, "folderId": 0}
        return (await self.made("/segments/", **required | fields))["sid"]

    async def destination(self, **fields):
        required = {"name": "A destination", "destinationType": "PUSH"}
        return (await self.made("/destinations/", **required | fields))["destinationId"]


@pytest.fixture
def calling(visiting):
    """Start sandboxes whose Audience Manager is called; what is assumed can be told."""

    @asynccontextmanager
    async def call(assumed=None, **arguments):
        assumptions = Assumptions(**{"calls_a_minute": 0} | (assumed or {}))
        async with visiting(assumptions=assumptions, **arguments) as guest:
            ims = guest.ready["ims"]
            headers = {
                "Authorization": f"Bearer {await guest.token()}",
                "x-api-key": ims["client_id"],
                "x-gw-ims-org-id": ims["org_id"],
            }
            yield Api(guest, headers)

    return call


@pytest.fixture
async def api(calling):
    async with calling() as api:
        yield api
