"""Control, receipts and destinations of transfers; chunks, requests, replicas, streams and schedules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_AT_A_TIME = 1000


def upgrade() -> None:
    """Adds columns and tables, and fills in the destinations of the transfers that there are."""
    _extend_transfers()
    _extend_progress()
    _make_chunks()
    _make_requests()
    _make_replicas()
    _make_streams()
    _make_schedules()
    _fill_destinations(op.get_bind())


def _extend_transfers() -> None:
    op.add_column("gateway_transfers", sa.Column("control", sa.String(16)))
    op.add_column("gateway_transfers", sa.Column("schedule", sa.String(63)))
    op.add_column(
        "gateway_transfers", sa.Column("destination", sa.String(1024), nullable=False, server_default=sa.text("''"))
    )
    op.add_column("gateway_transfers", sa.Column("receipt", sa.Text))
    op.add_column("gateway_transfers", sa.Column("rows_kept", sa.Boolean, nullable=False, server_default=sa.true()))
    op.create_index("ix_gateway_transfers_schedule", "gateway_transfers", ["schedule"])
    op.create_index("ix_gateway_transfers_destination_state", "gateway_transfers", ["destination", "state"])


def _extend_progress() -> None:
    op.add_column("gateway_progress", sa.Column("began", sa.DateTime))
    op.add_column("gateway_progress", sa.Column("updated", sa.DateTime))


def _make_chunks() -> None:
    op.create_table(
        "gateway_chunks",
        sa.Column("transfer", sa.String(63), primary_key=True),
        sa.Column("stage", sa.String(16), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("updated", sa.DateTime, nullable=False),
    )


def _make_requests() -> None:
    op.create_table(
        "gateway_requests",
        sa.Column("request_id", sa.String(36), primary_key=True),
        sa.Column("method", sa.String(128), nullable=False),
        sa.Column("payload_hash", sa.String(64), nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
    )
    op.create_index("ix_gateway_requests_created", "gateway_requests", ["created"])


def _make_replicas() -> None:
    op.create_table(
        "gateway_replicas",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("beat", sa.DateTime, nullable=False),
        sa.Column("lease_seconds", sa.Float, nullable=False),
    )


def _make_streams() -> None:
    op.create_table(
        "gateway_streams",
        sa.Column("id", sa.String(63), primary_key=True),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("chunks", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("updated", sa.DateTime, nullable=False),
    )


def _make_schedules() -> None:
    op.create_table(
        "gateway_schedules",
        sa.Column("name", sa.String(63), primary_key=True),
        sa.Column("share", sa.JSON, nullable=False),
        sa.Column("cron", sa.String(255), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("catch_up", sa.String(16), nullable=False),
        sa.Column("overlap", sa.String(32), nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("updated", sa.DateTime, nullable=False),
    )
    op.create_table(
        "gateway_schedule_runs",
        sa.Column("schedule", sa.String(63), primary_key=True),
        sa.Column("due", sa.DateTime, primary_key=True),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("transfer", sa.String(63)),
        sa.Column("failure", sa.JSON),
    )


def _fill_destinations(connection: sa.Connection) -> None:
    transfers = sa.table(
        "gateway_transfers",
        sa.column("sequence", sa.Integer),
        sa.column("request", sa.JSON),
        sa.column("destination", sa.String),
    )
    query = sa.select(transfers.c.sequence, transfers.c.request).order_by(transfers.c.sequence).limit(_AT_A_TIME)
    last = 0
    while rows := connection.execute(query.where(transfers.c.sequence > last)).all():
        filled = [{"row": row.sequence, "audience": _audience(*row.request["destination"])} for row in rows]
        same = transfers.c.sequence == sa.bindparam("row")
        connection.execute(transfers.update().where(same).values(destination=sa.bindparam("audience")), filled)
        last = rows[-1].sequence


def _audience(connection: str, audience: str) -> str:
    return f"connections/{connection}/audiences/{audience}"
