"""A plugin for tests: a destination that takes its time, and a test that plays its part in a directory.

A write is a file of ids. It is ingested once there is a file of its name with `.done` behind it, whose content is the
number of records stored; it is visible once there is one with `.visible`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from audience_gateway.sdk import (
    Arrival,
    ArrivalRequest,
    ArrivalStage,
    ConnectorRegistry,
    ConnectorSpec,
    Context,
    DataSource,
    Diagnostic,
    Settings,
    WritePromise,
    WriteRequest,
    WriteResult,
    hookimpl,
)


class InboxSettings(Settings):
    """Where it is, and how long it may take."""

    bucket: str
    ingested_seconds: float = 24 * 3600
    visible_seconds: float = 48 * 3600


class Inbox:
    """Writes files and looks for those of the system."""

    def __init__(self, settings: InboxSettings, context: Context) -> None:
        self._settings = settings
        self._bucket = context.bucket(settings.bucket)

    async def open(self) -> None:
        """Does nothing."""

    async def check(self) -> Sequence[Diagnostic]:
        """Finds nothing."""
        return ()

    async def close(self) -> None:
        """Does nothing."""

    def write_promise(self) -> WritePromise:
        """The key of a write is the name of its file."""
        return WritePromise.IDEMPOTENT_BY_FILE_NAME

    async def write_members(self, request: WriteRequest) -> WriteResult:
        """Writes a file."""
        await self._bucket.write(request.key, "\n".join(request.batch.targets.to_pylist()).encode())
        return WriteResult(len(request.batch))

    def arrival_stages(self, audience: str, source: DataSource) -> Sequence[ArrivalStage]:
        """Two of them."""
        ingested = timedelta(seconds=self._settings.ingested_seconds)
        visible = timedelta(seconds=self._settings.visible_seconds)
        return [
            ArrivalStage(name="ingested", meaning="The files were read.", within=ingested),
            ArrivalStage(name="visible", meaning="Members can be used.", within=visible),
        ]

    async def poll_arrivals(self, request: ArrivalRequest) -> Sequence[Arrival]:
        """Looks for the files of the system."""
        return [await self._arrival(request, "ingested", ".done"), await self._arrival(request, "visible", ".visible")]

    async def _arrival(self, request: ArrivalRequest, stage: str, suffix: str) -> Arrival:
        found = [await self._bucket.head(f"{write.key}{suffix}") for write in request.writes]
        times = [file.modified for file in found if file]
        stored = sum([await self._stored(file.key) for file in found if file and suffix == ".done"])
        return Arrival(
            stage=stage,
            reached=max(times) if len(times) == len(found) else None,
            counts={"stored_records": stored} if stored else {},
        )

    async def _stored(self, key: str) -> int:
        return int(b"".join([piece async for piece in self._bucket.read(key)]))


@hookimpl
def register_connectors(registry: ConnectorRegistry) -> None:
    """Adds it."""
    registry.add_connector(
        ConnectorSpec(name="inbox", summary="An inbox", connector=Inbox, settings=InboxSettings, create=Inbox)
    )


def install(site: Path) -> None:
    """Installs this module as a plugin in a directory that is then to be on the path."""
    metadata = site / "slow_inbox-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: slow-inbox\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text("[audience_gateway.plugins]\ninbox = slow_inbox\n", encoding="utf-8")
    (site / "slow_inbox.py").write_text(Path(__file__).read_text(encoding="utf-8"), encoding="utf-8")
