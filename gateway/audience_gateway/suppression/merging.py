"""Merges files of the suppression list, so that single opt-outs over years are no millions of files."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from audience_gateway.storage.relations import QueryLimits, Relations, files, literal
from audience_gateway.suppression.model import SuppressionKind
from audience_gateway.suppression.suppression_list import COLUMNS, SuppressionList

_MERGED = b"merged"
_FEWEST = 32
_IN_USE_SECONDS = 3600.0  # as long as somebody may still read a file whose content is in another one


@dataclass(frozen=True, slots=True)
class Merging:
    """Merges files. Safe in several processes at once: what is in two files counts once.

    Attributes:
        suppressions: the list.
        scratch: directory that queries spill to.
        limits: what one query may use.
        repeated_seconds: as long as the request of a file may come again, which its name makes harmless.
    """

    suppressions: SuppressionList
    scratch: Path
    limits: QueryLimits
    repeated_seconds: float

    def sweep(self) -> None:
        """Merges files of opt-outs that are old enough, and drops those that were merged long enough ago."""
        now = time.time()
        merged: set[str] = set()
        for path in self._paths():
            contained = self._contained(path)
            merged |= contained
            if contained and path.stat().st_mtime < now - _IN_USE_SECONDS:
                for name in contained:
                    (self.suppressions.root / name).unlink(missing_ok=True)
        old = [
            path.name
            for path in self._paths()
            if path.name not in merged and path.stat().st_mtime < now - self.repeated_seconds
        ]
        if len(old) >= _FEWEST:
            self._merge(old)

    def _merge(self, names: Sequence[str]) -> None:
        with Relations(self.scratch, self.limits) as relations, relations.session() as session:
            # Files of erasures are looked up by their names.
            chosen = [name for name in names if not session.rows(self._of_erasure(name))]
            if len(chosen) >= _FEWEST:
                path = self.suppressions.root / f"merged-{uuid.uuid4()}.parquet"
                session.publish(self.suppressions.changes(chosen), path, {_MERGED.decode(): json.dumps(chosen)})

    def _of_erasure(self, name: str) -> str:
        changes = files([self.suppressions.root / name], COLUMNS)
        return f"SELECT 1 FROM ({changes}) WHERE kind = {literal(SuppressionKind.ERASED)} AND held LIMIT 1"

    def _paths(self) -> list[Path]:
        return [self.suppressions.root / name for name in self.suppressions.names()]

    def _contained(self, path: Path) -> set[str]:
        kept: dict[bytes, bytes] = pq.read_metadata(path).metadata or {}
        return set(json.loads(kept[_MERGED])) if _MERGED in kept else set()
