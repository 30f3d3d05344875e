"""A running sandbox whose data collection servers are called."""

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.audience_manager.objects import Trait, TraitType
from yarl import URL


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    content: bytes
    cookies: Any

    @property
    def body(self):
        return json.loads(self.content)

    @property
    def codes(self):
        told = [error["code"] for error in self.body.get("errors", ())]
        assert self.headers.get("X-Error", "") == ",".join(map(str, told))
        return told


@dataclass(frozen=True)
class Site:
    """A web site, whose visitors' browsers call."""

    guest: Any

    @property
    def data(self):
        return self.guest.sandbox.instance.data

    async def get(self, path, **headers):
        return await self.send("GET", path, headers)

    async def send(self, method, path, headers, **arguments):
        url = self.guest.ready["audience_manager"]["url"] + path
        self.guest.http.cookie_jar.clear()
        async with self.guest.http.request(
            method, URL(url, encoded=True), headers=headers, allow_redirects=False, **arguments
        ) as response:
            return Answer(response.status, response.headers, await response.read(), response.cookies)

    async def event(self, query, **headers):
        return await self.get(f"/event?d_rtbd=json&{query}", **headers)

    def trait(self, sid, rule="", kind=TraitType.RULE_BASED, source=38889):
        now = self.guest.sandbox.instance.now().replace(microsecond=0)
        trait = Trait(
            sid=sid, name="t", trait_type=kind, data_source_id=source, trait_rule=rule, create_time=now, update_time=now
        )
        self.guest.sandbox.instance.audience_manager.store.traits.create(trait)

    def traits_of(self, source, value):
        with self.data.database.transaction() as db:
            rows = db.execute(
                "SELECT trait FROM qualification JOIN profile ON profile.id = profile"
                " WHERE profile.source = ? AND (value = ? OR ecid = ?) ORDER BY trait",
                (source, value, value),
            )
            return [trait for (trait,) in rows]

    def linked(self, value):
        with self.data.database.transaction() as db:
            rows = db.execute(
                "SELECT device.ecid, link.state FROM link JOIN profile AS other ON other.id = link.other"
                " JOIN profile AS device ON device.id = link.device WHERE other.value = ?",
                (value,),
            )
            return rows.fetchall()


@pytest.fixture
def opening(visiting):
    @asynccontextmanager
    async def opened(**assumptions):
        async with visiting(assumptions=Assumptions(**assumptions)) as guest:
            yield Site(guest)

    return opened


@pytest.fixture
async def site(opening):
    async with opening() as site:
        yield site
