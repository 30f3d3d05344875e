"""The rows of one share out of all: read again for each of a few shares, split once where shares are many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from audience_gateway.identity.keys import partition_name
from audience_gateway.storage.linked_files import publishing_directory
from audience_gateway.storage.relations import Session, files
from audience_gateway.transfers.shares import Share

_FEW = 4
_SHARES = "shares"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedOut:
    """Rows that are looked at share by share.

    Attributes:
        query: a query over all of them.
        columns: its columns with their DuckDB types.
        by: the column that says which share a row is in.
        directory: where they are split to; one that is there counts.
    """

    query: str
    columns: Mapping[str, str]
    by: str
    directory: Path

    def of(self, session: Session, share: Share) -> str:
        """A query over the rows of a share."""
        if share.shares <= _FEW:
            return f"FROM ({self.query}) WHERE {share.holds(self.by)}"
        if not self.directory.exists():
            with publishing_directory(self.directory) as made:
                split = f"hash({self.by}) % {share.shares}"
                session.publish_partitions(self.query, made / _SHARES, split, partition_name)
        return files(sorted((self.directory / _SHARES / share.name).glob("*.parquet")), self.columns)
