"""Erasures in the database. Holds no id and no key of a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from audience_gateway.erasures.model import Erasure, Place, Target, TargetState
from audience_gateway.storage.clock import utc
from audience_gateway.storage.lost_connections import retried
from audience_gateway.storage.schema import ERASURE_TARGETS, ERASURES
from audience_gateway.transfers.model import AudienceRef, Failure
from audience_gateway.transfers.receipt import SignedText
from audience_gateway.transfers.records import failure_record
from audience_gateway.transfers.signing import Signature


class ErasureLedger:
    """Says what is to be erased where, and keeps how far that is. Every call is one transaction, and safe to repeat.

    Args:
        engine: the database, with the tables of `storage.schema`.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @retried
    def enter(self, erasure: Erasure) -> None:
        """Enters an erasure, unless there is one of its id."""
        created = _kept(erasure.created)
        values = {"keys": erasure.keys, "data_sources": list(erasure.data_sources), "created": created}
        try:
            with self._engine.begin() as connection:
                connection.execute(ERASURES.insert().values(id=erasure.id, **values))
                connection.execute(ERASURE_TARGETS.insert(), [_row(target) for target in erasure.targets])
        except sa.exc.IntegrityError:
            return

    @retried
    def erasure(self, erasure: str) -> Erasure | None:
        """One erasure."""
        found = self._erasures(sa.select(ERASURES).where(ERASURES.c.id == erasure))
        return found[0] if found else None

    @retried
    def erasures(self, *, after: str, limit: int) -> list[Erasure]:
        """Erasures, the newest first, behind the one of an id (empty: from the newest)."""
        query = sa.select(ERASURES).order_by(ERASURES.c.sequence.desc()).limit(limit)
        if after:
            behind = sa.select(ERASURES.c.sequence).where(ERASURES.c.id == after).scalar_subquery()
            query = query.where(ERASURES.c.sequence < behind)
        return self._erasures(query)

    @retried
    def claim(self, now: datetime, until: datetime) -> Target | None:
        """A target that is to be looked after, for the caller alone until a time in UTC; None if there is none."""
        due = ERASURE_TARGETS.c.next_look <= _kept(now)
        query = sa.select(ERASURE_TARGETS).where(due).order_by(ERASURE_TARGETS.c.next_look).limit(1)
        with self._engine.connect() as connection:
            row: sa.RowMapping | None = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        claimed = {"looks": row["looks"] + 1, "next_look": _kept(until)}
        same = _same(row["erasure"], row["number"], row["looks"])
        with self._engine.begin() as connection:
            if not connection.execute(ERASURE_TARGETS.update().where(same).values(claimed)).rowcount:
                return None
        return _target({**row, **claimed})

    @retried
    def renew(self, claimed: Sequence[Target], until: datetime) -> None:
        """Lengthens the claims of targets that have not been noted since; of the others nothing changes."""
        with self._engine.begin() as connection:
            for target in claimed:
                same = _same(target.erasure, target.number, target.looks)
                connection.execute(ERASURE_TARGETS.update().where(same).values(next_look=_kept(until)))

    @retried
    def note(self, target: Target) -> bool:
        """Keeps how far a claimed target is, which ends the claim; False if it was claimed anew meanwhile."""
        same = _same(target.erasure, target.number, target.looks)
        values = {**_row(target), "looks": target.looks + 1}
        with self._engine.begin() as connection:
            return bool(connection.execute(ERASURE_TARGETS.update().where(same).values(values)).rowcount)

    @retried
    def hasten(self, erasure: str, now: datetime) -> None:
        """Lets the gateway's own files, if they are not done, be looked after now: a place that they waited for is."""
        of_files = (ERASURE_TARGETS.c.erasure == erasure, ERASURE_TARGETS.c.number == 0)
        waiting = ERASURE_TARGETS.c.state == TargetState.PENDING.value
        with self._engine.begin() as connection:
            connection.execute(ERASURE_TARGETS.update().where(*of_files, waiting).values(next_look=_kept(now)))

    def _erasures(self, query: sa.Select[Any]) -> list[Erasure]:
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
            within = ERASURE_TARGETS.c.erasure.in_([row["id"] for row in rows])
            ordered = sa.select(ERASURE_TARGETS).where(within).order_by(ERASURE_TARGETS.c.number)
            targets = [_target(dict(row)) for row in connection.execute(ordered).mappings().all()]
        return [
            Erasure(
                id=row["id"],
                keys=row["keys"],
                data_sources=tuple(row["data_sources"]),
                targets=tuple(target for target in targets if target.erasure == row["id"]),
                created=utc(row["created"]),
            )
            for row in rows
        ]


def pending(targets: Sequence[Target], *, but: int) -> bool:
    """Whether any of some targets is still tried, one apart."""
    return any(target.state is TargetState.PENDING for target in targets if target.number != but)


def _same(erasure: str, number: int, looks: int) -> sa.ColumnElement[bool]:
    columns = ERASURE_TARGETS.c
    return sa.and_(columns.erasure == erasure, columns.number == number, columns.looks == looks)


def _row(target: Target) -> dict[str, Any]:
    destination, receipt = target.place.destination, target.receipt
    return {
        "erasure": target.erasure,
        "number": target.number,
        "connection": destination.connection if destination else "",
        "audience": destination.audience if destination else "",
        "data_source": target.place.data_source,
        "state": target.state.value,
        "attempts": target.attempts,
        "looks": target.looks,
        "transfer": target.transfer,
        "failure": failure_record(target.failure) if target.failure else None,
        "next_look": _kept(target.next_look) if target.next_look else None,
        "updated": _kept(target.updated),
        "receipt": receipt.text if receipt else None,
        "receipt_key": receipt.signature.key_id if receipt and receipt.signature else None,
        "receipt_signature": receipt.signature.value if receipt and receipt.signature else None,
    }


def _target(row: dict[str, Any]) -> Target:
    destination = AudienceRef(row["connection"], row["audience"]) if row["connection"] else None
    signature = Signature(row["receipt_key"], row["receipt_signature"]) if row["receipt_signature"] else None
    return Target(
        erasure=row["erasure"],
        number=row["number"],
        place=Place(destination, row["data_source"]),
        state=TargetState(row["state"]),
        attempts=row["attempts"],
        looks=row["looks"],
        transfer=row["transfer"],
        failure=Failure(**row["failure"]) if row["failure"] else None,
        next_look=utc(row["next_look"]) if row["next_look"] else None,
        updated=utc(row["updated"]),
        receipt=SignedText(row["receipt"], signature) if row["receipt"] else None,
    )


def _kept(time: datetime) -> datetime:
    return time.replace(tzinfo=None)
