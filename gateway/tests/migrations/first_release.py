"""A database as the first release left it: its tables, word for word, and rows of its own making."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()
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
)
PROGRESS = sa.Table(
    "gateway_progress",
    METADATA,
    sa.Column("transfer", sa.String(63), primary_key=True),
    sa.Column("stage", sa.String(16), primary_key=True),
    sa.Column("rows_done", sa.BigInteger, nullable=False),
    sa.Column("rows_total", sa.BigInteger),
)
SNAPSHOTS = sa.Table(
    "gateway_snapshots",
    METADATA,
    sa.Column("destination", sa.String(1024), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("members", sa.BigInteger, nullable=False),
    sa.Column("transfer", sa.String(63), nullable=False),
)

_TIME = datetime(2026, 11, 2, 8, 30, 0, 250_000, tzinfo=UTC).replace(tzinfo=None)  # as it was kept
_REQUEST: dict[str, Any] = {
    "source": ["people", "gold"],
    "destination": ["campaign", "gold-list"],
    "data_source": "visitor-id",
    "policy": None,
    "guard": [1000, 0.2],
    "request_id": "1c9c5f0e-6ea9-4a4e-a1a3-3f3f6d1f2b7a",
}
_OUTCOMES = [{"outcome": "delivered", "rows": 5, "reasons": {"added": 5}}]
_FAILURE = {"reason": "AUTH", "message": "the token was refused", "remedy": "Renew it."}


def fill(engine: sa.Engine) -> None:
    """Makes the tables, and in them a transfer that succeeded, one that failed and one under way."""
    METADATA.create_all(engine)
    with engine.begin() as connection:
        connection.execute(TRANSFERS.insert(), [_succeeded(), _failed(), _running()])
        connection.execute(
            PROGRESS.insert(),
            [
                {"transfer": "done", "stage": "extract", "rows_done": 5, "rows_total": 5},
                {"transfer": "running", "stage": "extract", "rows_done": 2, "rows_total": None},
            ],
        )
        connection.execute(
            SNAPSHOTS.insert().values(
                destination="connections/campaign/audiences/gold-list", version=3, members=5, transfer="done"
            )
        )


def _row(transfer: str, state: str, **values: object) -> dict[str, Any]:
    times = {"created": _TIME, "updated": _TIME, "ended": None}
    return {"id": transfer, "request": _REQUEST, "state": state, **times, "failure": None, "outcomes": None} | values


def _succeeded() -> dict[str, Any]:
    return _row("done", "succeeded", stage="receipt", outcomes=_OUTCOMES, ended=_TIME)


def _failed() -> dict[str, Any]:
    return _row("failed", "failed", stage="deliver", failure=_FAILURE, ended=_TIME)


def _running() -> dict[str, Any]:
    return _row("running", "running", stage="extract")
