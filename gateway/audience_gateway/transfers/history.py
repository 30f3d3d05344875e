"""Transfers that have ended, by their age."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from audience_gateway.storage.lost_connections import retried
from audience_gateway.storage.schema import ARRIVALS, CHUNKS, PROGRESS, TRANSFERS


class History:
    """Finds and drops transfers in the ledger. Every call is one transaction, and safe to repeat."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @retried
    def with_rows(self, before: datetime, limit: int) -> list[str]:
        """Transfers that ended before a time in UTC and whose rows are kept."""
        return self._ids(before, limit, TRANSFERS.c.rows_kept)

    @retried
    def ended(self, before: datetime, limit: int) -> list[str]:
        """Transfers that ended before a time in UTC."""
        return self._ids(before, limit)

    @retried
    def note_rows_dropped(self, transfers: Sequence[str]) -> None:
        """Notes that their rows are no longer kept."""
        with self._engine.begin() as connection:
            connection.execute(TRANSFERS.update().where(TRANSFERS.c.id.in_(transfers)).values(rows_kept=False))

    @retried
    def forget(self, transfers: Sequence[str]) -> None:
        """Drops all that is noted of them."""
        with self._engine.begin() as connection:
            connection.execute(ARRIVALS.delete().where(ARRIVALS.c.transfer.in_(transfers)))
            connection.execute(CHUNKS.delete().where(CHUNKS.c.transfer.in_(transfers)))
            connection.execute(PROGRESS.delete().where(PROGRESS.c.transfer.in_(transfers)))
            connection.execute(TRANSFERS.delete().where(TRANSFERS.c.id.in_(transfers)))

    def _ids(self, before: datetime, limit: int, *conditions: sa.ColumnElement[bool]) -> list[str]:
        query = sa.select(TRANSFERS.c.id).where(TRANSFERS.c.ended < before.replace(tzinfo=None), *conditions)
        with self._engine.connect() as connection:
            return list(connection.execute(query.order_by(TRANSFERS.c.sequence).limit(limit)).scalars())
