"""How far deliveries have got after their transfers ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "gateway_arrivals",
        sa.Column("transfer", sa.String(63), primary_key=True),
        sa.Column("connection", sa.String(63), nullable=False),
        sa.Column("delivered", sa.DateTime, nullable=False),
        sa.Column("stages", sa.JSON, nullable=False),
        sa.Column("finding", sa.JSON),
        sa.Column("looks", sa.BigInteger, nullable=False),
        sa.Column("looked", sa.DateTime),
        sa.Column("next_look", sa.DateTime),
    )
    op.create_index("ix_gateway_arrivals_next_look_connection", "gateway_arrivals", ["next_look", "connection"])
