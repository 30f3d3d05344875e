"""When the wire to a system breaks, a call ends in bounded time, in a typed error, and can be made again."""

from __future__ import annotations

import asyncio
import gzip
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from audience_gateway.sdk import DataSource, ReadRequest, TargetBatch, Transient, WriteRequest
from audience_gateway_sandbox.sandbox import Sandbox
from moto.server import ThreadedMotoServer
from tcp_proxy import Fault, TcpProxy, Then

BOUND_SECONDS = 20
ANSWER_LOST = [
    pytest.param(Fault(then=Then.CUT), id="cut before the answer"),
    pytest.param(Fault(then=Then.CUT, answer_bytes=40), id="truncated in the answer"),
    pytest.param(Fault(then=Then.RESET), id="reset"),
    pytest.param(Fault(then=Then.STALL), id="half-open"),
    pytest.param(Fault(then=Then.STALL, answer_bytes=40), id="half-open in the answer"),
]
REQUEST_LOST = [
    pytest.param(Fault(then=Then.CUT, request_arrives=False), id="cut before the request"),
    pytest.param(Fault(then=Then.RESET, request_arrives=False), id="reset before the request"),
    pytest.param(Fault(then=Then.STALL, request_arrives=False), id="half-open before the request"),
]
TOO_SLOW = [pytest.param(Fault(then=Then.SLOW, bytes_per_second=20), id="too slow")]
VISITOR_ID = DataSource(name="visitor-id", id_type="visitor_id", aam_data_source_id=38888, aam_destination_id=4711)
MEMBERS = 20
TIMES = 200
"""So often that whoever tries again meets the fault again."""


@dataclass
class Wired:
    """An open connection with a proxy in front of its system.

    Attributes:
        connector: the connection.
        proxy: the proxy.
        members: what is written.
        held: who the system itself says is a member, as often as it holds them, in order.
        source: data source of what is written.
        before_write: requests that a write makes before the one that writes.
    """

    connector: Any
    proxy: TcpProxy
    members: list[str]
    held: Callable[[], Awaitable[list[str]]]
    source: DataSource
    before_write: int = 0

    async def write(self) -> object:
        """Adds the members."""
        request = WriteRequest(
            audience="gold", source=self.source, batch=TargetBatch.of(self.members), key="transfer/add-00000"
        )
        async with asyncio.timeout(BOUND_SECONDS):
            return await self.connector.write_members(request)

    async def read(self) -> int:
        """Reads the audience; answers its rows."""
        async with asyncio.timeout(BOUND_SECONDS):
            request = ReadRequest(audience="gold", source=self.source)
            return sum([len(page.members) async for page in self.connector.read_members(request)])


@pytest.fixture
async def wired_stub(stub, proxied, opened) -> Wired:
    proxy = await proxied(stub.port)
    connector = await opened("stub", url=proxy.url)
    members = [f"member-{number}" for number in range(MEMBERS)]

    async def held() -> list[str]:
        assert not stub.doubled()
        return sorted(stub.members())

    return Wired(connector, proxy, members, held, DataSource(name="any", id_type="declared_id"))


@pytest.fixture
async def wired_campaign(proxied, opened, monkeypatch) -> AsyncIterator[Wired]:
    async with Sandbox.started(recipients=200) as sandbox:
        ready = sandbox.ready["campaign"]
        monkeypatch.setenv("CAMPAIGN_PASSWORD", ready["password"])
        proxy = await proxied(int(ready["url"].rpartition(":")[2]))
        connector = await opened(
            "campaign", url=proxy.url, user=ready["user"], password="env:CAMPAIGN_PASSWORD", timeout_seconds=1.5
        )
        await connector.create_audience("gold", "Gold")
        sql = sandbox.instance.campaign.database.execute
        keys = [str(key) for (key,) in sql(f"SELECT id FROM recipient ORDER BY id LIMIT {MEMBERS}").fetchall()]

        async def held() -> list[str]:
            rows = sql("SELECT recipient_id FROM membership ORDER BY recipient_id").fetchall()
            return [str(key) for (key,) in rows]

        source = DataSource(name="email", id_type="declared_id", reconciliation_key="@email")
        yield Wired(connector, proxy, keys, held, source, before_write=1)


@pytest.fixture(scope="module")
def s3() -> Iterator[int]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture
async def wired_people(s3, proxied, opened, monkeypatch) -> AsyncIterator[Wired]:
    bucket = f"people-{uuid.uuid4()}"
    proxy = await proxied(s3)
    for name, value in {
        "AWS_ENDPOINT_URL": proxy.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    direct = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{s3}", region_name="us-east-1")
    await asyncio.to_thread(direct.create_bucket, Bucket=bucket)
    connector = await opened(
        "people",
        import_bucket=f"s3://{bucket}/import",
        export_bucket=f"s3://{bucket}/export",
        audiences={"gold": {"segment_id": 24, "trait_id": 1024}},
    )
    members = [f"{number:038d}" for number in range(MEMBERS)]

    def files() -> list[bytes]:
        listed = direct.list_objects_v2(Bucket=bucket, Prefix="export/")
        keys = [one["Key"] for one in listed.get("Contents", ())]
        return [gzip.decompress(direct.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]

    async def held() -> list[str]:
        lines = b"".join(await asyncio.to_thread(files)).decode().splitlines()
        return sorted(line.partition("\t")[0] for line in lines)

    lines = gzip.compress("".join(f"{member}\t24\n" for member in members).encode())
    direct.put_object(Bucket=bucket, Key="import/S3_4711_38888_full_1767225600000.sync.gz", Body=lines)
    with closing(direct):
        yield Wired(connector, proxy, members, held, VISITOR_ID, before_write=1)


@pytest.fixture(params=["stub", "campaign", "people"])
def wired(request: pytest.FixtureRequest) -> Wired:
    return request.getfixturevalue(f"wired_{request.param}")


@pytest.mark.parametrize("fault", [*ANSWER_LOST, *REQUEST_LOST, *TOO_SLOW])
async def test_a_write_ends_in_a_typed_error_and_a_repeat_leaves_each_member_once(wired, fault):
    wired.proxy.arm(fault, TIMES, spared=wired.before_write)
    with pytest.raises(Transient) as raised:
        await wired.write()
    assert raised.value.sent
    wired.proxy.disarm()
    await wired.write()
    assert await wired.held() == sorted(wired.members)


@pytest.mark.parametrize("fault", [*ANSWER_LOST, *REQUEST_LOST])
async def test_reading_ends_in_a_typed_error_and_a_repeat_reads_every_row(wired, fault):
    await wired.write()
    wired.proxy.arm(fault, TIMES)
    with pytest.raises(Transient):
        await wired.read()
    wired.proxy.disarm()
    assert await wired.read() == MEMBERS


async def test_a_slow_wire_is_waited_for_as_long_as_something_comes(wired_stub):
    wired_stub.proxy.arm(Fault(then=Then.SLOW, bytes_per_second=150))
    await wired_stub.write()
    assert await wired_stub.held() == sorted(wired_stub.members)


async def test_where_no_connection_can_be_made_nothing_is_in_doubt(wired):
    await wired.proxy.__aexit__()
    with pytest.raises(Transient) as raised:
        await wired.write()
    assert not raised.value.sent
    assert await wired.held() == []
