"""Folders of Audience Manager's files in local directories."""

from __future__ import annotations

import gzip
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from audience_gateway.sdk import DataSource, MemberPage, ReadRequest, TargetBatch, WriteRequest, WriteResult
from audience_gateway.sdk.audience_manager.inbound_folders import InboundFolder
from audience_gateway.sdk.audience_manager.inbound_lines import RealiseTrait, RemoveTrait
from audience_gateway.sdk.audience_manager.inbound_writing import Statement, write, write_stream
from audience_gateway.sdk.audience_manager.outbound_folders import OutboundFolder
from audience_gateway.sdk.audience_manager.outbound_reading import read_members
from audience_gateway.storage import open_bucket

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SOURCE = DataSource(name="crm", id_type="declared_id", aam_data_source_id=478, aam_destination_id=4711)
GOLD = RealiseTrait(24)


@dataclass
class Inbound:
    """A folder that inbound files are written to."""

    path: Path
    source: DataSource = SOURCE
    now: datetime = NOON

    def folder(self, **settings: object) -> InboundFolder:
        return InboundFolder(bucket=open_bucket(self.path.as_uri()), **settings)  # type: ignore[arg-type]

    async def write(
        self,
        *targets: str,
        key: str = "t/add-00000",
        item: RealiseTrait | RemoveTrait = GOLD,
        target: int | None = None,
        **settings: object,
    ) -> WriteResult:
        request = WriteRequest(audience="24", source=self.source, batch=TargetBatch.of(targets), key=key)
        return await write(self.folder(**settings), request, item, self.now, target=target)

    async def stream(self, batches: Iterable[TargetBatch], key: str = "t/all", **settings: object) -> WriteResult:
        async def each() -> AsyncIterator[TargetBatch]:
            for batch in batches:
                yield batch

        statement = Statement(source=self.source, item=GOLD, key=key)
        return await write_stream(self.folder(**settings), statement, each(), self.now)

    def written(self) -> dict[str, str]:
        """The files by the keys, and what they say."""
        files = sorted(path for path in self.path.rglob("*") if path.is_file())
        return {str(path.relative_to(self.path)): gzip.decompress(path.read_bytes()).decode() for path in files}


@pytest.fixture
def inbound(tmp_path: Path) -> Inbound:
    return Inbound(tmp_path / "inbound")


@dataclass
class Outbound:
    """A folder that outbound files arrive in."""

    path: Path
    source: DataSource = SOURCE
    now: datetime = NOON

    def folder(self, **settings: object) -> OutboundFolder:
        return OutboundFolder(bucket=open_bucket(self.path.as_uri()), **settings)  # type: ignore[arg-type]

    def deliver(self, name: str, *lines: bytes) -> Path:
        """Drops a file as Audience Manager does."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = b"".join(line + b"\n" for line in lines)
        path.write_bytes(gzip.compress(content, 1, mtime=0) if name.endswith(".gz") else content)
        return path

    def pages(self, after: str | None = None, **settings: object) -> AsyncGenerator[MemberPage, None]:
        """The pages of segment 24."""
        request = ReadRequest(audience="24", source=self.source, after=after)
        return read_members(self.folder(**settings), 24, request, self.now)

    async def ids(self, **settings: object) -> list[str]:
        """The members of segment 24."""
        return [id_ async for page in self.pages(**settings) for id_ in page.members.columns["id"].to_pylist()]


@pytest.fixture
def outbound(tmp_path: Path) -> Outbound:
    return Outbound(tmp_path / "outbound")
