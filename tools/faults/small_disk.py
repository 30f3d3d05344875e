"""A small disk in memory that can be filled and freed: root mounts it; others do in a namespace of their own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_MEBIBYTE = 1 << 20
_SHARE = ("unshare", "--map-root-user", "--mount", "--propagation", "private")
_HOLD = "mount -t tmpfs -o size={bytes} tmpfs '{directory}' && echo mounted && exec cat"


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A small disk.

    Attributes:
        directory: where it is mounted.
        seen: the same, for a process that has not entered.
        enter: a command that runs others where they see it.
    """

    directory: Path
    seen: Path
    enter: tuple[str, ...] = ()

    def fill(self) -> None:
        """Fills it to the last block."""
        script = f"cat /dev/zero > '{self._filler}' 2>/dev/null || true"
        subprocess.run([*self.enter, "sh", "-c", script], check=True)  # noqa: S603  # a command of ours

    def free(self) -> None:
        """Frees what `fill` took."""
        subprocess.run([*self.enter, "rm", "-f", str(self._filler)], check=True)  # noqa: S603  # a command of ours

    @property
    def _filler(self) -> Path:
        return self.directory / "filler"


@contextmanager
def small_disk(directory: Path, mebibytes: int) -> Iterator[SmallDisk]:
    """A disk of so many mebibytes until the block ends; what uses it has to end before."""
    directory.mkdir(parents=True)
    script = _HOLD.format(bytes=mebibytes * _MEBIBYTE, directory=directory)
    command = ["sh", "-c", script] if os.geteuid() == 0 else [*_SHARE, "sh", "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:  # noqa: S603  # a command of ours
        if not holder.stdin or not holder.stdout or not holder.stdout.readline():
            raise RuntimeError("no disk in memory could be mounted: root may, and others where user namespaces are on")
        try:
            yield _mounted(directory, holder.pid)
        finally:
            holder.stdin.close()
            holder.wait()
            if os.geteuid() == 0:
                subprocess.run(["umount", "--lazy", str(directory)], check=True)  # noqa: S603, S607  # a command of ours


def _mounted(directory: Path, holder: int) -> SmallDisk:
    if os.geteuid() == 0:
        return SmallDisk(directory, directory)
    enter = ("nsenter", "--preserve-credentials", "--user", "--mount", "--target", str(holder))
    return SmallDisk(directory, Path(f"/proc/{holder}/root{directory}"), enter)
