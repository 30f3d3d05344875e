"""Transfers, their progress and snapshots: the tables of the first release, which made them without a version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "gateway_transfers",
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
    op.create_table(
        "gateway_progress",
        sa.Column("transfer", sa.String(63), primary_key=True),
        sa.Column("stage", sa.String(16), primary_key=True),
        sa.Column("rows_done", sa.BigInteger, nullable=False),
        sa.Column("rows_total", sa.BigInteger),
    )
    op.create_table(
        "gateway_snapshots",
        sa.Column("destination", sa.String(1024), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("members", sa.BigInteger, nullable=False),
        sa.Column("transfer", sa.String(63), nullable=False),
    )
