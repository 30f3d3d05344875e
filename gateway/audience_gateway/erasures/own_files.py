"""Clears the gateway's own files of erased ids, and of the members that they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pyarrow.parquet as pq

from audience_gateway.storage.relations import Session, files, literal
from audience_gateway.storage.rewritten_files import rewrite
from audience_gateway.suppression.suppression_list import SuppressionList
from audience_gateway.transfers.emptied_rows import empty_rows
from audience_gateway.transfers.received import COLUMNS, Received

_Condition: TypeAlias = Callable[[Path], str]


@dataclass(slots=True)
class Cleared:
    """What was cleared.

    Attributes:
        files: files that were written anew.
        rows: rows that were taken out of them, or emptied.
    """

    files: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """The files of a gateway in which ids or members are, but for rows of transfers.

    Attributes:
        state: directory of the gateway's state.
        received: what destinations have received.
        suppressions: holds the keys of erasures.
        cleared: what was cleared.
    """

    state: Path
    received: Received
    suppressions: SuppressionList
    cleared: Cleared = field(default_factory=Cleared)

    def name_erased(self, session: Session, erasure: str) -> None:
        """Names the keys `erased`, and the members that they stand for `erased_member` (directory, target)."""
        session.table("erased", f"SELECT DISTINCT key FROM ({self.suppressions.changes([f'{erasure}.parquet'])})")
        pairs = [
            f"SELECT {literal(path.parent.name)} AS directory, key, target FROM ({files([path], COLUMNS)})"
            for _, path in self.received.receivers()
        ]
        everything = " UNION ALL ".join(pairs) or "SELECT '' AS directory, CAST(NULL AS UUID) AS key, '' AS target"
        session.table(
            "erased_member", f"SELECT DISTINCT directory, target FROM ({everything}) SEMI JOIN erased USING (key)"
        )

    def clear_indexes(self, session: Session) -> None:
        """Takes the keys out of identity indexes: each path of a file, for versions share files by links."""
        paths = (path for path in self.state.glob("indexes/**/*.parquet") if "key" in pq.read_schema(path).names)
        self._take_out(session, paths, lambda _: "key IN (FROM erased)")

    def clear_deltas(self, session: Session, transfers: Iterable[str]) -> None:
        """Takes members out of what transfers have changed."""
        paths = (self.state / "transfers" / transfer / "delta.parquet" for transfer in transfers)
        self._take_out(session, (path for path in paths if path.exists()), self._of_delta)

    def clear_members(self, session: Session) -> None:
        """Takes members out of snapshots, and then what tells of them out of what was received."""
        self._take_out(
            session,
            self.state.glob("snapshots/*/*.parquet"),
            lambda path: f"target_key IN (FROM erased) OR {_member_of(path.parent.name)}",
        )
        self._take_out(session, self.received.root.glob("*/*.parquet"), lambda _: "key IN (FROM erased)")

    def empty_rows(self, session: Session, path: Path, hit: str) -> None:
        """Empties rows of a file of extracted rows."""
        self._count(empty_rows(session, path, hit))

    def _of_delta(self, path: Path) -> str:
        snapshot_key = (pq.read_metadata(path).metadata or {})[b"snapshot_key"].decode()
        return f"target_key IN (FROM erased) OR {_member_of(self.received.directory(snapshot_key).name)}"

    def _take_out(self, session: Session, paths: Iterable[Path], hit: _Condition) -> None:
        for path in paths:
            condition = hit(path)
            rows = f"FROM read_parquet({literal(str(path))}) WHERE NOT coalesce({condition}, false)"
            self._count(rewrite(session, path, condition, rows))

    def _count(self, rows: int) -> None:
        self.cleared.files += rows > 0
        self.cleared.rows += rows


def _member_of(directory: str) -> str:
    return f"target IN (SELECT target FROM erased_member WHERE directory = {literal(directory)})"
