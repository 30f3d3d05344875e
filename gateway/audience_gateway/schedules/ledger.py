"""The ledger of schedules: what they do, and what became of their last runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa

from audience_gateway.schedules import records
from audience_gateway.schedules.model import Definition, Run, Schedule
from audience_gateway.schedules.service import ScheduleExists
from audience_gateway.storage.clock import now
from audience_gateway.storage.lost_connections import retried
from audience_gateway.storage.schema import SCHEDULE_RUNS, SCHEDULES

_KEPT_RUNS = 100


class ScheduleLedger:
    """Reads and writes the ledger of schedules; every call is one transaction, and safe to repeat.

    Args:
        engine: the database, with the tables of `storage.schema`.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @retried
    def create(self, name: str, definition: Definition, request_id: str) -> None:
        """Enters a schedule, unless this request did. Raises ScheduleExists if another one did."""
        time = now()
        row = {"name": name, "paused": False, "request_id": request_id, "version": 1, "created": time, "updated": time}
        try:
            with self._engine.begin() as connection:
                connection.execute(SCHEDULES.insert().values(**row, **records.definition_row(definition)))
                # Of an earlier schedule of that name, whose last run was noted after it was deleted.
                connection.execute(SCHEDULE_RUNS.delete().where(SCHEDULE_RUNS.c.schedule == name))
        except sa.exc.IntegrityError:
            found = self._schedules(SCHEDULES.c.name == name)
            if not found or found[0].request_id != request_id:
                raise ScheduleExists(name) from None

    @retried
    def schedule(self, name: str) -> Schedule | None:
        """One schedule."""
        found = self._schedules(SCHEDULES.c.name == name)
        return found[0] if found else None

    @retried
    def schedules(self, *, after: str = "", limit: int | None = None) -> list[Schedule]:
        """Schedules, ordered by name, behind the one of the name `after`; all if there is no limit."""
        return self._schedules(SCHEDULES.c.name > after, limit=limit)

    @retried
    def change(self, before: Schedule, definition: Definition, request_id: str, *, paused: bool) -> bool:
        """Changes a schedule; False if it is no longer as it was before, and this request was not the reason."""
        same = (
            SCHEDULES.c.name == before.name,
            SCHEDULES.c.version == before.version,
            SCHEDULES.c.created == records.naive(before.created),
        )
        row = records.definition_row(definition)
        values = {"paused": paused, "request_id": request_id, "version": before.version + 1, "updated": now()}
        with self._engine.begin() as connection:
            if connection.execute(SCHEDULES.update().where(*same).values(**row, **values)).rowcount:
                return True
        found = self._schedules(SCHEDULES.c.name == before.name)
        return bool(found) and found[0].request_id == request_id

    @retried
    def delete(self, name: str) -> bool:
        """Drops a schedule and its runs; False if there is none."""
        with self._engine.begin() as connection:
            connection.execute(SCHEDULE_RUNS.delete().where(SCHEDULE_RUNS.c.schedule == name))
            return bool(connection.execute(SCHEDULES.delete().where(SCHEDULES.c.name == name)).rowcount)

    @retried
    def note(self, name: str, run: Run) -> None:
        """Notes a run, unless one is noted that was due then; the oldest ones are dropped."""
        runs = SCHEDULE_RUNS.c
        oldest = sa.select(runs.due).where(runs.schedule == name).order_by(runs.due.desc()).offset(_KEPT_RUNS - 1)
        try:
            with self._engine.begin() as connection:
                connection.execute(SCHEDULE_RUNS.insert().values(records.run_row(name, run)))
                last = connection.execute(oldest.limit(1)).scalar()
                if last is not None:
                    connection.execute(SCHEDULE_RUNS.delete().where(runs.schedule == name, runs.due < last))
        except sa.exc.IntegrityError:
            return

    @retried
    def last_runs(self, names: Sequence[str], count: int) -> dict[str, tuple[Run, ...]]:
        """So many runs of each schedule, the newest first."""
        runs = SCHEDULE_RUNS.c
        place = sa.func.row_number().over(partition_by=runs.schedule, order_by=runs.due.desc()).label("place")
        ranked = sa.select(SCHEDULE_RUNS, place).where(runs.schedule.in_(names)).subquery()
        query = sa.select(ranked).where(ranked.c.place <= count).order_by(ranked.c.place)
        found: defaultdict[str, tuple[Run, ...]] = defaultdict(tuple)
        with self._engine.connect() as connection:
            for row in connection.execute(query).mappings():
                found[row["schedule"]] += (records.run(dict(row)),)
        return found

    def _schedules(self, condition: sa.ColumnElement[bool], limit: int | None = None) -> list[Schedule]:
        query = sa.select(SCHEDULES).where(condition).order_by(SCHEDULES.c.name).limit(limit)
        with self._engine.connect() as connection:
            return [records.schedule(dict(row)) for row in connection.execute(query).mappings()]
