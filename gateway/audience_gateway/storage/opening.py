"""From an address to a bucket."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.store import LocalStore, S3Store

from audience_gateway.sdk.buckets import Bucket
from audience_gateway.sdk.errors import ConfigError
from audience_gateway.storage.store_bucket import StoreBucket


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long a remote store is waited for, in seconds.

    Attributes:
        connect: for a connection.
        read: between two reads; also how long a request that failed is tried again.
        call: for one request in all.
    """

    connect: float = 10.0
    read: float = 60.0
    call: float = 600.0


_DEFAULT_WAITS = Waits()
_RETRIES = 3


def open_bucket(url: str, waits: Waits = _DEFAULT_WAITS) -> Bucket:
    """The bucket at `file:///directory` or `s3://name/prefix`; does no I/O.

    S3 takes its endpoint, region and keys from the AWS environment variables. Raises ConfigError for other addresses.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        directory = Path(unquote(parts.path))
        return StoreBucket(url, lambda: LocalStore(directory, mkdir=True), directory.exists)
    if parts.scheme == "s3" and parts.netloc:
        return StoreBucket(url, lambda: _s3(parts.netloc, parts.path.strip("/"), waits))
    raise ConfigError(
        f"found an address with the scheme {parts.scheme or 'none'!r}, allowed: file:///directory, s3://bucket/prefix",
        remedy="Correct the address of the bucket.",
    )


def _s3(name: str, prefix: str, waits: Waits) -> S3Store:
    return S3Store(
        name,
        prefix=prefix or None,
        client_options={
            "allow_http": os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://"),
            "connect_timeout": timedelta(seconds=waits.connect),
            "read_timeout": timedelta(seconds=waits.read),
            "timeout": timedelta(seconds=waits.call),
        },
        retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=waits.read)},
    )
