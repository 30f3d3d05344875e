"""Buckets, files that appear whole, and queries over Parquet files."""

from audience_gateway.storage.opening import Waits, open_bucket

__all__ = ["Waits", "open_bucket"]
