"""Documents: the JSON objects that the platform's services keep, by kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from audience_gateway_sandbox.platform.storage.database import Database

_COLUMNS = "sequence, id, version, created, updated, body"
_MICROSECONDS = 1000
_NAMES = UUID("5a17d0b0-c0ff-4e00-8000-000000000001")


def name_uuid(*parts: str) -> str:
    """Make the UUID that always stands for a name."""
    return str(uuid5(_NAMES, "/".join(parts)))


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a service.

    Attributes:
        sequence: grows from one document to the next that is made.
        id: its id, unique among its kind.
        version: how often it was written; the first is 1.
        created: when it was made, in microseconds since the epoch.
        updated: when it was last written, in microseconds since the epoch.
        body: what it holds.
    """

    sequence: int
    id: str
    version: int
    created: int
    updated: int
    body: dict[str, Any]

    @property
    def created_ms(self) -> int:
        """When it was made, in milliseconds."""
        return self.created // _MICROSECONDS

    @property
    def updated_ms(self) -> int:
        """When it was last written, in milliseconds."""
        return self.updated // _MICROSECONDS


@dataclass(frozen=True, slots=True)
class Documents:
    """All documents of one kind in one sandbox of the platform.

    Attributes:
        database: where they are.
        space: name of the sandbox.
        kind: which service and object they are of.
        now: the time, in microseconds since the epoch.
    """

    database: Database
    space: str
    kind: str
    now: int

    def add(self, body: Mapping[str, Any], id_: str = "") -> Document:
        """Add a document; its id is a UUID by its sequence, so that the same calls give the same ids, or one given."""
        sequence = self.next_sequence
        id_ = id_ or name_uuid(self.space, self.kind, str(sequence))
        self.database.execute(
            "INSERT INTO document (sequence, space, kind, id, version, created, updated, body)"
            " VALUES (?, ?, ?, ?, 1, ?, ?, ?)",
            (sequence, self.space, self.kind, id_, self.now, self.now, json.dumps(body)),
        )
        return Document(sequence, id_, 1, self.now, self.now, dict(body))

    @property
    def next_sequence(self) -> int:
        """The sequence of the document that is added next."""
        last = self.database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'document'").fetchone()
        return (last[0] if last else 0) + 1

    def get(self, id_: str) -> Document | None:
        """Find a document by its id."""
        row = self.database.execute(
            f"SELECT {_COLUMNS} FROM document WHERE space = ? AND kind = ? AND id = ?",
            (self.space, self.kind, id_),
        ).fetchone()
        return None if row is None else _document(row)

    def put(self, id_: str, body: Mapping[str, Any]) -> Document:
        """Write a document anew that is there; its version grows."""
        self.database.execute(
            "UPDATE document SET body = ?, updated = ?, version = version + 1 WHERE space = ? AND kind = ? AND id = ?",
            (json.dumps(body), self.now, self.space, self.kind, id_),
        )
        return self._must(id_)

    def remove(self, id_: str) -> bool:
        """Remove a document; tell whether it was there."""
        removed = self.database.execute(
            "DELETE FROM document WHERE space = ? AND kind = ? AND id = ?", (self.space, self.kind, id_)
        )
        return bool(removed.rowcount)

    def newest_first(self) -> list[Document]:
        """List them, the last made first."""
        return list(reversed(list(self)))

    def __iter__(self) -> Iterator[Document]:
        rows = self.database.execute(
            f"SELECT {_COLUMNS} FROM document WHERE space = ? AND kind = ? ORDER BY sequence",
            (self.space, self.kind),
        ).fetchall()
        return map(_document, rows)

    def __len__(self) -> int:
        counted = self.database.execute(
            "SELECT count(*) FROM document WHERE space = ? AND kind = ?", (self.space, self.kind)
        ).fetchone()
        return int(counted[0])

    def _must(self, id_: str) -> Document:
        found = self.get(id_)
        if found is None:
            raise LookupError(f"a document of the kind {self.kind} is not there")
        return found


def _document(row: tuple[Any, ...]) -> Document:
    sequence, id_, version, created, updated, body = row
    return Document(sequence, id_, version, created, updated, json.loads(body))
