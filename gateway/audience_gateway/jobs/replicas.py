"""Which processes are alive: each beats in a table, by the database's clock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from audience_gateway.jobs.lease import Lease
from audience_gateway.storage.schema import REPLICAS

_LOOKING = 0x6A6F6273  # key of the lock on handing back: "jobs"
_FORGET_AFTER_LEASES = 10
_NOW = sa.func.timezone("utc", sa.func.now())
_LEASE = sa.func.make_interval(0, 0, 0, 0, 0, 0, REPLICAS.c.lease_seconds)


class Replicas:
    """The processes that share one PostgreSQL database.

    Args:
        engine: the database.
        replica: id of this process, another one at each start.
        lease: is renewed by each beat.
    """

    def __init__(self, engine: sa.Engine, replica: str, lease: Lease) -> None:
        self._engine = engine
        self._replica = replica
        self._lease = lease

    def beat(self) -> None:
        """Tells that this process is alive."""
        beaten = self._lease.now()
        row = insert(REPLICAS).values(id=self._replica, beat=_NOW, lease_seconds=self._lease.seconds)
        with self._engine.begin() as connection:
            connection.execute(row.on_conflict_do_update(index_elements=["id"], set_={"beat": row.excluded.beat}))
        self._lease.renew(beaten)

    def live(self) -> set[str]:
        """Ids of the processes whose last beat is younger than their lease."""
        with self._engine.connect() as connection:
            return set(connection.execute(sa.select(REPLICAS.c.id).where(REPLICAS.c.beat + _LEASE > _NOW)).scalars())

    @contextlib.contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether, until the block ends, no other process is in this block."""
        with self._engine.begin() as connection:
            # One that is stopped in here for longer than its lease is put out, so that it keeps nobody out.
            patience = str(int(self._lease.seconds * 1000))
            connection.execute(sa.select(sa.func.set_config("idle_in_transaction_session_timeout", patience, True)))
            yield bool(connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(_LOOKING))).scalar())

    def forget_dead(self) -> None:
        """Drops the rows of processes that died long ago."""
        with self._engine.begin() as connection:
            connection.execute(REPLICAS.delete().where(REPLICAS.c.beat + _FORGET_AFTER_LEASES * _LEASE < _NOW))

    def leave(self) -> None:
        """Tells that this process ends."""
        with self._engine.begin() as connection:
            connection.execute(REPLICAS.delete().where(REPLICAS.c.id == self._replica))
