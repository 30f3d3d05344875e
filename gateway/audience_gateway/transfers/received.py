"""What destinations have received, or may have: keys of ids with the members that they stood for, kept for erasures.

A snapshot tells who is a member; this tells who ever was, and by which id a record became one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from audience_gateway.storage.linked_files import link_file
from audience_gateway.storage.relations import Session, count_rows, files
from audience_gateway.transfers.model import AudienceRef

COLUMNS = {"key": "UUID", "target": "VARCHAR"}
"""Columns of a file with their DuckDB types."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who has received something.

    Attributes:
        destination: the audience.
        data_source: name of the data source of the ids.
        snapshot_key: what its snapshot is kept under.
        reconciles: whether its members are records.
    """

    destination: AudienceRef
    data_source: str
    snapshot_key: str
    reconciles: bool

    @property
    def footer(self) -> Mapping[str, str]:
        """What a file of what it has received says about itself."""
        return {
            "connection": self.destination.connection,
            "audience": self.destination.audience,
            "data_source": self.data_source,
            "snapshot_key": self.snapshot_key,
            "reconciles": "yes" if self.reconciles else "no",
        }


@dataclass(frozen=True, slots=True)
class Received:
    """All that was received, a directory for each snapshot and a file for each transfer.

    Attributes:
        root: the directory of all.
    """

    root: Path

    def pairs(self, snapshot_key: str, transfer: str = "") -> str:
        """A query over what a destination has received, or that by one transfer; COLUMNS has the columns."""
        return files(sorted(self.directory(snapshot_key).glob(f"{transfer}*.parquet")), COLUMNS)

    def directory(self, snapshot_key: str) -> Path:
        """Where that is."""
        return self.root / hashlib.sha256(snapshot_key.encode()).hexdigest()[:32]

    def receivers(self) -> Iterator[tuple[Receiver, Path]]:
        """Who has received the content of each file."""
        for path in sorted(self.root.glob("*/*.parquet")):
            footer: dict[bytes, bytes] = pq.read_metadata(path).metadata
            kept = {name.decode(): text.decode() for name, text in footer.items()}
            destination = AudienceRef(kept["connection"], kept["audience"])
            yield Receiver(destination, kept["data_source"], kept["snapshot_key"], kept["reconciles"] == "yes"), path

    def note(self, session: Session, transfer: str, receiver: Receiver, pairs: str) -> int:
        """Notes pairs of a query as received by a transfer; what it has noted stays. Answers how many there are."""
        return session.publish(pairs, self._file(transfer, receiver.snapshot_key), receiver.footer)

    def take(self, file: Path, transfer: str, snapshot_key: str) -> int:
        """Notes the pairs of a file, which is never written again and says who has received them. Answers how many."""
        link_file(file, self._file(transfer, snapshot_key))
        return count_rows(file)

    def _file(self, transfer: str, snapshot_key: str) -> Path:
        return self.directory(snapshot_key) / f"{transfer}.parquet"
