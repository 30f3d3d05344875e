"""Buckets, files that appear whole, and queries over Parquet files."""

from audience_gateway.storage.opening import open_bucket

__all__ = ["open_bucket"]
