"""Reads what the ledger says of a transfer, past the gateway."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from audience_gateway.storage.database import connect
from audience_gateway.storage.schema import CHUNKS, TRANSFERS


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk in the ledger: its stage, how far it got, its rows, and those of them that were refused."""

    stage: str
    state: str
    rows: int
    refused: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A transfer in the ledger.

    Attributes:
        state: its state.
        receipt: its receipt; None if it has none.
        chunks: its chunks.
    """

    state: str
    receipt: dict[str, Any] | None
    chunks: tuple[Chunk, ...]

    def rows(self, stage: str, state: str) -> int:
        """Rows of the chunks of a stage that are in a state, without refused ones."""
        return sum(chunk.rows - chunk.refused for chunk in self.chunks if (chunk.stage, chunk.state) == (stage, state))


def read(database_url: str, transfer: str) -> Entry:
    """What stands in the ledger."""
    engine = connect(database_url)
    try:
        with engine.connect() as connection:
            row = connection.execute(sa.select(TRANSFERS).where(TRANSFERS.c.id == transfer)).one()
            chunks = connection.execute(sa.select(CHUNKS).where(CHUNKS.c.transfer == transfer)).all()
    finally:
        engine.dispose()
    return Entry(
        row.state,
        json.loads(row.receipt) if row.receipt else None,
        tuple(Chunk(chunk.stage, chunk.state, chunk.rows, chunk.refused) for chunk in chunks),
    )
