"""The People core service as Campaign sees it: two shared-audience buckets and a daily drop of files."""

from audience_gateway_sandbox.people.buckets import (
    EXPORT_BUCKET,
    IMPORT_BUCKET,
    Bucket,
    Buckets,
    LocalBucket,
    Stored,
    open_bucket,
)
from audience_gateway_sandbox.people.daily_drops import DailyDrops
from audience_gateway_sandbox.people.drop_faults import DropFaults
from audience_gateway_sandbox.people.drops import Drop, control_file, drop_files

__all__ = [
    "EXPORT_BUCKET",
    "IMPORT_BUCKET",
    "Bucket",
    "Buckets",
    "DailyDrops",
    "Drop",
    "DropFaults",
    "LocalBucket",
    "Stored",
    "control_file",
    "drop_files",
    "open_bucket",
]
