"""The tables of the gateway, on SQLite and on PostgreSQL. Times are in UTC, without a time zone."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()
VERSION_TABLE = "gateway_schema"
"""Where the database keeps which migrations it has seen."""
TRANSFERS = sa.Table(
    "gateway_transfers",
    METADATA,
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
    sa.Column("control", sa.String(16)),
    sa.Column("holds", sa.JSON),
    sa.Column("schedule", sa.String(63), index=True),
    sa.Column("destination", sa.String(1024), nullable=False, server_default=sa.text("''")),
    sa.Column("receipt", sa.Text),
    sa.Column("receipt_key", sa.String(64)),
    sa.Column("receipt_signature", sa.LargeBinary),
    sa.Column("rows_kept", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Index("ix_gateway_transfers_destination_state", "destination", "state"),
)
PROGRESS = sa.Table(
    "gateway_progress",
    METADATA,
    sa.Column("transfer", sa.String(63), primary_key=True),
    sa.Column("stage", sa.String(16), primary_key=True),
    sa.Column("rows_done", sa.BigInteger, nullable=False),
    sa.Column("rows_total", sa.BigInteger),
    sa.Column("began", sa.DateTime),
    sa.Column("updated", sa.DateTime),
)
SNAPSHOTS = sa.Table(
    "gateway_snapshots",
    METADATA,
    sa.Column("destination", sa.String(1024), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("members", sa.BigInteger, nullable=False),
    sa.Column("transfer", sa.String(63), nullable=False),
)
CHUNKS = sa.Table(
    "gateway_chunks",
    METADATA,
    sa.Column("transfer", sa.String(63), primary_key=True),
    sa.Column("stage", sa.String(16), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("updated", sa.DateTime, nullable=False),
)
ARRIVALS = sa.Table(
    "gateway_arrivals",
    METADATA,
    sa.Column("transfer", sa.String(63), primary_key=True),
    sa.Column("connection", sa.String(63), nullable=False),
    sa.Column("delivered", sa.DateTime, nullable=False),
    sa.Column("stages", sa.JSON, nullable=False),
    sa.Column("finding", sa.JSON),
    sa.Column("looks", sa.BigInteger, nullable=False),
    sa.Column("looked", sa.DateTime),
    sa.Column("next_look", sa.DateTime),
    sa.Index("ix_gateway_arrivals_next_look_connection", "next_look", "connection"),
)
REQUESTS = sa.Table(
    "gateway_requests",
    METADATA,
    sa.Column("request_id", sa.String(36), primary_key=True),
    sa.Column("method", sa.String(128), nullable=False),
    sa.Column("payload_hash", sa.String(64), nullable=False),
    sa.Column("answer", sa.LargeBinary, nullable=False),
    sa.Column("created", sa.DateTime, nullable=False, index=True),
)
REPLICAS = sa.Table(
    "gateway_replicas",
    METADATA,
    sa.Column("id", sa.String(128), primary_key=True),
    sa.Column("beat", sa.DateTime, nullable=False),
    sa.Column("lease_seconds", sa.Float, nullable=False),
)
STREAMS = sa.Table(
    "gateway_streams",
    METADATA,
    sa.Column("id", sa.String(63), primary_key=True),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("chunks", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("created", sa.DateTime, nullable=False),
    sa.Column("updated", sa.DateTime, nullable=False),
)
PUSHED = sa.Table(
    "gateway_pushed",
    METADATA,
    sa.Column("connection", sa.String(63), primary_key=True),
    sa.Column("audience", sa.String(255), primary_key=True),
    sa.Column("id_kind", sa.String(255), primary_key=True),
    sa.Column("id_hash", sa.String(64), primary_key=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("is_member", sa.Boolean, nullable=False),
    sa.Column("since", sa.DateTime, nullable=False),
    sa.Column("opted_out", sa.Boolean, nullable=False),
    sa.Column("consented", sa.DateTime, nullable=False),
)
PUSH_HISTORY = sa.Table(
    "gateway_push_history",
    METADATA,
    sa.Column("connection", sa.String(63), primary_key=True),
    sa.Column("audience", sa.String(255), primary_key=True),
    sa.Column("first", sa.DateTime, nullable=False),
    sa.Column("latest", sa.DateTime, nullable=False),
    sa.Column("mapped", sa.DateTime),
    sa.Column("mapped_again", sa.DateTime),
)
PUSH_COUNTS = sa.Table(
    "gateway_push_counts",
    METADATA,
    sa.Column("connection", sa.String(63), primary_key=True),
    sa.Column("fate", sa.String(16), primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
)
SCHEDULES = sa.Table(
    "gateway_schedules",
    METADATA,
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
SCHEDULE_RUNS = sa.Table(
    "gateway_schedule_runs",
    METADATA,
    sa.Column("schedule", sa.String(63), primary_key=True),
    sa.Column("due", sa.DateTime, primary_key=True),
    sa.Column("result", sa.String(16), nullable=False),
    sa.Column("transfer", sa.String(63)),
    sa.Column("failure", sa.JSON),
)
ERASURES = sa.Table(
    "gateway_erasures",
    METADATA,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(63), nullable=False, unique=True),
    sa.Column("keys", sa.BigInteger, nullable=False),
    sa.Column("data_sources", sa.JSON, nullable=False),
    sa.Column("created", sa.DateTime, nullable=False),
)
ERASURE_TARGETS = sa.Table(
    "gateway_erasure_targets",
    METADATA,
    sa.Column("erasure", sa.String(63), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("connection", sa.String(63), nullable=False),
    sa.Column("audience", sa.String(1024), nullable=False),
    sa.Column("data_source", sa.String(63), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.BigInteger, nullable=False),
    sa.Column("looks", sa.BigInteger, nullable=False),
    sa.Column("transfer", sa.String(63), nullable=False),
    sa.Column("failure", sa.JSON),
    sa.Column("next_look", sa.DateTime, index=True),
    sa.Column("updated", sa.DateTime, nullable=False),
    sa.Column("receipt", sa.Text),
    sa.Column("receipt_key", sa.String(64)),
    sa.Column("receipt_signature", sa.LargeBinary),
)
