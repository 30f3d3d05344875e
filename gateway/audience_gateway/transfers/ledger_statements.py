"""What each step of each transfer asks the ledger, and notes there: built once, which takes longer than to run it.

Parameters: `named`, a transfer's id; `at`, the time; `part`, a stage; `done` and `total`, its rows.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from audience_gateway.storage.schema import PROGRESS, TRANSFERS
from audience_gateway.transfers.model import TransferState

UNDER_WAY = [state.value for state in TransferState if not state.ended]

_NAMED: sa.BindParameter[Any] = sa.bindparam("named")
_PART: sa.BindParameter[Any] = sa.bindparam("part")
_AT = sa.bindparam("at", type_=sa.DateTime())
_ROWS = {"rows_done": sa.bindparam("done"), "rows_total": sa.bindparam("total"), "updated": _AT}
_LAST_TOUCHED = sa.select(TRANSFERS.c.updated).where(TRANSFERS.c.id == _NAMED).scalar_subquery()
_RUNNING = sa.case(
    (TRANSFERS.c.state == TransferState.PENDING.value, TransferState.RUNNING.value), else_=TRANSFERS.c.state
)

TRANSFER = sa.select(TRANSFERS).where(TRANSFERS.c.id == _NAMED)
"""One transfer."""

PROGRESS_OF = sa.select(PROGRESS).where(PROGRESS.c.transfer.in_(sa.bindparam("transfers", expanding=True)))
"""How far the stages of some `transfers` are."""

CONTROL = sa.select(TRANSFERS.c.control).where(TRANSFERS.c.id == _NAMED)
"""What is asked of a transfer."""

TOUCH = TRANSFERS.update().where(TRANSFERS.c.id == _NAMED).values(updated=_AT)
"""Something has been done for a transfer."""

BEGIN_STAGE = (
    TRANSFERS.update()
    .where(TRANSFERS.c.id == _NAMED, TRANSFERS.c.state.in_(UNDER_WAY))
    .values(state=_RUNNING, stage=_PART, updated=_AT)
)
"""A stage has begun, of a transfer that has not ended."""

FIRST_ROWS = PROGRESS.insert().values(transfer=_NAMED, stage=_PART, began=_LAST_TOUCHED, **_ROWS)
"""The first rows of a stage are done; it began when its transfer was last touched."""

MORE_ROWS = PROGRESS.update().where(PROGRESS.c.transfer == _NAMED, PROGRESS.c.stage == _PART).values(_ROWS)
"""More rows of a stage are done."""
