"""Tells the REST API what became of files, as the tables of profiles know it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from audience_gateway_sandbox.audience_manager.history import InboundRow, OutboundRow
from audience_gateway_sandbox.audience_manager.inbound.history import onboarding_rows
from audience_gateway_sandbox.audience_manager.profiles.database import ProfileDatabase
from audience_gateway_sandbox.audience_manager.store import milliseconds, moment_of

_PUSHES = """
SELECT id, destination, source, sync_type, is_full, received, attempted, succeeded, began, ended, name, success
FROM outbound_push WHERE destination = ? AND began BETWEEN ? AND ? ORDER BY began, id
"""


@dataclass(frozen=True, slots=True)
class FilesHistory:
    """Histories of inbound and outbound files.

    Attributes:
        database: the tables, by a connection of its own, so that nobody waits while a file is taken in.
    """

    database: ProfileDatabase

    def inbound_rows(self, data_source_id: int, data_file_name: str) -> Sequence[InboundRow]:
        """Tell it of a data source, newest first; of one file only if it is named."""
        with self.database.transaction() as db:
            rows = onboarding_rows(db, data_source_id)
        return [row for row in rows if not data_file_name or row.data_file_name == data_file_name]

    def outbound_rows(self, destination_id: int, start: datetime, end: datetime) -> Sequence[OutboundRow]:
        """Tell it of a destination, for transfers that began in a span of time, oldest first."""
        with self.database.transaction() as db:
            rows = db.execute(_PUSHES, (destination_id, milliseconds(start), milliseconds(end))).fetchall()
        return [
            OutboundRow(
                push_id=push,
                order_id=order,
                data_provider_id=source,
                sync_type=sync_type,
                full_publish=bool(is_full),
                received_records=received,
                attempted_records=attempted,
                success_records=succeeded,
                start_time=moment_of(began),
                end_time=moment_of(ended),
                data_file_name=name,
                success=bool(success),
            )
            for push, order, source, sync_type, is_full, received, attempted, succeeded, began, ended, name, success
            in rows
        ]  # fmt: skip
