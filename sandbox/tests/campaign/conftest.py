from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

import aiohttp
import psycopg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from audience_gateway_sandbox.campaign import Campaign, Faults, Sessions, open_database, routes
from audience_gateway_sandbox.people import LocalBucket
from audience_gateway_sandbox.workflows import Workflows, seeded_workflows
from lxml import etree

OPERATOR, PASSWORD = "gw_api", "a-password"
BEARER, TECHNICAL_OPERATOR = "eyJ.good.token", "gw_technical"
ENVELOPE = (
    "<soapenv:Envelope xmlns:soapenv='http://schemas.xmlsoap.org/soap/envelope/' xmlns:urn='urn:{service}'>"
    "<soapenv:Header/><soapenv:Body><urn:{method}><urn:sessiontoken>{token}</urn:sessiontoken>{parameters}"
    "</urn:{method}></soapenv:Body></soapenv:Envelope>"
)
BEGUN = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)

TABLES = """
INSERT INTO folder (id, name, label) VALUES (1, 'nmsRootFolder', 'Profiles'), (2, 'nmsGroup', 'Lists');
INSERT INTO recipient (id, email, firstName, lastName, birthDate, blackList, folder_id) VALUES
    (1000, 'ana.ruiz@example.org', 'Ana', 'Ruiz', '1980-05-04', 0, 1),
    (1001, 'li.wei@example.org', 'Li', 'Wei', '1990-01-01', 1, 2),
    (1002, 'Jean.Noel@example.org', 'Jean', 'Noël & <fils> "O''Neil"', NULL, 0, 2),
    (1003, '', NULL, NULL, NULL, 0, NULL);
UPDATE recipient SET created = '2025-12-31 10:00:00.000Z', lastModified = '2026-01-01 00:00:00.000Z' WHERE id = 1000;
UPDATE recipient SET created = '2026-01-01 10:00:00.000Z', lastModified = '2026-01-01 11:00:00.000Z' WHERE id = 1001;
INSERT INTO list_group (id, name, label, type, folder_id) VALUES
    (12, 'LST1', 'First', 0, 2), (13, 'LST2', 'Second', 0, 2);
INSERT INTO membership (group_id, recipient_id) VALUES (12, 1000), (12, 1002), (13, 1001);
INSERT INTO tracking_log (id, source_id, recipient_id, log_date) VALUES
    (1, '01', 1000, '2026-01-01 00:00:00.000Z'), (2, '02', 1000, '2026-01-01 01:00:00.000Z'),
    (3, '02', 1001, '2026-01-01 02:00:00.000Z');
INSERT INTO option (name, value) VALUES ('AAM_DataSourceId', '38888');
"""


@dataclass
class StoppedClock:
    """Time that passes only when a test says so."""

    time: datetime = BEGUN

    def now(self):
        return self.time

    def advance(self, **step):
        self.time += timedelta(**step)


@dataclass
class Answer:
    """An answer of the router."""

    status: int
    text: str

    @property
    def body(self):
        """The child of the envelope's body."""
        return next(etree.fromstring(self.text.encode()).iterchildren())[0]

    @property
    def results(self):
        return list(self.body)

    @property
    def document(self):
        """The root of the document that is the first result, None for an empty one."""
        return next(self.results[0].iterchildren(), None)

    @property
    def fault(self):
        """The fault's text with its detail; empty for a result."""
        if "<SOAP-ENV:Fault>" not in self.text:
            return ""
        return f"{self.body.findtext('faultstring')} {self.body.findtext('detail')}".strip()


