"""The ledger: transfers and snapshot versions in a database. Holds no id of a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from audience_gateway.transfers import records
from audience_gateway.transfers.model import Failure, OutcomeCount, ShareRequest, Stage, Transfer, TransferState

_LOCK_SECONDS = 60
_METADATA = sa.MetaData()
_TRANSFERS = sa.Table(
    "gateway_transfers",
    _METADATA,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(63), nullable=False, unique=True),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("stage", sa.String(16)),
    sa.Column("failure", sa.JSON),
    sa.Column("outcomes", sa.JSON),
    sa.Column("created", sa.DateTime, nullable=False),
    sa.Column("updated", sa.DateTime, nullable=False),
    sa.Column("ended", sa.DateTime),
)
_PROGRESS = sa.Table(
    "gateway_progress",
    _METADATA,
    sa.Column("transfer", sa.String(63), primary_key=True),
    sa.Column("stage", sa.String(16), primary_key=True),
    sa.Column("rows_done", sa.BigInteger, nullable=False),
    sa.Column("rows_total", sa.BigInteger),
)
_SNAPSHOTS = sa.Table(
    "gateway_snapshots",
    _METADATA,
    sa.Column("destination", sa.String(1024), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("members", sa.BigInteger, nullable=False),
    sa.Column("transfer", sa.String(63), nullable=False),
)


class Ledger:
    """Reads and writes the ledger; every call is one transaction.

    Args:
        database_url: SQLAlchemy address; the tables are made if they are not there.
    """

    def __init__(self, database_url: str) -> None:
        self._engine = _engine(database_url)
        _METADATA.create_all(self._engine)

    def close(self) -> None:
        """Closes the database connections."""
        self._engine.dispose()

    def accept(self, transfer: str, request: ShareRequest) -> bool:
        """Enters a new transfer; False if there is one of that id."""
        now = _now()
        row = {
            "id": transfer,
            "request": records.request_record(request),
            "state": TransferState.PENDING.value,
            "created": now,
            "updated": now,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(_TRANSFERS.insert().values(row))
        except sa.exc.IntegrityError:
            return False
        return True

    def transfer(self, transfer: str) -> Transfer | None:
        """One transfer."""
        found = self._transfers(sa.select(_TRANSFERS).where(_TRANSFERS.c.id == transfer))
        return found[0] if found else None

    def transfers(self, *, after: str, limit: int) -> list[Transfer]:
        """Transfers, the newest first, behind the one of id `after` (empty: from the newest)."""
        query = sa.select(_TRANSFERS).order_by(_TRANSFERS.c.sequence.desc()).limit(limit)
        if after:
            behind = sa.select(_TRANSFERS.c.sequence).where(_TRANSFERS.c.id == after).scalar_subquery()
            query = query.where(_TRANSFERS.c.sequence < behind)
        return self._transfers(query)

    def unfinished(self) -> list[Transfer]:
        """Transfers that have not ended, the oldest first."""
        states = [state.value for state in TransferState if not state.ended]
        query = sa.select(_TRANSFERS).where(_TRANSFERS.c.state.in_(states)).order_by(_TRANSFERS.c.sequence)
        return self._transfers(query)

    def begin_stage(self, transfer: str, stage: Stage) -> None:
        """Notes that a stage has begun."""
        self._update(transfer, state=TransferState.RUNNING.value, stage=stage.value)

    def progress(self, transfer: str, stage: Stage, done: int, total: int | None) -> None:
        """Notes how far a stage is."""
        where = sa.and_(_PROGRESS.c.transfer == transfer, _PROGRESS.c.stage == stage.value)
        values = {"rows_done": done, "rows_total": total}
        with self._engine.begin() as connection:
            if not connection.execute(_PROGRESS.update().where(where).values(values)).rowcount:
                connection.execute(_PROGRESS.insert().values(transfer=transfer, stage=stage.value, **values))
            connection.execute(_TRANSFERS.update().where(_TRANSFERS.c.id == transfer).values(updated=_now()))

    def end(self, transfer: str, state: TransferState, outcomes: Sequence[OutcomeCount]) -> None:
        """Notes the end of a transfer that has a receipt."""
        self._update(transfer, state=state.value, outcomes=records.outcomes_record(outcomes), ended=_now())

    def fail(self, transfer: str, failure: Failure) -> None:
        """Notes that a transfer failed."""
        self._update(transfer, state=TransferState.FAILED.value, failure=records.failure_record(failure), ended=_now())

    def snapshot(self, destination: str) -> tuple[int, int]:
        """Version and number of members of the current snapshot; (0, 0) if there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(
                sa.select(_SNAPSHOTS.c.version, _SNAPSHOTS.c.members).where(_SNAPSHOTS.c.destination == destination)
            ).one_or_none()
        return (row.version, row.members) if row else (0, 0)

    def advance_snapshot(self, destination: str, *, seen: int, members: int, transfer: str) -> bool:
        """Moves a snapshot from version `seen` to the next; False if another transfer has moved it.

        The transfer that moved it may do so again, which changes nothing.
        """
        values = {"version": seen + 1, "members": members, "transfer": transfer}
        same = _SNAPSHOTS.c.destination == destination
        try:
            with self._engine.begin() as connection:
                if seen == 0:
                    connection.execute(_SNAPSHOTS.insert().values(destination=destination, **values))
                    return True
                moved = connection.execute(_SNAPSHOTS.update().where(same, _SNAPSHOTS.c.version == seen).values(values))
                if moved.rowcount:
                    return True
        except sa.exc.IntegrityError:
            pass  # there is a first version already; whose it is, the next query tells
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(_SNAPSHOTS.c.version, _SNAPSHOTS.c.transfer).where(same)).one()
        return (row.version, row.transfer) == (seen + 1, transfer)

    def _update(self, transfer: str, **values: object) -> None:
        with self._engine.begin() as connection:
            connection.execute(_TRANSFERS.update().where(_TRANSFERS.c.id == transfer).values(updated=_now(), **values))

    def _transfers(self, query: sa.Select[Any]) -> list[Transfer]:
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
            progress = (
                connection.execute(sa.select(_PROGRESS).where(_PROGRESS.c.transfer.in_([row["id"] for row in rows])))
                .mappings()
                .all()
            )
        return [
            records.transfer(dict(row), [dict(one) for one in progress if one["transfer"] == row["id"]]) for row in rows
        ]


def _engine(database_url: str) -> sa.Engine:
    if not database_url.startswith("sqlite"):
        return sa.create_engine(database_url)
    engine = sa.create_engine(database_url, connect_args={"timeout": _LOCK_SECONDS})

    @sa.event.listens_for(engine, "connect")
    def _settle_on_wal(connection: sqlite3.Connection, _: object) -> None:
        # A commit then survives a killed process without waiting for the disk; the mode stays with the file.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    return engine


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
