"""The ledger of streams: which there are, and which chunks of them are kept. Holds no id of a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from audience_gateway.sdk import Permanent
from audience_gateway.storage.clock import now
from audience_gateway.storage.lost_connections import retried
from audience_gateway.storage.schema import CHUNKS, STREAMS
from audience_gateway.streams.model import Chunk, Stream, StreamState
from audience_gateway.streams.refusals import ChunkChanged, CountsDiffer, OutOfSequence
from audience_gateway.transfers import records
from audience_gateway.transfers.model import ShareRequest

_STAGE = "stream"


class StreamLedger:
    """Reads and writes the ledger of streams; every call is one transaction, and safe to repeat.

    Args:
        engine: the database.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @retried
    def open(self, stream: str, request: ShareRequest) -> Stream:
        """The stream of an id; enters it if there is none."""
        found = self._stream(stream)
        if found:
            return found
        moment = now()
        row = {"id": stream, "request": records.request_record(request), "state": StreamState.OPEN.value}
        try:
            with self._engine.begin() as connection:
                connection.execute(STREAMS.insert().values(chunks=0, rows=0, created=moment, updated=moment, **row))
        except sa.exc.IntegrityError:
            pass  # another one entered it just now
        return self._known(stream)

    @retried
    def stream(self, stream: str) -> Stream | None:
        """The stream of an id, or None if there is none."""
        return self._stream(stream)

    @retried
    def keep(self, stream: str, chunks: Sequence[Chunk]) -> None:
        """Enters chunks with ascending numbers; those that are kept already stay as they are.

        Raises OutOfSequence, ChunkChanged, Permanent if the stream has ended; then none is entered.
        """
        with self._engine.begin() as connection:
            # A write first: whoever else would enter chunks of the stream waits here until this transaction ends.
            connection.execute(STREAMS.update().where(STREAMS.c.id == stream).values(updated=now()))
            known = _read(connection, stream)
            new = [chunk for chunk in chunks if chunk.sequence > known.chunks]
            _check_unchanged(connection, stream, [chunk for chunk in chunks if chunk.sequence <= known.chunks])
            if not new:
                return
            if known.state is StreamState.ENDED:
                raise Permanent("the stream has ended", place=f"streams/{stream}", remedy="Open a new stream.")
            for expected, chunk in enumerate(new, known.chunks + 1):
                if chunk.sequence != expected:
                    raise OutOfSequence(expected)
            connection.execute(CHUNKS.insert(), [_row(stream, chunk) for chunk in new])
            connection.execute(
                STREAMS.update()
                .where(STREAMS.c.id == stream)
                .values(chunks=known.chunks + len(new), rows=known.rows + sum(chunk.rows for chunk in new))
            )

    @retried
    def end(self, stream: str, *, chunks: int, rows: int) -> Stream:
        """Ends a stream; one that has ended stays ended. Raises CountsDiffer unless it has so many chunks and rows."""
        with self._engine.begin() as connection:
            same = sa.and_(STREAMS.c.id == stream, STREAMS.c.chunks == chunks, STREAMS.c.rows == rows)
            connection.execute(STREAMS.update().where(same).values(state=StreamState.ENDED.value, updated=now()))
            known = _read(connection, stream)
        if (known.chunks, known.rows) != (chunks, rows):
            raise CountsDiffer(known.chunks, known.rows)
        return known

    @retried
    def chunk(self, stream: str, sequence: int) -> Chunk | None:
        """A chunk that is kept, or None if there is none of that number."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(CHUNKS).where(_of(stream), CHUNKS.c.number == sequence)).one_or_none()
        return Chunk(row.number, row.rows, row.content_hash) if row else None

    @retried
    def abandoned(self, before: datetime) -> list[str]:
        """Ids of streams that have not ended and got nothing since a moment."""
        naive = before.astimezone(UTC).replace(tzinfo=None)
        stale = sa.and_(STREAMS.c.state == StreamState.OPEN.value, STREAMS.c.updated < naive)
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(STREAMS.c.id).where(stale)).scalars())

    @retried
    def forget(self, stream: str) -> None:
        """Drops a stream and its chunks."""
        with self._engine.begin() as connection:
            connection.execute(STREAMS.delete().where(STREAMS.c.id == stream))
            connection.execute(CHUNKS.delete().where(_of(stream)))

    def _known(self, stream: str) -> Stream:
        with self._engine.connect() as connection:
            return _read(connection, stream)

    def _stream(self, stream: str) -> Stream | None:
        with self._engine.connect() as connection:
            return _find(connection, stream)


def _read(connection: sa.Connection, stream: str) -> Stream:
    found = _find(connection, stream)
    if found is None:
        raise Permanent("there is no such stream", place=f"streams/{stream}", remedy="Open a new stream.")
    return found


def _find(connection: sa.Connection, stream: str) -> Stream | None:
    row = connection.execute(sa.select(STREAMS).where(STREAMS.c.id == stream)).one_or_none()
    if row is None:
        return None
    return Stream(row.id, records.request(row.request), StreamState(row.state), row.chunks, row.rows)


def _check_unchanged(connection: sa.Connection, stream: str, chunks: Sequence[Chunk]) -> None:
    if not chunks:
        return
    numbers = [chunk.sequence for chunk in chunks]
    query = sa.select(CHUNKS.c.number, CHUNKS.c.content_hash).where(_of(stream), CHUNKS.c.number.in_(numbers))
    kept = {row.number: row.content_hash for row in connection.execute(query)}
    if any(kept.get(chunk.sequence) != chunk.content_hash for chunk in chunks):
        raise ChunkChanged


def _row(stream: str, chunk: Chunk) -> dict[str, Any]:
    return {
        "transfer": stream,
        "stage": _STAGE,
        "number": chunk.sequence,
        "state": "kept",
        "rows": chunk.rows,
        "content_hash": chunk.content_hash,
        "updated": now(),
    }


def _of(stream: str) -> sa.ColumnElement[bool]:
    return sa.and_(CHUNKS.c.transfer == stream, CHUNKS.c.stage == _STAGE)
