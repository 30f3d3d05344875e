"""Tells what became of inbound files: onboarding status (audience-manager 1.4, 3.6)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from audience_gateway_sandbox.audience_manager.history import InboundRow
from audience_gateway_sandbox.audience_manager.inbound.stage import Stage
from audience_gateway_sandbox.audience_manager.store import moment_of

_COLUMNS = "id, bucket, key, stage, source, target, replaces, began, ended, usable, finding, report"


def onboarding_rows(db: sqlite3.Connection, data_source_id: int) -> list[InboundRow]:
    """Tell of the files of a data source, that of ids or that of traits, the newest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM inbound_file WHERE (source = ? OR target = ?) AND stage IN (?, ?)"  # noqa: S608 - ours
        " ORDER BY began DESC, id DESC",
        (data_source_id, data_source_id, Stage.PROCESSED, Stage.USABLE),
    )
    return [_row(_told(row)) for row in rows]


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


def _row(told: Mapping[str, Any]) -> InboundRow:
    samples = told.get("samplingDetails", {})
    return InboundRow(
        data_file_name=told["dataFileName"],
        data_source_id=told["dataSourceId"],
        received_time=moment_of(told["jobStartTime"]),
        processed_time=moment_of(told["jobEndTime"]),
        usable_time=moment_of(told["usableTime"]),
        stage=told["status"],
        finding=told["finding"],
        records_received=told["recordsReceived"],
        records_processed=told["recordsProcessed"],
        stored_records=told["storedRecords"],
        format_errors=told["formatErrors"],
        invalid_aam_id=told["invalidAamId"],
        invalid_device_id=told["invalidDeviceId"],
        no_matching_aam_id=told["noMatchingAamId"],
        no_trait_realized=told["noTraitRealized"],
        total_devices=told["totalDevices"],
        total_signals=told["totalSignals"],
        total_unused_signals=told["totalUnusedSignals"],
        total_realized_traits=told["totalRealizedTraits"],
        total_removed_traits=told["totalRemovedTraits"],
        total_traits_failed_validation=told["totalTraitsFailedValidation"],
        total_users_with_traits_failed_validation=told["totalUsersWithTraitsFailedValidation"],
        sampling_details={
            error: [f"line {sample['line']}: {sample['finding']}" for sample in several]
            for error, several in samples.items()
        },
    )
