"""A running sandbox and a caller of it."""

from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest
from audience_gateway_sandbox.sandbox import Sandbox

SOAP = (
    "<SOAP-ENV:Envelope xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'><SOAP-ENV:Body>"
    "<{method} xmlns='urn:{service}'>{parameters}</{method}></SOAP-ENV:Body></SOAP-ENV:Envelope>"
)


@dataclass(frozen=True)
class Guest:
    """Somebody who calls a sandbox."""

    sandbox: Sandbox
    http: aiohttp.ClientSession

    @property
    def ready(self):
        return self.sandbox.ready

    async def get(self, path):
        async with self.http.get(self.ready["admin"]["url"] + path) as response:
            return response.status, await response.json()

    async def post(self, path, body):
        async with self.http.post(self.ready["admin"]["url"] + path, json=body) as response:
            return response.status, await response.json()

    async def soap(self, service, method, parameters, **headers):
        url = f"{self.ready['campaign']['url']}/nl/jsp/soaprouter.jsp"
        envelope = SOAP.format(service=service, method=method, parameters=parameters)
        sent = {"SOAPAction": f"{service}#{method}", "Content-Type": "text/xml", **headers}
        async with self.http.post(url, data=envelope, headers=sent) as response:
            return response.status, await response.text()

    async def token(self):
        ims = self.ready["ims"]
        form = {
            "grant_type": "client_credentials",
            "client_id": ims["client_id"],
            "client_secret": ims["client_secret"],
        }
        async with self.http.post(f"{ims['url']}/ims/token/v3", data=form) as response:
            return (await response.json())["access_token"]

    async def count_recipients(self, token):
        query = "<queryDef schema='nms:recipient' operation='count'/>"
        bearer = {"Authorization": f"Bearer {token}"}
        return await self.soap("xtk:queryDef", "ExecuteQuery", f"<sessiontoken/><entity>{query}</entity>", **bearer)


@pytest.fixture
def visiting():
    """Start sandboxes of 100 recipients, and more if asked."""

    @asynccontextmanager
    async def visit(**arguments):
        async with Sandbox.started(**{"recipients": 100} | arguments) as sandbox, aiohttp.ClientSession() as http:
            yield Guest(sandbox, http)

    return visit


@pytest.fixture
async def guest(visiting):
    async with visiting() as guest:
        yield guest
