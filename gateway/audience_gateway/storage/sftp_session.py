"""One connection to an SFTP server, which ends when the server says nothing for too long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncssh


class SftpSession:
    """A connection and the client on it.

    Args:
        connection: the connection.
        sftp: the client.
        seconds: longest wait for an answer.
    """

    def __init__(self, connection: asyncssh.SSHClientConnection, sftp: asyncssh.SFTPClient, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds
        self.sftp = sftp

    @contextmanager
    def patience(self) -> Iterator[asyncssh.SFTPClient]:
        """The client, for one answer; one that takes too long ends the connection, and the block with ConnectionLost.

        Cancelling the call instead would leave behind what it has sent in parallel.
        """
        timer = asyncio.get_running_loop().call_later(self._seconds, self._connection.abort)
        try:
            yield self.sftp
        finally:
            timer.cancel()
