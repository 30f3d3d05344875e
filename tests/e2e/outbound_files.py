"""Audience Manager's daily files of Visitor IDs, where Campaign looks for them."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e.beside_audience_manager import Gateway, get, post

VISITORS = 38888


def destination_of_visitor_ids(sandbox: dict[str, Any]) -> int:
    """What Adobe sets up so that Visitor IDs go where Campaign looks for them."""
    body = {"name": "Visitor IDs", "dataSourceId": VISITORS, "bucket": "importSharedAudience"}
    return int(post(sandbox, "audience-manager/destinations", body)["destinationId"])


def reach_the_next_transfer(gateway: Gateway) -> datetime:
    """Lets it be 14:00 UTC, when Audience Manager sends files."""
    now = datetime.fromisoformat(get(gateway.sandbox, "clock")["now"])
    due = now.astimezone(UTC).replace(hour=14, minute=0, second=0, microsecond=0)
    due += timedelta(days=1) if due <= now else timedelta()
    gateway.advance((due - now + timedelta(minutes=1)).total_seconds() / 3600)
    return due


def transferred(sandbox: dict[str, Any], destination: int, due: datetime) -> Sequence[str]:
    """The Visitor IDs of the file that was sent at a time, which is the newest."""
    directory = Path(sandbox["buckets"]["importSharedAudience"].removeprefix("file://"))
    file = max(directory.glob(f"s3_{destination}_{VISITORS}_full_*.sync.gz"))
    assert file.name == f"s3_{destination}_{VISITORS}_full_{round(due.timestamp())}000.sync.gz"
    return [line.partition("\t")[0] for line in gzip.decompress(file.read_bytes()).decode().splitlines()]
