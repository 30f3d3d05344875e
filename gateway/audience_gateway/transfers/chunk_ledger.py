"""The chunks of transfers in the ledger: what each holds, and how far it got. Holds no id of a person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from audience_gateway.sdk import DeliveredWrite, Permanent
from audience_gateway.storage.clock import now, utc
from audience_gateway.storage.lost_connections import retried
from audience_gateway.storage.schema import CHUNKS
from audience_gateway.transfers.writes import Change, write_key


class ChunkState(StrEnum):
    """How far a chunk got: read chunks are kept at once, delivered ones pass the other three."""

    KEPT = "kept"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """A chunk in the ledger.

    Attributes:
        state: how far it got.
        rows: its rows.
        refused: rows of it that the destination refused; counts once it is sent.
        content_hash: SHA-256 of its content, in hex.
    """

    state: ChunkState
    rows: int
    refused: int
    content_hash: str


class ChunkLedger:
    """The chunks of one transfer. Every call is one transaction, and safe to repeat."""

    def __init__(self, engine: sa.Engine, transfer: str) -> None:
        self._engine = engine
        self._transfer = transfer

    @retried
    def enter(self, stage: str, number: int, *, rows: int, content_hash: str, state: ChunkState) -> ChunkRecord:
        """Enters a chunk, unless it is entered, and answers what stands there.

        Raises Permanent if another content stands there.
        """
        values = {"state": state.value, "rows": rows, "refused": 0, "content_hash": content_hash, "updated": now()}
        found = self._record(stage, number)
        if found is None:
            try:
                with self._engine.begin() as connection:
                    connection.execute(
                        CHUNKS.insert().values(transfer=self._transfer, stage=stage, number=number, **values)
                    )
                return ChunkRecord(state, rows, 0, content_hash)
            except sa.exc.IntegrityError:
                found = self._record(stage, number)
        if found is None or found.content_hash != content_hash:
            raise Permanent(
                f"chunk {number} of stage {stage} is not what it was when it was entered",
                place=f"transfers/{self._transfer}",
                remedy="Its file was changed or damaged: share again.",
            )
        return found

    @retried
    def move(self, stage: str, number: int, state: ChunkState, *, refused: int = 0) -> None:
        """Notes how far a chunk has got."""
        with self._engine.begin() as connection:
            connection.execute(
                CHUNKS.update()
                .where(self._same(stage, number))
                .values(state=state.value, refused=refused, updated=now())
            )

    @retried
    def record(self, stage: str, number: int) -> ChunkRecord | None:
        """What stands in the ledger."""
        return self._record(stage, number)

    @retried
    def content_hash(self, stage: str, chunks: int) -> str:
        """SHA-256, in hex, over the content hashes of the first chunks of a stage."""
        query = sa.select(CHUNKS.c.content_hash).where(
            CHUNKS.c.transfer == self._transfer, CHUNKS.c.stage == stage, CHUNKS.c.number < chunks
        )
        with self._engine.connect() as connection:
            hashes = connection.execute(query.order_by(CHUNKS.c.number)).scalars().all()
        return hashlib.sha256("".join(hashes).encode()).hexdigest()

    @retried
    def writes(self) -> tuple[DeliveredWrite, ...]:
        """The writes of which something is in the destination, or may be: in the order in which they were made."""
        query = sa.select(CHUNKS).where(
            CHUNKS.c.transfer == self._transfer,
            CHUNKS.c.stage.in_([change.value for change in Change]),
            CHUNKS.c.state.in_([ChunkState.SENDING.value, ChunkState.SENT.value]),
            sa.or_(CHUNKS.c.rows > CHUNKS.c.refused, CHUNKS.c.stage == Change.REPLACE.value),
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(CHUNKS.c.updated, CHUNKS.c.stage, CHUNKS.c.number)).all()
        return tuple(_write(row) for row in rows)

    def _record(self, stage: str, number: int) -> ChunkRecord | None:
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(CHUNKS).where(self._same(stage, number))).one_or_none()
        return ChunkRecord(ChunkState(row.state), row.rows, row.refused, row.content_hash) if row else None

    def _same(self, stage: str, number: int) -> sa.ColumnElement[bool]:
        return sa.and_(CHUNKS.c.transfer == self._transfer, CHUNKS.c.stage == stage, CHUNKS.c.number == number)


def _write(row: sa.Row[Any]) -> DeliveredWrite:
    return DeliveredWrite(
        key=write_key(row.transfer, Change(row.stage), row.number),
        members=row.rows - row.refused,
        time=utc(row.updated),
        in_doubt=row.state == ChunkState.SENDING,
    )
