"""From an address to a bucket."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from audience_gateway.sdk.buckets import Bucket
from audience_gateway.sdk.errors import ConfigError
from audience_gateway.storage.bucket_credentials import AwsKeys, AzureKey, BucketCredentials, SftpLogin
from audience_gateway.storage.local_bucket import LocalBucket
from audience_gateway.storage.object_stores import Waits, azure_store, s3_store
from audience_gateway.storage.store_bucket import StoreBucket

T = TypeVar("T", AwsKeys, AzureKey, SftpLogin)

_DEFAULT_WAITS = Waits()
_ALLOWED = "file:///directory, s3://bucket/prefix, az://container/prefix, sftp://user@host:port/directory"


def open_bucket(url: str, credentials: BucketCredentials | None = None, waits: Waits = _DEFAULT_WAITS) -> Bucket:
    """The bucket at an address; does no I/O.

    Without credentials, S3 and Azure Blob take theirs from the environment, and SFTP from the agent, the keys and the
    known hosts of the gateway's account. Raises ConfigError for other addresses and for credentials of another kind.
    """
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.scheme == "file" and not parts.netloc and path.startswith("/"):
        if credentials is not None:
            raise _mismatch(url)
        return LocalBucket(url, Path(path))
    if parts.scheme == "s3" and parts.netloc:
        keys = _of_kind(AwsKeys, credentials, url)
        return StoreBucket(url, lambda: s3_store(parts.netloc, path.strip("/"), keys, waits))
    if parts.scheme == "az" and parts.netloc:
        key = _of_kind(AzureKey, credentials, url)
        return StoreBucket(url, lambda: azure_store(parts.netloc, path.strip("/"), key, waits))
    if parts.scheme == "sftp" and parts.username and parts.hostname and _port(parts):
        return _sftp(url, parts, _of_kind(SftpLogin, credentials, url), waits)
    raise ConfigError(
        f"found an address with the scheme {parts.scheme or 'none'!r}, allowed: {_ALLOWED}",
        remedy="Correct the address of the bucket.",
    )


def _sftp(url: str, parts: SplitResult, login: SftpLogin | None, waits: Waits) -> Bucket:
    # Its library takes a tenth of the time of a gateway's start, and most have no such bucket.
    from audience_gateway.storage.sftp_bucket import SftpBucket  # noqa: PLC0415 - see above

    if parts.password is not None:
        raise ConfigError(
            "found a password in the address of a bucket",
            remedy="Leave it out, and set `password` of credentials of the provider `sftp`.",
        )
    return SftpBucket(
        url,
        user=unquote(parts.username or ""),
        host=parts.hostname or "",
        port=_port(parts),
        directory=unquote(parts.path) or "/",
        login=login,
        waits=waits,
    )


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or 22
    except ValueError:
        return 0


def _of_kind(kind: type[T], credentials: BucketCredentials | None, url: str) -> T | None:
    if credentials is None or isinstance(credentials, kind):
        return credentials
    raise _mismatch(url)


def _mismatch(url: str) -> ConfigError:
    return ConfigError(
        "found credentials that do not open buckets of this kind",
        place=url,
        remedy="Name credentials of `aws_keys` for s3, `azure_key` for az, `sftp` for sftp, and none for file.",
    )
