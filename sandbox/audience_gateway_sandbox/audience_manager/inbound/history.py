"""Tells what became of inbound files: onboarding status (audience-manager 1.4, 3.6)."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from audience_gateway_sandbox.audience_manager.inbound.stage import Stage

_COLUMNS = "id, bucket, key, stage, source, target, replaces, began, ended, usable, finding, report"


def onboarding_rows(
    db: sqlite3.Connection, data_source_id: int, *, file_name: str = "", sampled: bool = False
) -> list[dict[str, Any]]:
    """Tell of the files of a data source, that of ids or that of traits, the newest first.

    Args:
        db: the tables.
        data_source_id: which.
        file_name: only the file of this name; empty for all.
        sampled: with the first errors of each class, as far as they were sampled.
    """
    rows = [
        _told(row)
        for row in db.execute(
            f"SELECT {_COLUMNS} FROM inbound_file WHERE (source = ? OR target = ?) AND stage IN (?, ?)"  # noqa: S608 - ours
            " ORDER BY began DESC, id DESC",
            (data_source_id, data_source_id, Stage.PROCESSED, Stage.USABLE),
        )
    ]
    wanted = [row for row in rows if not file_name or row["dataFileName"] == file_name]
    return [
        row if sampled else {name: value for name, value in row.items() if name != "samplingDetails"} for row in wanted
    ]


def journal(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Tell of every file that was looked at, also of those that were not read, the oldest first."""
    return [_told(row) for row in db.execute(f"SELECT {_COLUMNS} FROM inbound_file ORDER BY id")]  # noqa: S608 - ours


def _told(row: tuple[Any, ...]) -> dict[str, Any]:
    number, bucket, key, stage, source, target, replaces, began, ended, usable, finding, report = row
    return {
        "id": number,
        "dataFileName": key.rpartition("/")[2],
        "bucket": bucket,
        "key": key,
        "status": stage,
        "dataSourceId": source,
        "targetDataSourceId": target,
        "overwrite": bool(replaces),
        "jobStartTime": began,
        "jobEndTime": ended,
        "usableTime": usable,
        "finding": finding,
        **json.loads(report),
    }
