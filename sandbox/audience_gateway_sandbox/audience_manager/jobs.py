"""When files are taken in and sent out, and when old things go, on the sandbox's clock (audience-manager 3.5, 4, 8)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from audience_gateway_sandbox.audience_manager.inbound.files import InboundFiles
from audience_gateway_sandbox.audience_manager.outbound.publishing import Publishing
from audience_gateway_sandbox.audience_manager.outbound.shipping import KEPT, Shipping
from audience_gateway_sandbox.audience_manager.profiles.database import ProfileDatabase
from audience_gateway_sandbox.audience_manager.profiles.limits import Limits
from audience_gateway_sandbox.audience_manager.profiles.retention import forget_customers, forget_devices
from audience_gateway_sandbox.audience_manager.store import Store, milliseconds, moment_of

TABLES = "CREATE TABLE IF NOT EXISTS job (name TEXT PRIMARY KEY, next INTEGER NOT NULL);"
"""`job`: when each job is due next, in milliseconds since 1970."""

_LOG = logging.getLogger(__name__)
_DAY = timedelta(days=1)
_SUNDAY = 6
_INBOUND, _OUTBOUND = "inbound", "outbound"


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs.

    Attributes:
        database: the profiles.
        store: the organisation's objects.
        inbound: takes files in, each `inbound_period`.
        publishing: sends files out, once a day at `outbound_hour` UTC.
        shipping: lets late files appear, and removes old ones.
        limits: how long things are kept.
        inbound_period: time between two looks for files.
    """

    database: ProfileDatabase
    store: Store
    inbound: InboundFiles
    publishing: Publishing
    shipping: Shipping
    limits: Limits
    inbound_period: timedelta

    def plan(self, began: datetime, outbound_hour: int) -> None:
        """Plan the first jobs, as far as they are not planned yet."""
        first = began.astimezone(UTC).replace(hour=outbound_hour, minute=0, second=0, microsecond=0)
        planned = {
            _INBOUND: began + self.inbound_period,
            _OUTBOUND: first if first > began else first + _DAY,
        }
        with self.database.transaction() as db:
            for name, moment in planned.items():
                db.execute("INSERT OR IGNORE INTO job VALUES (?, ?)", (name, milliseconds(moment)))

    @property
    def next_due(self) -> datetime:
        """When the next job is due."""
        others = (self.inbound.next_usable(), self.shipping.next_release())
        return min([*self._planned().values(), *(moment for moment in others if moment is not None)])

    def leave_out_before(self, now: datetime) -> None:
        """Leave out the transfers whose files would not be kept any more at a time."""
        due, oldest = self._planned()[_OUTBOUND], now - KEPT
        if due < oldest:
            self._put_off(_OUTBOUND, due, ((oldest - due) // _DAY + 1) * _DAY)

    def run_due(self, now: datetime) -> list[str]:
        """Do what is due, and name the data files that appear."""
        self.inbound.make_usable(now)
        appeared = self.shipping.release(now)
        planned = self._planned()
        if planned[_INBOUND] <= now:
            _tried(_INBOUND, lambda: self.inbound.take(now))
            self.inbound.make_usable(now)
            self._put_off(_INBOUND, planned[_INBOUND], self.inbound_period)
        if planned[_OUTBOUND] <= now:
            _tried(_OUTBOUND, lambda: self._send(now))
            appeared += self.shipping.release(now)
            self._put_off(_OUTBOUND, planned[_OUTBOUND], _DAY)
        return appeared

    def _send(self, now: datetime) -> None:
        self._forget(now)
        self.publishing.publish(now)

    def _forget(self, now: datetime) -> None:
        self.shipping.remove_old(now)
        with self.database.transaction() as db:
            forget_devices(db, self.limits, now)
            if now.weekday() == _SUNDAY:
                forget_customers(db, self.store.data_sources.all(), now)

    def _planned(self) -> dict[str, datetime]:
        with self.database.transaction() as db:
            return {name: moment_of(due) for name, due in db.execute("SELECT name, next FROM job")}

    def _put_off(self, name: str, due: datetime, by: timedelta) -> None:
        with self.database.transaction() as db:
            db.execute("UPDATE job SET next = ? WHERE name = ?", (milliseconds(due + by), name))


def _tried(name: str, job: Callable[[], object]) -> None:
    """Run a job; one that fails, because a bucket is away say, is logged, and runs again when it is due next."""
    try:
        job()
    except Exception as error:  # noqa: BLE001 - whatever it was, its text may hold ids, so only its kind is told
        _LOG.warning("The %s job failed: %s.", name, type(error).__name__)
