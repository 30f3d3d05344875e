"""What was pushed of each id last. The one place of the database that holds ids of people."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from audience_gateway.sdk import Push, PushedPage, PushedRow, PushFate, PushHistory
from audience_gateway.storage.clock import now, utc
from audience_gateway.storage.lost_connections import persist, retried
from audience_gateway.storage.schema import PUSH_COUNTS, PUSH_HISTORY, PUSHED

_UNKNOWN = datetime(1970, 1, 1)  # noqa: DTZ001  # before all others, as the database keeps times
_KEY = ("connection", "audience", "id_kind", "id_hash")


class PushLedger:
    """Keeps what was pushed to connections; every call is one transaction, and safe to repeat.

    Args:
        engine: the database.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

    def keep(self, connection: str, push: Push, patience: float) -> Mapping[PushFate, int]:
        """Keeps the rows of a push, and counts what became of each; so many seconds while the database is gone.

        Whatever order rows come in, the same are kept in the end. Raises Transient if the database stays away.
        """
        return persist(lambda: self._keep(connection, push), patience)

    @retried
    def page(self, connection: str, audience: str, id_kind: str, after: str, rows: int) -> PushedPage:
        """The next ids behind a resume token, in an order that stays."""
        of = sa.and_(
            PUSHED.c.connection == connection,
            PUSHED.c.audience == audience,
            PUSHED.c.id_kind == id_kind,
            PUSHED.c.id_hash > after,
        )
        query = sa.select(PUSHED.c.id_hash, PUSHED.c.id, PUSHED.c.is_member, PUSHED.c.opted_out).where(of)
        with self._engine.connect() as database:
            found = database.execute(query.order_by(PUSHED.c.id_hash).limit(rows)).all()
        ids = pa.array([row.id for row in found], pa.string())
        members = pa.array([row.is_member for row in found], pa.bool_())
        opted_out = pa.array([row.opted_out for row in found], pa.bool_())
        return PushedPage(ids, members, opted_out, found[-1].id_hash if found else after)

    @retried
    def history(self, connection: str, audience: str) -> PushHistory | None:
        """Since when an audience is pushed; None if nothing of it ever came."""
        of = sa.and_(PUSH_HISTORY.c.connection == connection, PUSH_HISTORY.c.audience == audience)
        with self._engine.connect() as database:
            row = database.execute(sa.select(PUSH_HISTORY).where(of)).one_or_none()
        if row is None:
            return None
        mapped, again = (utc(time) if time else None for time in (row.mapped, row.mapped_again))
        return PushHistory(utc(row.first), utc(row.latest), mapped, again)

    @retried
    def counts(self, connection: str) -> Mapping[PushFate, int]:
        """How many rows ever came, by what became of them."""
        query = sa.select(PUSH_COUNTS.c.fate, PUSH_COUNTS.c.rows).where(PUSH_COUNTS.c.connection == connection)
        with self._engine.connect() as database:
            found = {row.fate: int(row.rows) for row in database.execute(query)}
        return {fate: found.get(fate.value, 0) for fate in PushFate}

    @retried
    def forget(self, before: datetime) -> int:
        """Drops who had left before a time in UTC, and answers how many; members stay."""
        left = sa.and_(PUSHED.c.is_member.is_(False), PUSHED.c.since < _naive(before))
        with self._engine.begin() as database:
            return database.execute(PUSHED.delete().where(left)).rowcount

    def _keep(self, connection: str, push: Push) -> Mapping[PushFate, int]:
        fates = Counter[PushFate](push.not_kept)
        # In one order everywhere: two transactions that lock rows in different ones would wait for each other.
        rows = sorted((_values(connection, row) for row in push.rows), key=lambda row: [row[name] for name in _KEY])
        with self._engine.begin() as database:
            fates.update(self._put(database, row) for row in rows)
            for audience, mapped in sorted(_audiences(push.rows).items()):
                self._note(database, connection, audience, mapped)
            for fate in sorted(fate for fate, count in fates.items() if count):
                self._count(database, connection, fate, fates[fate])
        return fates

    def _put(self, database: sa.Connection, row: Mapping[str, Any]) -> PushFate:
        statement = self._insert(PUSHED).values(**row)
        there, new = PUSHED.c, statement.excluded
        moved = _later((new.since, sa.not_(new.is_member)), (there.since, sa.not_(there.is_member)))
        said = _later((new.consented, new.opted_out), (there.consented, there.opted_out))
        changes = dict.fromkeys(("is_member", "since"), moved) | dict.fromkeys(("opted_out", "consented"), said)
        statement = statement.on_conflict_do_update(
            index_elements=_KEY,
            set_={name: sa.case((changed, new[name]), else_=there[name]) for name, changed in changes.items()},
            where=sa.or_(moved, said),
        )
        if database.execute(statement.returning(PUSHED.c.id_hash)).first() is not None:
            return PushFate.STORED
        key = sa.and_(*(PUSHED.c[name] == row[name] for name in _KEY))
        kept = database.execute(sa.select(PUSHED.c.is_member, PUSHED.c.since).where(key)).one()
        same = (kept.is_member, kept.since) == (row["is_member"], row["since"])
        return PushFate.DUPLICATE if same else PushFate.OUTDATED

    def _note(self, database: sa.Connection, connection: str, audience: str, mapped: datetime | None) -> None:
        moment = now()
        statement = self._insert(PUSH_HISTORY).values(
            connection=connection, audience=audience, first=moment, latest=moment, mapped=mapped
        )
        there, new = PUSH_HISTORY.c, statement.excluded
        newest = sa.func.coalesce(there.mapped_again, there.mapped)
        again = sa.case((new.mapped > newest, new.mapped), else_=there.mapped_again)
        known = sa.func.coalesce(there.mapped, new.mapped)
        changed = {"latest": new.latest, "mapped": known, "mapped_again": again}
        database.execute(statement.on_conflict_do_update(index_elements=["connection", "audience"], set_=changed))

    def _count(self, database: sa.Connection, connection: str, fate: PushFate, rows: int) -> None:
        statement = self._insert(PUSH_COUNTS).values(connection=connection, fate=fate.value, rows=rows)
        total = {"rows": PUSH_COUNTS.c.rows + statement.excluded.rows}
        database.execute(statement.on_conflict_do_update(index_elements=["connection", "fate"], set_=total))


def _later(new: tuple[Any, Any], there: tuple[Any, Any]) -> sa.ColumnElement[bool]:
    """Whether a time and what is decisive of two of one time come after those that are kept."""
    (new_time, decides), (time, decided) = new, there
    return sa.or_(new_time > time, sa.and_(new_time == time, decides, sa.not_(decided)))


def _values(connection: str, row: PushedRow) -> dict[str, Any]:
    return {
        "connection": connection,
        "audience": row.audience,
        "id_kind": row.id_kind,
        "id_hash": hashlib.sha256(row.id.encode()).hexdigest(),
        "id": row.id,
        "is_member": row.is_member,
        "since": _naive(row.since),
        "opted_out": row.opted_out,
        "consented": _naive(row.consented) if row.consented else _UNKNOWN,
    }


def _audiences(rows: Sequence[PushedRow]) -> Mapping[str, datetime | None]:
    """When each audience was mapped, as its rows say: the latest time."""
    found: dict[str, datetime | None] = {}
    for row in rows:
        mapped, known = (_naive(row.mapped) if row.mapped else None), found.get(row.audience)
        found[row.audience] = max((time for time in (mapped, known) if time), default=None)
    return found


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
