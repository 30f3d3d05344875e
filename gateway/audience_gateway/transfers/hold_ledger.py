"""Transfers that are held back, in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum, auto

import sqlalchemy as sa

from audience_gateway.storage.clock import now
from audience_gateway.storage.lost_connections import retried
from audience_gateway.storage.schema import TRANSFERS
from audience_gateway.transfers import records
from audience_gateway.transfers.holds import Hold, Record, Release
from audience_gateway.transfers.model import OutcomeCount, ShareRequest, TransferState

_WITHHELD = TransferState.WITHHELD.value
_RUNNING = TransferState.RUNNING.value


class Verdict(Enum):
    """What became of a hold."""

    WAITS = auto()
    RELEASED = auto()
    CANCELLED = auto()
    LAPSED = auto()
    HALTED = auto()


class HoldLedger:
    """Notes holds and how they end. Every call is one transaction, and safe to repeat.

    Args:
        engine: the database, with the tables of `storage.schema`.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @retried
    def withhold(self, transfer: str, number: int, hold: Hold, outcomes: Sequence[OutcomeCount]) -> bool:
        """Lets a running transfer wait; False if its hold of that number is noted, or it is about to end."""
        free = (TRANSFERS.c.state == _RUNNING, TRANSFERS.c.control.is_(None))
        values = {"state": _WITHHELD, "outcomes": records.outcomes_record(outcomes), "updated": now()}
        with self._engine.begin() as connection:
            row = connection.execute(
                sa.select(TRANSFERS.c.holds).where(TRANSFERS.c.id == transfer, *free)
            ).one_or_none()
            if row is None or len(row.holds or ()) > number:
                return False
            holds = [*(row.holds or ()), hold.record()]
            same = (TRANSFERS.c.id == transfer, *free)
            return bool(connection.execute(TRANSFERS.update().where(*same).values(holds=holds, **values)).rowcount)

    @retried
    def note(self, transfer: str, hold: Hold) -> None:
        """Notes the only hold of a transfer that does not wait."""
        with self._engine.begin() as connection:
            connection.execute(TRANSFERS.update().where(TRANSFERS.c.id == transfer).values(holds=[hold.record()]))

    @retried
    def verdict(self, transfer: str, number: int) -> tuple[Verdict, Hold | None]:
        """What became of the hold of that number, and the hold, if it is noted."""
        query = sa.select(TRANSFERS.c.state, TRANSFERS.c.control, TRANSFERS.c.holds).where(TRANSFERS.c.id == transfer)
        with self._engine.connect() as connection:
            row = connection.execute(query).one()
        holds = [Hold.of(record) for record in row.holds or ()]
        hold = holds[number] if number < len(holds) else None
        if row.control == records.CANCEL:
            return Verdict.CANCELLED, hold
        if row.control == records.LAPSE:
            return Verdict.LAPSED, hold
        if hold is None or row.state not in {_WITHHELD, _RUNNING}:
            return Verdict.HALTED, hold
        return (Verdict.WAITS if hold.release is None else Verdict.RELEASED), hold

    @retried
    def release(self, transfer: str, release: Release) -> bool:
        """Lets a transfer that is withheld go on; False if it is not."""
        return self._end_wait(transfer, lambda hold: replace(hold, release=release), None)

    @retried
    def lapse(self, transfer: str) -> bool:
        """Notes that a transfer that is withheld is to end; False if it is not."""
        return self._end_wait(transfer, lambda hold: hold, records.LAPSE)

    @retried
    def supersede(self, request: ShareRequest, newer: str) -> list[str]:
        """Ends the older transfers of the same source, data source and destination that wait, or were just released.

        Answers their ids.
        """
        states = [_WITHHELD, _RUNNING]

        def ended(transfer: str) -> bool:
            return self._end_wait(transfer, lambda hold: replace(hold, superseded_by=newer), records.LAPSE, states)

        return [transfer for transfer in self._older(request, newer, states) if ended(transfer)]

    @retried
    def waiting_before(self, request: ShareRequest, newer: str) -> list[str]:
        """The older transfers of the same source, data source and destination that wait."""
        return self._older(request, newer, [_WITHHELD])

    @retried
    def overdue(self, time: datetime) -> list[str]:
        """The transfers that have waited for too long at a time in UTC."""
        last = {transfer: Hold.of(holds[-1]) for transfer, holds in self._held(_WITHHELD)}
        return [transfer for transfer, hold in last.items() if hold.expires is not None and hold.expires <= time]

    @retried
    def going_on(self) -> list[str]:
        """The transfers that were held back and are no longer, and have not ended."""
        return [transfer for transfer, _ in self._held(_RUNNING)]

    def _older(self, request: ShareRequest, newer: str, states: Sequence[str]) -> list[str]:
        other = TRANSFERS.alias("other")
        number = sa.select(other.c.sequence).where(other.c.id == newer).scalar_subquery()
        query = sa.select(TRANSFERS.c.id, TRANSFERS.c.request).where(
            TRANSFERS.c.destination == str(request.destination),
            TRANSFERS.c.state.in_(states),
            TRANSFERS.c.holds.is_not(None),
            TRANSFERS.c.sequence < number,
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [row.id for row in rows if _same(records.request(row.request), request)]

    def _held(self, state: str) -> list[tuple[str, list[Record]]]:
        held = (TRANSFERS.c.state == state, TRANSFERS.c.holds.is_not(None))
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(TRANSFERS.c.id, TRANSFERS.c.holds).where(*held)).all()
        return [(row.id, row.holds) for row in rows]

    def _end_wait(
        self,
        transfer: str,
        change: Callable[[Hold], Hold],
        control: str | None,
        states: Sequence[str] = (_WITHHELD,),
    ) -> bool:
        waits = (TRANSFERS.c.id == transfer, TRANSFERS.c.state.in_(states), TRANSFERS.c.control.is_(None))
        values = {"state": _RUNNING, "control": control, "outcomes": sa.null(), "updated": now()}
        with self._engine.begin() as connection:
            # Moved before it is read: from here on nobody else changes the holds.
            if not connection.execute(TRANSFERS.update().where(*waits).values(values)).rowcount:
                return False
            own = TRANSFERS.c.id == transfer
            *before, last = connection.execute(sa.select(TRANSFERS.c.holds).where(own)).scalar_one()
            holds = [*before, change(Hold.of(last)).record()]
            connection.execute(TRANSFERS.update().where(own).values(holds=holds))
        return True


def _same(one: ShareRequest, other: ShareRequest) -> bool:
    return not one.dry_run and (one.source, one.data_source) == (other.source, other.data_source)
