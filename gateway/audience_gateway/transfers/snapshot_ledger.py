"""The versions of snapshots in the ledger."""

from __future__ import annotations

import sqlalchemy as sa

from audience_gateway.storage.lost_connections import retried
from audience_gateway.storage.schema import SNAPSHOTS


class SnapshotLedger:
    """Says which version of a snapshot counts. Every call is one transaction, and safe to repeat."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @retried
    def current(self, destination: str) -> tuple[int, int, str]:
        """Version and number of members of the current snapshot, and who made it; (0, 0, "") if there is none."""
        query = sa.select(SNAPSHOTS).where(SNAPSHOTS.c.destination == destination)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return (row.version, row.members, row.transfer) if row else (0, 0, "")

    @retried
    def advance(self, destination: str, *, seen: int, members: int, transfer: str) -> bool:
        """Moves a snapshot from version `seen` to the next; False if another transfer has moved it.

        The transfer that moved it may do so again, which changes nothing.
        """
        values = {"version": seen + 1, "members": members, "transfer": transfer}
        same = SNAPSHOTS.c.destination == destination
        try:
            with self._engine.begin() as connection:
                if seen == 0:
                    connection.execute(SNAPSHOTS.insert().values(destination=destination, **values))
                    return True
                moved = connection.execute(SNAPSHOTS.update().where(same, SNAPSHOTS.c.version == seen).values(values))
                if moved.rowcount:
                    return True
        except sa.exc.IntegrityError:
            pass  # there is a first version already; whose it is, the next query tells
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(SNAPSHOTS.c.version, SNAPSHOTS.c.transfer).where(same)).one()
        return (row.version, row.transfer) == (seen + 1, transfer)
