"""Erasures, and how far they are in each place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "gateway_erasures",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(63), nullable=False, unique=True),
        sa.Column("keys", sa.BigInteger, nullable=False),
        sa.Column("data_sources", sa.JSON, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
    )
    op.create_table(
        "gateway_erasure_targets",
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
        sa.Column("next_look", sa.DateTime),
        sa.Column("updated", sa.DateTime, nullable=False),
        sa.Column("receipt", sa.Text),
        sa.Column("receipt_key", sa.String(64)),
        sa.Column("receipt_signature", sa.LargeBinary),
    )
    op.create_index("ix_gateway_erasure_targets_next_look", "gateway_erasure_targets", ["next_look"])
