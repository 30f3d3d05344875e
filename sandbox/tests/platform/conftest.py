"""A caller of the platform, with a token, over a real socket."""

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlparse

import pytest
from audience_gateway_sandbox import credentials
from audience_gateway_sandbox.assumptions import Assumptions, PlatformAssumptions

AUDIENCES = "/data/core/ups/audiences"
DEFINITIONS = "/data/core/ups/segment/definitions"
FLOWS = "/data/foundation/flowservice"
CAMPAIGN_SPEC = {"id": "0b23e41a-cb4a-4321-a78f-3b654f5d7d97", "version": "1.0"}
INLET_SPEC = {"id": "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb", "version": "1.0"}


@dataclass
class Caller:
    """Somebody who calls the platform of a sandbox."""

    guest: object
    token: str
    headers: dict = field(default_factory=dict)

    @property
    def url(self):
        return self.guest.ready["platform"]["url"]

    @property
    def instance(self):
        return self.guest.sandbox.instance

    @property
    def files(self):
        return Path(urlparse(self.guest.ready["platform"]["files"]).path)

    def in_sandbox(self, name):
        return replace(self, headers=self.headers | {"x-sandbox-name": name})

    async def ask(self, method, path, body=None, **headers):
        """Answer status and JSON; None for no body."""
        sent = {
            "Authorization": f"Bearer {self.token}",
            "x-api-key": credentials.CLIENT_ID,
            "x-gw-ims-org-id": credentials.ORG_ID,
            **self.headers,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        async with self.guest.http.request(method, self.url + path, json=body, headers=sent) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    async def get(self, path, **headers):
        status, body = await self.ask("GET", path, **headers)
        assert status == 200, body
        return body

    async def post(self, path, body):
        status, answer = await self.ask("POST", path, body)
        assert status < 300, answer
        return answer

    async def patch(self, path, body, **headers):
        status, answer = await self.ask("PATCH", path, body, **headers)
        assert status < 300, answer
        return answer

    async def advance(self, **time):
        """Let time pass, and take a new token: the old one may have expired."""
        await self.instance.advance(timedelta(**time))
        self.token = await self.guest.token()

    async def define(self, rule, name="defined", **more):
        expression = {"type": "PQL", "format": "pql/text", "value": rule}
        return (await self.post(DEFINITIONS, {"name": name, "expression": expression} | more))["id"]

    async def evaluate(self, *ids):
        """Run a segment job to its end and answer it."""
        job = await self.post("/data/core/ups/segment/jobs", [{"segmentId": id_} for id_ in ids])
        await self.advance(seconds=1)
        return await self.get(f"/data/core/ups/segment/jobs/{job['id']}")

    async def inlet(self, **params):
        connection = {
            "name": "inlet",
            "connectionSpec": INLET_SPEC,
            "auth": {"specName": "Streaming Connection", "params": {"sourceId": "s", "dataType": "xdm"} | params},
        }
        return (await self.post(f"{FLOWS}/connections", connection))["id"]

    async def send(self, inlet, *entities, dataset="d1", path="batch/", **header):
        """Send records by streaming collection, which has no API gateway before it."""
        messages = [message_of(entity, dataset, **header) for entity in entities]
        body = {"messages": messages} if path else messages[0]
        async with self.guest.http.post(f"{self.url}/collection/{path}{inlet}", json=body) as response:
            return response.status, await response.json()

    async def look_up(self, value, namespace="Email"):
        query = f"schema.name=_xdm.context.profile&entityId={value}&entityIdNS={namespace}"
        status, body = await self.ask("GET", f"/data/core/ups/access/entities?{query}")
        return next(iter(body.values()))["entity"] if status == 200 else None

    async def graph(self, namespace, value):
        body = {"composite_xids": [{"ns": namespace, "id": value}]}
        answer = await self.post("/data/core/identity/v2/graph", body)
        return {(each["ns"], each["id"]) for graph in answer["graphs"] for each in graph["members"]}


def message_of(entity, dataset="d1", **header):
    schema = {"id": "https://ns.adobe.com/sandbox/schemas/1", "contentType": "application/vnd.adobe.xed-full+json"}
    sent = {"schemaRef": schema, "imsOrgId": credentials.ORG_ID, "datasetId": dataset, "source": {"name": "s"}}
    return {"header": sent | header, "body": {"xdmMeta": {"schemaRef": schema}, "xdmEntity": entity}}


@pytest.fixture
def calling(visiting):
    """Start sandboxes with assumptions about their platform."""

    @asynccontextmanager
    async def call(*, recipients=100, state=None, **assumptions):
        made = Assumptions(calls_a_minute=0, platform=PlatformAssumptions(**assumptions))
        async with visiting(assumptions=made, recipients=recipients, state=state) as guest:
            yield Caller(guest, await guest.token())

    return call


@pytest.fixture
async def caller(calling):
    async with calling() as caller:
        yield caller
