"""Making up for what was due while the job store was away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dbos import DBOSClient

from audience_gateway.jobs.durable_schedules import WORKFLOW

_LOOKS_MISSED = 3


class CatchingUp:
    """DBOS makes up for what was due before it started; what it cannot enter in its time is lost to it.

    Args:
        client: the job store.
        look_seconds: how often it is looked.
        now: the time, in UTC.
    """

    def __init__(
        self, client: DBOSClient, look_seconds: float, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client = client
        self._gap = timedelta(seconds=_LOOKS_MISSED * look_seconds)
        self._now = now
        self._looked = now()

    def look(self) -> None:
        """Enters what was due since the last look, if that was long ago; DBOS enters each time once."""
        now = self._now()
        schedules = self._client.list_schedules(status="ACTIVE", workflow_name=WORKFLOW)
        if now - self._looked > self._gap:
            for schedule in schedules:
                if schedule["automatic_backfill"]:
                    self._client.backfill_schedule(schedule["schedule_name"], self._looked, now)
        self._looked = now
