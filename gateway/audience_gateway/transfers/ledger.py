"""The ledger: transfers in a database. Holds no id of a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from audience_gateway.storage.clock import now, utc
from audience_gateway.storage.lost_connections import retried
from audience_gateway.storage.schema import TRANSFERS
from audience_gateway.transfers import ledger_statements as statements
from audience_gateway.transfers import records
from audience_gateway.transfers.arrival_ledger import entered, entry
from audience_gateway.transfers.arriving import Arriving
from audience_gateway.transfers.ledger_statements import UNDER_WAY
from audience_gateway.transfers.model import (
    AudienceRef,
    Failure,
    OutcomeCount,
    ShareRequest,
    Stage,
    Transfer,
    TransferState,
)
from audience_gateway.transfers.receipt import SignedText
from audience_gateway.transfers.signing import Signature

_LOOKED_AT = 50


class Ledger:
    """Reads and writes the ledger; every call is one transaction, and safe to repeat.

    Args:
        engine: the database, with the tables of `storage.schema`.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    @retried
    def accept(self, transfer: str, request: ShareRequest) -> bool:
        """Enters a new transfer; False if there is one of that id."""
        time = now()
        row = {
            "id": transfer,
            "request": records.request_record(request),
            "destination": str(request.destination),
            "schedule": request.schedule or None,
            "state": TransferState.PENDING.value,
            "created": time,
            "updated": time,
        }
        try:
            with self.engine.begin() as connection:
                connection.execute(TRANSFERS.insert().values(row))
        except sa.exc.IntegrityError:
            return False
        return True

    @retried
    def transfer(self, transfer: str) -> Transfer | None:
        """One transfer."""
        found = self._transfers(statements.TRANSFER, {"named": transfer})
        return found[0] if found else None

    @retried
    def transfers(self, *, after: str, limit: int) -> list[Transfer]:
        """Transfers, the newest first, behind the one of id `after` (empty: from the newest)."""
        query = sa.select(TRANSFERS).order_by(TRANSFERS.c.sequence.desc()).limit(limit)
        if after:
            behind = sa.select(TRANSFERS.c.sequence).where(TRANSFERS.c.id == after).scalar_subquery()
            query = query.where(TRANSFERS.c.sequence < behind)
        return self._transfers(query)

    @retried
    def last_delivered(self, request: ShareRequest) -> Transfer | None:
        """The last transfer of the same source and data sources to the same destination that succeeded.

        Dry runs do not count, nor do sources that are no audiences.
        """
        if not isinstance(request.source, AudienceRef):
            return None
        connection, audience = (TRANSFERS.c.request["source", place].as_string() for place in (0, 1))
        query = sa.select(TRANSFERS).where(
            TRANSFERS.c.destination == str(request.destination),
            TRANSFERS.c.state == TransferState.SUCCEEDED.value,
            connection == request.source.connection,
            audience == request.source.audience,
            TRANSFERS.c.request["data_source"].as_string() == request.data_source,
        )
        found = self._transfers(query.order_by(TRANSFERS.c.sequence.desc()).limit(_LOOKED_AT))
        alike = (one for one in found if one.request.data_sources == request.data_sources)
        return next((one for one in alike if not one.request.dry_run), None)

    @retried
    def unfinished(self, *, schedule: str = "") -> list[Transfer]:
        """Transfers that have not ended, the oldest first.

        If a schedule is named, only its own, without those that are withheld: they are in nobody's way.
        """
        query = sa.select(TRANSFERS).where(TRANSFERS.c.state.in_(UNDER_WAY)).order_by(TRANSFERS.c.sequence)
        if schedule:
            own = (TRANSFERS.c.schedule == schedule, TRANSFERS.c.state != TransferState.WITHHELD.value)
            query = query.where(*own)
        return self._transfers(query)

    @retried
    def paused_beside(self, transfer: str, destination: AudienceRef) -> str | None:
        """The other transfer to a destination that is paused after it has begun; None if there is none."""
        query = sa.select(TRANSFERS.c.id).where(
            TRANSFERS.c.id != transfer,
            TRANSFERS.c.destination == str(destination),
            TRANSFERS.c.state == TransferState.PAUSED.value,
            TRANSFERS.c.stage.is_not(None),
        )
        with self.engine.connect() as connection:
            return connection.execute(query).scalar()

    @retried
    def begin_stage(self, transfer: str, stage: Stage) -> bool:
        """Notes that a stage has begun; False if the transfer has ended."""
        with self.engine.begin() as connection:
            named = {"named": transfer, "part": stage.value, "at": now()}
            return bool(connection.execute(statements.BEGIN_STAGE, named).rowcount)

    @retried
    def progress(self, transfer: str, stage: Stage, done: int, total: int | None) -> None:
        """Notes how far a stage is."""
        time = now()
        noted = {"named": transfer, "part": stage.value, "done": done, "total": total, "at": time}
        with self.engine.begin() as connection:
            if not connection.execute(statements.MORE_ROWS, noted).rowcount:
                connection.execute(statements.FIRST_ROWS, noted)
            connection.execute(statements.TOUCH, {"named": transfer, "at": time})

    @retried
    def request_cancel(self, transfer: str) -> bool:
        """Notes that a transfer is to end; False if it has ended. One that waits counts as going on again."""
        waits = TRANSFERS.c.state.in_([TransferState.PAUSED.value, TransferState.WITHHELD.value])
        running = sa.case((waits, TransferState.RUNNING.value), else_=TRANSFERS.c.state)
        return self._move(transfer, UNDER_WAY, control=records.CANCEL, state=running)

    @retried
    def cancel_requested(self, transfer: str) -> bool:
        """Whether a transfer is to end."""
        with self.engine.connect() as connection:
            return connection.execute(statements.CONTROL, {"named": transfer}).scalar() == records.CANCEL

    @retried
    def pause(self, transfer: str) -> bool:
        """Notes that a transfer is paused; False if it is neither waiting nor going on, or about to end."""
        going_on = [TransferState.PENDING.value, TransferState.RUNNING.value]
        return self._move(transfer, going_on, TRANSFERS.c.control.is_(None), state=TransferState.PAUSED.value)

    @retried
    def resume(self, transfer: str) -> bool:
        """Notes that a paused transfer goes on; False if it is not paused."""
        state = sa.case((TRANSFERS.c.stage.is_(None), TransferState.PENDING.value), else_=TransferState.RUNNING.value)
        return self._move(transfer, [TransferState.PAUSED.value], state=state)

    @retried
    def end(
        self,
        transfer: str,
        state: TransferState,
        outcomes: Sequence[OutcomeCount],
        receipt: SignedText,
        failure: Failure | None = None,
        *,
        arriving: Arriving | None = None,
    ) -> None:
        """Notes the end of a transfer, its receipt, and the delivery that is to arrive; nothing if it has ended."""
        self._move(
            transfer,
            UNDER_WAY,
            entering=entry(arriving) if arriving else None,
            state=state.value,
            outcomes=records.outcomes_record(outcomes),
            **_kept(receipt),
            failure=records.failure_record(failure) if failure else None,
            ended=now(),
        )

    @retried
    def end_unbegun(
        self, transfer: str, state: TransferState, receipt: SignedText, outcomes: Sequence[OutcomeCount]
    ) -> bool:
        """Notes the end of a transfer that has not begun; False if it has begun or ended."""
        return self._move(
            transfer,
            UNDER_WAY,
            TRANSFERS.c.stage.is_(None),
            state=state.value,
            outcomes=records.outcomes_record(outcomes),
            **_kept(receipt),
            ended=now(),
        )

    @retried
    def fail(self, transfer: str, failure: Failure) -> None:
        """Notes that a transfer failed before it could be accounted for; nothing if it has ended."""
        failed = records.failure_record(failure)
        self._move(transfer, UNDER_WAY, state=TransferState.FAILED.value, failure=failed, ended=now())

    @retried
    def receipt(self, transfer: str) -> SignedText | None:
        """The receipt of a transfer; None if it has none."""
        query = sa.select(TRANSFERS.c.receipt, TRANSFERS.c.receipt_key, TRANSFERS.c.receipt_signature)
        with self.engine.connect() as connection:
            row = connection.execute(query.where(TRANSFERS.c.id == transfer)).one_or_none()
        if row is None or row.receipt is None:
            return None
        signature = Signature(row.receipt_key, row.receipt_signature) if row.receipt_signature else None
        return SignedText(row.receipt, signature)

    def _move(
        self,
        transfer: str,
        states: Sequence[str],
        *conditions: sa.ColumnElement[bool],
        entering: sa.Insert | None = None,
        **values: object,
    ) -> bool:
        where = (TRANSFERS.c.id == transfer, TRANSFERS.c.state.in_(states), *conditions)
        with self.engine.begin() as connection:
            moved = connection.execute(TRANSFERS.update().where(*where).values(updated=now(), **values)).rowcount
            if moved and entering is not None:
                connection.execute(entering)
            return bool(moved)

    def _transfers(self, query: sa.Select[Any], parameters: dict[str, str] | None = None) -> list[Transfer]:
        with self.engine.connect() as connection:
            rows = connection.execute(query, parameters).mappings().all()
            progress = (
                connection.execute(statements.PROGRESS_OF, {"transfers": [row["id"] for row in rows]}).mappings().all()
            )
            ended = [row["id"] for row in rows if row["ended"]]
            arriving = entered(connection, ended) if ended else {}
        time = utc(now())
        return [
            records.transfer(
                dict(row),
                [dict(one) for one in progress if one["transfer"] == row["id"]],
                arriving[row["id"]].view(time) if row["id"] in arriving else (),
            )
            for row in rows
        ]


def _kept(receipt: SignedText) -> dict[str, Any]:
    signature = receipt.signature
    return {
        "receipt": receipt.text,
        "receipt_key": signature.key_id if signature else None,
        "receipt_signature": signature.value if signature else None,
    }
