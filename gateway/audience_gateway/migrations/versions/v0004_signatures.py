"""Signatures of receipts; those from before have none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds the columns."""
    op.add_column("gateway_transfers", sa.Column("receipt_key", sa.String(64)))
    op.add_column("gateway_transfers", sa.Column("receipt_signature", sa.LargeBinary))
