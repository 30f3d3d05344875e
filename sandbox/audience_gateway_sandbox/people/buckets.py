"""The two buckets of audience sharing: local directories, or prefixes of S3 buckets (campaign 1.2)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from obstore.store import S3Store

IMPORT_BUCKET = "importSharedAudience"
EXPORT_BUCKET = "exportSharedAudience"
_TEMPORARY = (".part", ".tmp")


@dataclass(frozen=True, slots=True, order=True)
class Stored:
    """A file of a bucket.

    Attributes:
        key: its name with its folders, `/` between them.
        size: bytes.
        version: changes with its content.
    """

    key: str
    size: int
    version: str


class Bucket(Protocol):
    """Where files are dropped and picked up. A file appears in it under its name only when it is complete."""

    @property
    def address(self) -> str:
        """Its URL."""
        ...

    def put(self, key: str, content: bytes) -> None:
        """Write a file whole, instead of one of this name."""
        ...

    def get(self, key: str) -> bytes:
        """Read a file. Raises OSError if it is not there."""
        ...

    def delete(self, key: str) -> None:
        """Remove a file; one that is not there is no error."""
        ...

    def files(self) -> list[Stored]:
        """List the files in order of their keys, without those under temporary names (sandbox 7)."""
        ...


class LocalBucket:
    """A bucket in a directory, which is made."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    @property
    def address(self) -> str:
        """The directory as a `file://` URL."""
        return self.directory.as_uri()

    def put(self, key: str, content: bytes) -> None:
        """Write a file whole."""
        file = self._file(key)
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.name}.part")
        unfinished.write_bytes(content)
        unfinished.replace(file)

    def get(self, key: str) -> bytes:
        """Read a file."""
        return self._file(key).read_bytes()

    def delete(self, key: str) -> None:
        """Remove a file."""
        self._file(key).unlink(missing_ok=True)

    def files(self) -> list[Stored]:
        """List the files."""
        found = []
        for file in self.directory.rglob("*"):
            key = file.relative_to(self.directory).as_posix()
            if file.is_file() and not is_temporary(key):
                status = file.stat()
                found.append(Stored(key, status.st_size, str(status.st_mtime_ns)))
        return sorted(found)

    def _file(self, key: str) -> Path:
        file = (self.directory / key).resolve()
        if not file.is_relative_to(self.directory.resolve()):
            raise FileNotFoundError("there is no such file in the bucket")
        return file


class S3Bucket:
    """A prefix of an S3 bucket; endpoint, region and keys are those of the AWS environment variables."""

    def __init__(self, name: str, prefix: str) -> None:
        self.address = f"s3://{name}/{prefix}".rstrip("/")
        plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
        self._store = S3Store(name, prefix=prefix or None, client_options={"allow_http": plain})

    def put(self, key: str, content: bytes) -> None:
        """Write a file whole."""
        self._store.put(key, content)

    def get(self, key: str) -> bytes:
        """Read a file."""
        return bytes(self._store.get(key).bytes())

    def delete(self, key: str) -> None:
        """Remove a file."""
        self._store.delete(key)

    def files(self) -> list[Stored]:
        """List the files."""
        found = (meta for batch in self._store.list() for meta in batch)
        return sorted(
            Stored(meta["path"], meta["size"], meta["e_tag"] or "") for meta in found if not is_temporary(meta["path"])
        )


@dataclass(frozen=True, slots=True)
class Buckets:
    """Both buckets, named after Campaign's external accounts.

    Attributes:
        imported: what the Experience Cloud shares with Campaign (Audience Manager's outbound files).
        exported: what Campaign shares with the Experience Cloud (Audience Manager's inbound files).
    """

    imported: Bucket
    exported: Bucket

    @classmethod
    def below(cls, directory: Path, addresses: Mapping[str, str] | None = None) -> Buckets:
        """Open the buckets: those of the addresses, by name, and directories of their names for the others.

        Raises ValueError for an address that is neither `file://` nor `s3://`.
        """
        given = addresses or {}
        defaults = {name: (directory.resolve() / name).as_uri() for name in (IMPORT_BUCKET, EXPORT_BUCKET)}
        return cls(*(open_bucket(given.get(name) or default) for name, default in defaults.items()))

    @property
    def addresses(self) -> Mapping[str, str]:
        """The buckets' addresses by name."""
        return {IMPORT_BUCKET: self.imported.address, EXPORT_BUCKET: self.exported.address}


def open_bucket(address: str) -> Bucket:
    """Open a bucket. Raises ValueError for an address that is neither `file://` nor `s3://`."""
    parts = urlsplit(address)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return LocalBucket(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        return S3Bucket(parts.netloc, unquote(parts.path).strip("/"))
    raise ValueError(f"{address!r} is no bucket: give file:///directory or s3://bucket/prefix")


def is_temporary(key: str) -> bool:
    """Tell whether a file is still being written, by its name."""
    name = key.rpartition("/")[2]
    return name.startswith(".") or name.endswith(_TEMPORARY)
