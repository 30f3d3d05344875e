"""Buckets, files that appear whole, and queries over Parquet files."""

from audience_gateway.storage.bucket_credentials import BucketCredentials
from audience_gateway.storage.object_stores import Waits
from audience_gateway.storage.opening import open_bucket

__all__ = ["BucketCredentials", "Waits", "open_bucket"]
