"""Snapshots: the membership last delivered to a destination, kept as Parquet files with versions."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from audience_gateway.storage.relations import files
from audience_gateway.transfers.snapshot_ledger import SnapshotLedger

COLUMNS = {"target": "VARCHAR", "target_key": "UUID", "attributes": "UUID", "certain": "BOOLEAN"}
"""Columns of a snapshot file with their DuckDB types.

`target_key` is the key of a delivered id, null for a record; `attributes` is the digest of those that a member was
delivered with, null if it was without; `certain` is false for a member that was sent, or whose removal was sent,
without an answer: it is sent again if the source has it, and removed if not.
"""
_RECIPES = "recipes"
_DEFAULTS = {"attributes": "CAST(NULL AS UUID)", "certain": "true"}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of what a destination holds by our deliveries; version 0 is before the first and empty.

    Attributes:
        version: its number.
        members: how many they are.
        path: its file.
        transfer: which transfer has made it; empty for version 0.
    """

    version: int
    members: int
    path: Path
    transfer: str


class Snapshots:
    """The snapshots of all destinations. A snapshot only moves forward from the version that the writer has seen."""

    def __init__(self, root: Path, ledger: SnapshotLedger) -> None:
        self._root = root
        self._ledger = ledger

    def current(self, destination: str) -> Snapshot:
        """The version that counts now."""
        version, members, transfer = self._ledger.current(destination)
        path = self.path(destination, version, transfer)
        if not path.exists():  # written before file names said whose they are
            path = self._directory(destination) / f"{version:08d}.parquet"
        return Snapshot(version, members, path, transfer)

    def path(self, destination: str, version: int, transfer: str) -> Path:
        """File of the version that a transfer makes, whether or not it becomes the current one."""
        return self._directory(destination) / f"{version:08d}-{transfer}.parquet"

    def name(self, path: Path) -> str:
        """A file's name within the snapshots."""
        return str(path.relative_to(self._root))

    def named(self, name: str) -> Path:
        """The file of a name."""
        return self._root / name

    def advance(self, destination: str, *, seen: int, members: int, transfer: str) -> bool:
        """Makes the version that the transfer has written the current one; False if another transfer was faster."""
        if not self._ledger.advance(destination, seen=seen, members=members, transfer=transfer):
            return False
        for old in self._directory(destination).glob("[0-9]*.parquet"):
            if int(old.name[:8]) < seen:
                old.unlink(missing_ok=True)
        return True

    def _directory(self, destination: str) -> Path:
        return self._root / hashlib.sha256(destination.encode()).hexdigest()[:32]


def recipes(path: Path) -> frozenset[str]:
    """The recipes, with their versions, that have made the keys in a snapshot file; none where it holds no keys."""
    if not path.exists():
        return frozenset()
    kept = (pq.read_metadata(path).metadata or {}).get(_RECIPES.encode())
    return frozenset(json.loads(kept)) if kept else frozenset()


def footer(before: Path, recipe: str) -> dict[str, str]:
    """What a snapshot file says about itself that has keys of the one before, and of a recipe."""
    return {_RECIPES: json.dumps(sorted({recipe} | recipes(before)))}


def members(path: Path) -> str:
    """A query over the members of a snapshot file, which may be missing, or have fewer or more columns."""
    if not path.exists():
        return files([], COLUMNS)
    names = pq.read_schema(path).names
    present = {name: type_ for name, type_ in COLUMNS.items() if name in names}
    added = "".join(f", {value} AS {name}" for name, value in _DEFAULTS.items() if name not in present)
    return f"SELECT *{added} FROM ({files([path], present)})"
