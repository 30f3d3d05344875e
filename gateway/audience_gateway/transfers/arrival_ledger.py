"""Deliveries that arrive, in the ledger. Holds no id of a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from audience_gateway.sdk import DeliveredWrite
from audience_gateway.storage.lost_connections import retried
from audience_gateway.storage.schema import ARRIVALS, TRANSFERS
from audience_gateway.transfers import arrival_records, records
from audience_gateway.transfers.arriving import Arriving
from audience_gateway.transfers.chunk_ledger import ChunkLedger
from audience_gateway.transfers.model import ShareRequest


@dataclass(frozen=True, slots=True)
class Look:
    """A delivery that is to be asked about.

    Attributes:
        arriving: the delivery.
        request: what its transfer was asked for.
        writes: what it consisted of.
    """

    arriving: Arriving
    request: ShareRequest
    writes: tuple[DeliveredWrite, ...]


def entry(arriving: Arriving) -> sa.Insert:
    """The statement that enters a delivery."""
    return ARRIVALS.insert().values(
        transfer=arriving.transfer,
        connection=arriving.connection,
        delivered=_kept(arriving.delivered),
        looks=0,
        next_look=_kept(arriving.next_look),
        stages=arrival_records.stages_record(arriving.stages, arriving.known),
    )


def entered(connection: sa.Connection, transfers: Sequence[str]) -> dict[str, Arriving]:
    """The deliveries of transfers, by transfer."""
    rows = connection.execute(sa.select(ARRIVALS).where(ARRIVALS.c.transfer.in_(transfers))).mappings()
    return {row["transfer"]: arrival_records.arriving(dict(row)) for row in rows}


class ArrivalLedger:
    """Says which deliveries are to be asked about, and keeps the answers.

    Every call is one transaction or several that need not go together, and safe to repeat.

    Args:
        engine: the database, with the tables of `storage.schema`.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @retried
    def connections(self, now: datetime) -> list[str]:
        """Connections that have a delivery to be asked about by a time in UTC."""
        query = sa.select(ARRIVALS.c.connection).distinct().where(ARRIVALS.c.next_look <= _kept(now))
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    @retried
    def claim(self, connection: str, now: datetime, until: datetime) -> Look | None:
        """The delivery to a connection that waits longest, for the caller alone until a time in UTC.

        None if there is none, or another process took it.
        """
        query = (
            sa.select(ARRIVALS, TRANSFERS.c.request)
            .join_from(ARRIVALS, TRANSFERS, ARRIVALS.c.transfer == TRANSFERS.c.id)
            .where(ARRIVALS.c.connection == connection, ARRIVALS.c.next_look <= _kept(now))
            .order_by(ARRIVALS.c.next_look)
            .limit(1)
        )
        with self._engine.connect() as database:
            row: sa.RowMapping | None = database.execute(query).mappings().one_or_none()
        if row is None:
            return None
        looks = row["looks"] + 1
        if not self._change(row["transfer"], row["looks"], looks=looks, next_look=_kept(until)):
            return None
        arriving = arrival_records.arriving({**row, "looks": looks, "next_look": until})
        writes = ChunkLedger(self._engine, arriving.transfer).writes()
        return Look(arriving, records.request(row["request"]), writes)

    @retried
    def note(self, arriving: Arriving) -> bool:
        """Keeps what was found out about a claimed delivery; False if it was claimed anew meanwhile."""
        return self._change(
            arriving.transfer,
            arriving.looks,
            stages=arrival_records.stages_record(arriving.stages, arriving.known),
            finding=arrival_records.finding_record(arriving.finding),
            looked=_kept(arriving.looked),
            next_look=_kept(arriving.next_look),
        )

    def _change(self, transfer: str, seen: int, **values: object) -> bool:
        where = (ARRIVALS.c.transfer == transfer, ARRIVALS.c.looks == seen)
        with self._engine.begin() as connection:
            return bool(connection.execute(ARRIVALS.update().where(*where).values(**values)).rowcount)


def _kept(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=None) if time else None
