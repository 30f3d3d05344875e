"""Transfers that a guard holds back wait; those that ended so before have lapsed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Adds the column, and renames the state of those that have ended."""
    op.add_column("gateway_transfers", sa.Column("holds", sa.JSON))
    op.execute("UPDATE gateway_transfers SET state = 'lapsed' WHERE state = 'withheld'")
