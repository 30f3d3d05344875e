"""A bucket on an SFTP server.

Each operation makes a connection of its own: a bucket has no end at which a kept one could be closed, and drops come by
the hour.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from typing import TypeAlias

import asyncssh

from audience_gateway.sdk.buckets import BucketObject
from audience_gateway.sdk.errors import AuthError, Permanent, Transient
from audience_gateway.storage.bucket_credentials import SftpLogin
from audience_gateway.storage.keys import checked, is_temporary
from audience_gateway.storage.object_stores import Waits
from audience_gateway.storage.sftp_session import SftpSession
from audience_gateway.storage.ssh_options import ssh_options

Objects: TypeAlias = list[BucketObject]  # within the class the name means its method
_PIECE_BYTES = 8 * 1024 * 1024
_ABSENT = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory)
_UNREACHABLE = (asyncssh.Error, OSError, TimeoutError)


class SftpBucket:
    """A directory of an SFTP account: the implementation of `sdk.Bucket`.

    SFTP knows no etags: an object's is made of its size and the second in which it was written.

    Args:
        url: its address, without credentials.
        user: name of the account.
        host: name or address of the host.
        port: port of the host.
        directory: absolute path of the directory; below `/~/` it is relative to where a login leads.
        login: password or key; None for what the gateway's account has.
        waits: how long the host is waited for.
    """

    def __init__(
        self, url: str, *, user: str, host: str, port: int, directory: str, login: SftpLogin | None, waits: Waits
    ) -> None:
        self._url = url
        self._user = user
        self._host = host
        self._port = port
        self._root = directory.removeprefix("/~/").rstrip("/")
        self._login = login
        self._waits = waits

    @property
    def url(self) -> str:
        """Its address."""
        return self._url

    async def list(self, prefix: str = "") -> AsyncIterator[BucketObject]:
        """Objects whose key starts with the prefix, ordered by key, without temporary ones."""
        folder = prefix.rpartition("/")[0]
        if folder:
            checked(folder, self._url)
        async with self._connected(folder) as session:
            with self._errors(folder):
                found = await self._below(session, folder, prefix)
        for one in sorted(found, key=lambda one: one.key):
            yield one

    async def head(self, key: str) -> BucketObject | None:
        """One object, or None if there is none."""
        checked(key, self._url)
        async with self._connected(key) as session:
            with self._errors(key):
                return await self._head(session, key)

    async def read(self, key: str, *, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes from `start` on, in pieces."""
        checked(key, self._url)
        async with self._connected(key) as session:
            with self._errors(key):
                if await self._head(session, key) is None:
                    raise self._absent(key)
                with session.patience() as sftp:
                    file = await sftp.open(self._path(key), "rb", encoding=None)
            while piece := await self._piece(session, file, key, start):
                start += len(piece)
                yield piece

    async def write(self, key: str, chunks: AsyncIterator[bytes] | bytes) -> BucketObject:
        """Writes the object whole or not at all: under a temporary name that is changed at the end."""
        folder, _, name = checked(key, self._url).rpartition("/")
        temporary = self._path(f"{folder}/.{name}.{uuid.uuid4().hex}.part".lstrip("/"))
        async with self._connected(key) as session:
            try:
                with self._errors(key, sent=True):
                    with session.patience() as sftp:
                        await sftp.makedirs(self._path(folder) or "/", exist_ok=True)
                    await self._upload(session, temporary, chunks)
                    with session.patience() as sftp:
                        await sftp.posix_rename(temporary, self._path(key))
                    written = await self._head(session, key)
            except BaseException:
                with suppress(*_UNREACHABLE), session.patience() as sftp:
                    await sftp.remove(temporary)
                raise
        if written is None:
            raise Transient("the object was written and is not there", place=self._place(key))
        return written

    async def delete(self, key: str) -> None:
        """Deletes the object, if it is there."""
        checked(key, self._url)
        async with self._connected(key) as session:
            with self._errors(key), session.patience() as sftp, suppress(*_ABSENT):
                await sftp.remove(self._path(key))

    @asynccontextmanager
    async def _connected(self, key: str) -> AsyncIterator[SftpSession]:
        # Errors of the block are not those of connecting, so that they are told apart by whether anything was sent.
        with self._errors(key):
            options = await asyncio.to_thread(ssh_options, self._login, self._user, self._waits)
            connection = await asyncssh.connect(self._host, self._port, options=options)
        try:
            with self._errors(key):
                async with asyncio.timeout(self._waits.read):
                    sftp = await connection.start_sftp_client()
            yield SftpSession(connection, sftp, self._waits.read)
        finally:
            connection.abort()  # a farewell would wait for a server that says nothing any more

    async def _below(self, session: SftpSession, folder: str, prefix: str) -> Objects:
        found: Objects = []
        try:
            with session.patience() as sftp:
                entries = [entry async for entry in sftp.scandir(self._path(folder) or "/")]
        except _ABSENT:
            return found
        for entry in entries:
            name = str(entry.filename)
            key = f"{folder}/{name}".lstrip("/")
            if name in {".", ".."} or not key.startswith(prefix):
                continue
            if entry.attrs.type == asyncssh.FILEXFER_TYPE_DIRECTORY:
                found += await self._below(session, key, "")
            elif entry.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR and not is_temporary(key):
                found.append(_object(key, entry.attrs))
        return found

    async def _head(self, session: SftpSession, key: str) -> BucketObject | None:
        try:
            with session.patience() as sftp:
                attributes = await sftp.stat(self._path(key))
        except _ABSENT:
            return None
        return _object(key, attributes) if attributes.type == asyncssh.FILEXFER_TYPE_REGULAR else None

    async def _piece(self, session: SftpSession, file: asyncssh.SFTPClientFile, key: str, start: int) -> bytes:
        with self._errors(key), session.patience():
            return await file.read(_PIECE_BYTES, start)

    async def _upload(self, session: SftpSession, path: str, chunks: AsyncIterator[bytes] | bytes) -> None:
        with session.patience() as sftp:
            file = await sftp.open(path, "wb", encoding=None)
        async for piece in _cut(chunks) if isinstance(chunks, bytes) else chunks:
            with session.patience():
                await file.write(piece)
        with session.patience():
            await file.close()

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}".rstrip("/") if self._root or not key else f"/{key}"

    def _place(self, key: str) -> str:
        return f"{self._url.rstrip('/')}/{key}"

    def _absent(self, key: str) -> Permanent:
        return Permanent("there is no such object", place=self._place(key), remedy="Name one that is there.")

    @contextmanager
    def _errors(self, key: str, *, sent: bool = False) -> Iterator[None]:
        try:
            yield
        except asyncssh.HostKeyNotVerifiable as error:
            raise AuthError(
                "the host does not have the key that it is known by",
                place=self._place(key),
                remedy="Ask whom it belongs to; if it is right, put its key into `host_keys` of the credentials.",
            ) from error
        except (asyncssh.PermissionDenied, asyncssh.SFTPPermissionDenied) as error:
            raise AuthError("access was refused", place=self._place(key), remedy="Check keys and rights.") from error
        except _ABSENT as error:
            raise self._absent(key) from error
        except asyncssh.SFTPOpUnsupported as error:
            raise Permanent("the server cannot replace files by renaming", place=self._place(key)) from error
        except _UNREACHABLE as error:
            raise Transient(
                "the server could not be reached or failed",
                place=self._place(key),
                remedy="Try again later.",
                sent=sent,
            ) from error


async def _cut(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _PIECE_BYTES):
        yield content[start : start + _PIECE_BYTES]


def _object(key: str, attributes: asyncssh.SFTPAttrs) -> BucketObject:
    size, written = attributes.size or 0, attributes.mtime or 0
    return BucketObject(key, size, datetime.fromtimestamp(written, UTC), f"{size}-{written}")
