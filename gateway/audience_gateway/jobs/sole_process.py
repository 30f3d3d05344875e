"""Keeping a second process away from a database that is for one."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from audience_gateway.sdk import ConfigError


class SoleProcess:
    """An exclusive lock on a file; the system frees it when the process ends, however it ends.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def acquire(self) -> None:
        """Takes the lock. Raises ConfigError if another process has it."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            raise ConfigError(
                "another process already works on this state directory, and SQLite is for one process",
                place="storage.state",
                remedy="Stop that process, or name a PostgreSQL database in storage.database to run several.",
            ) from None
        self._file = file

    def release(self) -> None:
        """Gives the lock back, if it was taken."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
