"""Files as Experience Platform drops them, in a local directory."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from audience_gateway.sdk import Bucket, DataSource, MemberPage, ReadRequest
from audience_gateway.storage import open_bucket
from audience_gateway_rtcdp.files.file_settings import FileSettings
from audience_gateway_rtcdp.files.folders import ExportFolder
from audience_gateway_rtcdp.files.reading import check_members, read_members

GOLD = "12341e18-abcd-49c2-836d-123c88e76c39"
_GZIP = b"\x1f\x8b"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
CRM = DataSource(name="crm", id_type="declared_id")


@dataclass
class Drops:
    """A directory that a destination exports to, and how it is read."""

    path: Path
    settings: dict[str, Any] = field(default_factory=dict)
    bucket: Bucket | None = None
    now: datetime = NOON

    def drop(self, name: str, *lines: str, hours: float = 1, content: bytes | None = None) -> Path:
        """Writes a file, so many hours before now."""
        text = "".join(f"{line}\n" for line in lines).encode() if content is None else content
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            gzip.compress(text, 1, mtime=0) if name.endswith(".gz") and not text.startswith(_GZIP) else text
        )
        moment = (self.now - timedelta(hours=hours)).timestamp()
        os.utime(path, (moment, moment))
        return path

    def manifest(self, *paths: Path, run: str = "0ac8f3c0", hours: float = 1, **sizes: int) -> Path:
        """Writes the manifest of a run."""
        results = [{"sinkPath": "/", "name": path.name, "size": path.stat().st_size} for path in paths]
        results += [{"sinkPath": "/", "name": name, "size": size} for name, size in sizes.items()]
        content = {"flowRunId": run, "scheduledTime": "2026-01-02T01:00:00Z", "exportResults": results}
        directory = paths[0].parent if paths else self.path
        name = str((directory / f"manifest-7f2a-{run}.json").relative_to(self.path))
        return self.drop(name, hours=hours, content=json.dumps(content).encode())

    @property
    def folder(self) -> ExportFolder:
        self.path.mkdir(exist_ok=True)
        bucket = self.bucket or open_bucket(self.path.as_uri())
        values = {"bucket": bucket.url, "id_columns": {"crm": "crmId"}, **self.settings}
        return ExportFolder(bucket, FileSettings.model_validate(values))

    @staticmethod
    def name(time: datetime = NOON, *, part: int = 1, suffix: str = "csv") -> str:
        """The default name of a file of the audience (rtcdp 6.4)."""
        number = f"_{part}" if part > 1 else ""
        return f"Adobe_Campaign_segment{GOLD}_{time:%Y%m%d%H%M%S}{number}.{suffix}"

    async def pages(self, after: str | None = None) -> list[MemberPage]:
        request = ReadRequest(audience=GOLD, source=CRM, after=after)
        return [page async for page in read_members(self.folder, request, self.now)]

    async def rows(self) -> list[str | None]:
        """Of each row the id, with a minus if it leaves, or the defect in brackets."""
        rows = [row for page in await self.pages() for row in page.members.columns.to_pylist()]
        return [
            f"<{row['defect']}>" if row["defect"] else f"-{row['id']}" if row["leaves"] else row["id"] for row in rows
        ]

    async def check(self) -> None:
        await check_members(self.folder, GOLD, [CRM], self.now)


@pytest.fixture
def drops(tmp_path: Path) -> Drops:
    return Drops(tmp_path / "drops")
