"""Members that systems push, and what became of each row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds the tables."""
    op.create_table(
        "gateway_pushed",
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
    op.create_table(
        "gateway_push_history",
        sa.Column("connection", sa.String(63), primary_key=True),
        sa.Column("audience", sa.String(255), primary_key=True),
        sa.Column("first", sa.DateTime, nullable=False),
        sa.Column("latest", sa.DateTime, nullable=False),
        sa.Column("mapped", sa.DateTime),
        sa.Column("mapped_again", sa.DateTime),
    )
    op.create_table(
        "gateway_push_counts",
        sa.Column("connection", sa.String(63), primary_key=True),
        sa.Column("fate", sa.String(16), primary_key=True),
        sa.Column("rows", sa.BigInteger, nullable=False),
    )
