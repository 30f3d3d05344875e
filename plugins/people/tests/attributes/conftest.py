"""An attribute source over a local directory, and the account as Adobe leaves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pyarrow as pa
import pytest
from audience_gateway.sdk import (
    Arrival,
    ArrivalRequest,
    Bucket,
    CredentialProvider,
    DataSource,
    DeliveredWrite,
    TargetBatch,
    WriteRequest,
    WriteResult,
)
from audience_gateway.storage import open_bucket
from audience_gateway_people.attributes import CustomerAttributesConnector, CustomerAttributesSettings

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
CUSTOMERS = DataSource(name="crm", id_type="declared_id")
KEY = "transfer/add-00000"


@dataclass
class Desk:
    """The gateway's side of the connection."""

    name: str = "crm-attributes"
    time: datetime = NOON

    @property
    def http(self) -> aiohttp.ClientSession:
        raise AssertionError("buckets need no HTTP session")

    def credentials(self, name: str) -> CredentialProvider:
        raise AssertionError("buckets need no credentials")

    def bucket(self, url: str, credentials: str = "") -> Bucket:
        return open_bucket(url)

    def now(self) -> datetime:
        return self.time


@dataclass
class Source:
    """A connection and its account."""

    account: Path
    desk: Desk = field(default_factory=Desk)
    customers: DataSource = CUSTOMERS

    def connector(self, **settings: object) -> CustomerAttributesConnector:
        values = {
            "bucket": self.account.as_uri(),
            "alias_id": "crm",
            "compression": "",
            "attributes": {"tier": {}, "visits": {"type": "integer"}, "spent": {"type": "number"}},
        }
        return CustomerAttributesConnector(CustomerAttributesSettings.model_validate(values | settings), self.desk)

    async def write(self, *rows: tuple[str | None, ...], key: str = KEY, **settings: object) -> WriteResult:
        """Writes customers: id, tier, visits, spent."""
        columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        request = WriteRequest(
            audience="crm",
            source=self.customers,
            batch=TargetBatch.of(columns[0]),
            key=key,
            attributes=pa.record_batch(columns[1:], names=["tier", "visits", "spent"]),
        )
        return await self.connector(**settings).write_members(request)

    async def arrival(self, *keys: str, members: int = 1) -> Arrival:
        """How a delivery of these writes stands."""
        writes = tuple(DeliveredWrite(key=key, members=members, time=NOON) for key in keys)
        request = ArrivalRequest(audience="crm", source=self.customers, writes=writes, delivered=NOON)
        [arrival] = await self.connector().poll_arrivals(request)
        return arrival

    def files(self) -> dict[str, bytes]:
        """What lies in the account."""
        found = sorted(path for path in self.account.rglob("*") if path.is_file())
        return {str(path.relative_to(self.account)): path.read_bytes() for path in found}

    def put(self, key: str, content: bytes = b"") -> None:
        """Leaves a file."""
        path = self.account / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def move(self, name: str, folder: str) -> None:
        """Does as Adobe does when it is done with a data file."""
        content = (self.account / name).read_bytes()
        (self.account / name).unlink()
        (self.account / f"{name.partition('.')[0]}.fin").unlink()
        self.put(f"{folder}/{name}", content)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path)