@dataclass
class Caller:
    """Calls the router over HTTP, with the tokens of a session once it is logged on."""

    http: aiohttp.ClientSession
    url: str
    session_token: str = ""
    security_token: str = ""

    async def post(self, content, headers=None, path="/nl/jsp/soaprouter.jsp"):
        data = BytesIO(content.encode() if isinstance(content, str) else content)
        headers = {"Content-Type": "text/xml; charset=utf-8"} | (headers or {})
        async with self.http.post(self.url + path, data=data, headers=headers) as response:
            return Answer(response.status, await response.text())

    async def call(self, service, method, *parameters, headers=None):
        """Call a method; parameters are texts or, between angle brackets, documents."""
        written = "".join(f"<p>{each if each.startswith('<') else escape(each)}</p>" for each in parameters)
        content = ENVELOPE.format(service=service, method=method, token=self.session_token, parameters=written)
        security = {"X-Security-Token": self.security_token} if self.security_token else {}
        return await self.post(content, {"SOAPAction": f"{service}#{method}"} | security | (headers or {}))

    async def log_on(self, login=OPERATOR, password=PASSWORD):
        answer = await self.call("xtk:session", "Logon", login, password, "")
        if answer.status == 200 and not answer.fault:
            self.session_token, _, self.security_token = (result.text for result in answer.results)
        return answer

    async def query(self, document):
        return await self.call("xtk:queryDef", "ExecuteQuery", document)

    async def write(self, document):
        return await self.call("xtk:session", "Write", document)

    async def write_collection(self, document):
        return await self.call("xtk:session", "WriteCollection", document)

    async def select(self, schema, *expressions, where="", order="@id", operation="select", attributes=""):
        """Select and answer the rows; `where` is an expression or, between angle brackets, conditions."""
        nodes = "".join(f"<node expr={quoteattr(each)}/>" for each in expressions)
        conditions = where if where.startswith("<") or not where else f"<condition expr={quoteattr(where)}/>"
        ordered = f"<orderBy><node expr={quoteattr(order)}/></orderBy>" if order else ""
        answer = await self.query(
            f"<queryDef schema='{schema}' operation='{operation}' {attributes}><select>{nodes}</select>"
            f"<where>{conditions}</where>{ordered}</queryDef>"
        )
        assert not answer.fault, answer.fault
        return answer.document

    async def ids(self, where, schema="nms:recipient", order="@id"):
        """Select the ids of the records that meet a condition."""
        return [int(row.get("id")) for row in await self.select(schema, "@id", where=where, order=order)]


@pytest.fixture
def clock():
    return StoppedClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_place(request, tmp_path):
    """Where the database is: every example is tried in both kinds."""
    return tmp_path / "campaign.sqlite" if request.param == "sqlite" else request.getfixturevalue("emptied_postgres")


@pytest.fixture(scope="session")
def postgres_of_sandbox(postgres_server):
    """A database with Campaign's tables, for one test after the other."""
    url = postgres_server.create("sandbox")
    open_database(url).close()
    return url


@pytest.fixture
def emptied_postgres(postgres_of_sandbox):
    """The same without a record."""
    with psycopg.connect(postgres_of_sandbox) as connection:
        tables = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        names = ", ".join(name for (name,) in connection.execute(tables))
        connection.execute(f"TRUNCATE {names}".encode())
    return postgres_of_sandbox


@pytest.fixture
def campaign(database_place, tmp_path, clock):
    database = open_database(database_place)
    database.executescript(TABLES)
    with database:
        workflows = "INSERT INTO workflow (id, internalName, label, state) VALUES (?, ?, ?, ?)"
        database.executemany(workflows, seeded_workflows())
    bearer = {BEARER: TECHNICAL_OPERATOR}.get
    workflows = Workflows(database, clock)
    yield Campaign(
        database, clock, {OPERATOR: PASSWORD}, bearer, Sessions(), Faults(), workflows, LocalBucket(tmp_path / "files")
    )
    database.close()


@pytest.fixture
async def anonymous(campaign):
    """A caller that is not logged on."""
    application = web.Application()
    application.add_routes(routes(campaign))
    async with TestServer(application) as server, aiohttp.ClientSession() as http:
        yield Caller(http, str(server.make_url("")).rstrip("/"))


@pytest.fixture
async def caller(anonymous):
    """A caller that is logged on."""
    await anonymous.log_on()
    return anonymous
