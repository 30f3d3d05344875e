"""From an address to a bucket."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.store import LocalStore, S3Store

from audience_gateway.sdk.buckets import Bucket
from audience_gateway.sdk.errors import ConfigError
from audience_gateway.storage.store_bucket import StoreBucket


def open_bucket(url: str) -> Bucket:
    """The bucket at `file:///directory` or `s3://name/prefix`; does no I/O.

    S3 takes its endpoint, region and keys from the AWS environment variables. Raises ConfigError for other addresses.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        directory = Path(unquote(parts.path))
        return StoreBucket(url, lambda: LocalStore(directory, mkdir=True), directory.exists)
    if parts.scheme == "s3" and parts.netloc:
        plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
        prefix = parts.path.strip("/")
        return StoreBucket(
            url, lambda: S3Store(parts.netloc, prefix=prefix or None, client_options={"allow_http": plain})
        )
    raise ConfigError(
        f"found an address with the scheme {parts.scheme or 'none'!r}, allowed: file:///directory, s3://bucket/prefix",
        remedy="Correct the address of the bucket.",
    )
