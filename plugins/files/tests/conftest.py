from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from audience_gateway.sdk import Bucket, CredentialProvider, DataSource, MemberPage, ReadRequest
from audience_gateway.storage import open_bucket
from audience_gateway_files import FilesSettings
from audience_gateway_files.plugin import connector_of
from audience_gateway_files.reading import Files

Open = Callable[..., Awaitable[Files]]
Read = Callable[..., Awaitable[list[MemberPage]]]


@dataclass
class Context:
    """What a connector of files needs of the gateway."""

    name: str = "files"
    time: datetime | None = None

    @property
    def http(self) -> aiohttp.ClientSession:
        raise AssertionError("files need no HTTP")

    def credentials(self, name: str) -> CredentialProvider:
        raise AssertionError("files need no credentials")

    def bucket(self, url: str, credentials: str = "") -> Bucket:
        assert not credentials
        return open_bucket(url)

    def now(self) -> datetime:
        return self.time or datetime.now(UTC)


@pytest.fixture
def source() -> DataSource:
    return DataSource(name="email", id_type="declared_id")


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    return open_bucket(tmp_path.as_uri())


@pytest.fixture
def context() -> Context:
    return Context()


@pytest.fixture
def opened(bucket: Bucket, context: Context) -> Open:
    async def open_connector(**settings: object) -> Files:
        connector = connector_of(FilesSettings.model_validate({"bucket": bucket.url, **settings}), context)
        await connector.open()
        return connector

    return open_connector


@pytest.fixture
def read(bucket: Bucket, opened: Open, source: DataSource) -> Read:
    async def read_file(name: str, content: bytes, *, after: str | None = None, **settings: object) -> list[MemberPage]:
        if after is None:
            await bucket.write(name, content)
        request = ReadRequest(audience=name, source=source, after=after)
        return [page async for page in (await opened(**settings)).read_members(request)]

    return read_file
