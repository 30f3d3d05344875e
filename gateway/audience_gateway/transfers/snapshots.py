"""Snapshots: the membership last delivered to a destination, kept as Parquet files with versions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from audience_gateway.transfers.ledger import Ledger

COLUMNS = {"target": "VARCHAR", "target_key": "UUID"}
"""Columns of a snapshot file with their DuckDB types; `target_key` is the key of a delivered id, null for a record."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of what a destination holds by our deliveries; version 0 is before the first and empty."""

    version: int
    members: int
    path: Path


class Snapshots:
    """The snapshots of all destinations. A snapshot only moves forward from the version that the writer has seen."""

    def __init__(self, root: Path, ledger: Ledger) -> None:
        self._root = root
        self._ledger = ledger

    def current(self, destination: str) -> Snapshot:
        """The version that counts now."""
        version, members = self._ledger.snapshot(destination)
        return Snapshot(version, members, self.path(destination, version))

    def path(self, destination: str, version: int) -> Path:
        """File of a version."""
        return self._root / hashlib.sha256(destination.encode()).hexdigest()[:32] / f"{version:08d}.parquet"

    def advance(self, destination: str, *, seen: int, members: int, transfer: str) -> bool:
        """Makes version `seen + 1`, whose file is written, the current one; False if another transfer was faster."""
        if not self._ledger.advance_snapshot(destination, seen=seen, members=members, transfer=transfer):
            return False
        self.path(destination, seen - 1).unlink(missing_ok=True)
        return True
