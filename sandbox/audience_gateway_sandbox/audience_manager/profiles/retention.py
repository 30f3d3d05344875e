"""Forgets what was inactive for too long (audience-manager 8)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from audience_gateway_sandbox.audience_manager.objects import DataSource
from audience_gateway_sandbox.audience_manager.profiles.id_formats import AAM_UUID, GLOBAL_DEVICES
from audience_gateway_sandbox.audience_manager.profiles.id_kinds import kind_of
from audience_gateway_sandbox.audience_manager.profiles.limits import Limits
from audience_gateway_sandbox.audience_manager.store import milliseconds

_FORGET = "DELETE FROM profile WHERE source = ? AND seen < ?"


def forget_devices(db: sqlite3.Connection, limits: Limits, now: datetime) -> None:
    """Forget devices, and links that were not seen again: both live for 120 days."""
    for source in (AAM_UUID, *GLOBAL_DEVICES):
        db.execute(_FORGET, (source, milliseconds(now - limits.device_life)))
    db.execute("DELETE FROM link WHERE seen < ?", (milliseconds(now - limits.link_life),))


def forget_customers(db: sqlite3.Connection, sources: Iterable[DataSource], now: datetime) -> None:
    """Forget ids of customers, each after the time that its data source is set to."""
    for source in sources:
        if not kind_of(source).is_device:
            oldest = milliseconds(now) - source.customer_profile_data_retention * 1000
            db.execute(_FORGET, (source.data_source_id, oldest))
