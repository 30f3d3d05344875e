"""A People connection over two local directories, and batches as Audience Manager delivers them."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from audience_gateway.sdk import (
    Bucket,
    CredentialProvider,
    DataSource,
    MemberPage,
    ReadRequest,
    TargetBatch,
    WriteRequest,
    WriteResult,
)
from audience_gateway.storage import open_bucket
from audience_gateway_people import PeopleConnector, PeopleSettings

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SOURCE = DataSource(name="visitor-id", id_type="visitor_id", aam_data_source_id=38888, aam_destination_id=4711)


@dataclass
class Desk:
    """The gateway's side of the connection."""

    name: str = "people"
    time: datetime = NOON

    @property
    def http(self) -> aiohttp.ClientSession:
        raise AssertionError("buckets need no HTTP session")

    def credentials(self, name: str) -> CredentialProvider:
        raise AssertionError("buckets need no credentials")

    def bucket(self, url: str, credentials: str = "") -> Bucket:
        assert not credentials
        return open_bucket(url)

    def now(self) -> datetime:
        return self.time


@dataclass
class People:
    """A connection and the directories below it."""

    directory: Path
    desk: Desk = field(default_factory=Desk)
    source: DataSource = SOURCE

    @property
    def imports(self) -> Path:
        return self.directory / "import"

    @property
    def exports(self) -> Path:
        return self.directory / "export"

    def connector(self, **settings: object) -> PeopleConnector:
        values = {
            "import_bucket": self.imports.as_uri(),
            "export_bucket": self.exports.as_uri(),
            "audiences": {
                "gold": {"segment_id": 24, "trait_id": 1024, "title": "Gold customers"},
                "read-only": {"segment_id": 25},
                "write-only": {"trait_id": 1026},
            },
        }
        return PeopleConnector(PeopleSettings.model_validate(values | settings), self.desk)

    async def read(self, audience: str = "gold", after: str | None = None, **settings: object) -> list[MemberPage]:
        """The pages of an audience."""
        request = ReadRequest(audience=audience, source=self.source, after=after)
        return [page async for page in self.connector(**settings).read_members(request)]

    async def rows(self, audience: str = "gold", **settings: object) -> list[tuple[str | None, str | None]]:
        """Id and defect of each row of an audience."""
        read = await self.read(audience, **settings)
        return [(row["id"], row["defect"]) for page in read for row in page.members.columns.to_pylist()]

    async def write(self, *targets: str, key: str = "t/add-00000", audience: str = "gold") -> WriteResult:
        """Adds members."""
        return await self.connector().write_members(self._change(targets, key, audience))

    async def remove(self, *targets: str, key: str = "t/remove-00000", audience: str = "gold") -> WriteResult:
        """Removes members."""
        return await self.connector().remove_members(self._change(targets, key, audience))

    def deliver(self, name: str, *lines: bytes) -> Path:
        """Drops a file as Audience Manager does."""
        self.imports.mkdir(exist_ok=True)
        content = b"".join(line + b"\n" for line in lines)
        path = self.imports / name
        path.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
        return path

    def control(self, name: str, *files: Path, **changes: object) -> Path:
        """Drops the control file of some files; changes are made to the entry of the last one."""
        listed = [self._entry(number, file) for number, file in enumerate(files, 1)]
        listed[-1] |= changes
        path = self.imports / name
        path.write_text(json.dumps({"Files": listed, "Totals": {"TotalNumberFiles": len(files)}}))
        return path

    def written(self) -> dict[str, str]:
        """The files in the export bucket and what they say."""
        files = sorted(path for path in self.exports.rglob("*") if path.is_file())
        return {str(path.relative_to(self.exports)): gzip.decompress(path.read_bytes()).decode() for path in files}

    def _change(self, targets: Sequence[str], key: str, audience: str) -> WriteRequest:
        return WriteRequest(audience=audience, source=self.source, batch=TargetBatch.of(targets), key=key)

    def _entry(self, number: int, file: Path) -> dict[str, object]:
        content = file.read_bytes()
        lines = gzip.decompress(content) if file.name.endswith(".gz") else content
        return {
            "FileByteSize": len(content),
            "FileLineCount": lines.count(b"\n"),
            "FileName": file.name,
            "FileSequenceNumber": number,
            "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        }


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path)
