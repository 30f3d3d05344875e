"""Where identity indexes are kept from one reading to the next: versions of each form, the newest of which counts."""

from __future__ import annotations

import shutil
import time
import uuid
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from audience_gateway.identity.index_form import IndexForm
from audience_gateway.identity.index_version import IndexVersion
from audience_gateway.storage.linked_files import link_files, publishing_directory

_IN_USE_SECONDS = 3600.0  # as long as a query may go on with a version that is not the newest any more
_TRIED_SECONDS = 4500.0  # as long as a form that is only tried is worth another question
_LASTING_SECONDS = 30 * 86400.0
CHUNKS = "chunks"
"""Directory of what a reading has read so far, within the reading's own."""
_SCRATCH = "scratch"
_READINGS = "readings"
_TRIED = ".tried"


class IndexStore:
    """The identity indexes of all connections. They hold keys of ids, never the ids.

    A version appears whole, and is never changed: whoever is killed in the middle of making one leaves the one before.

    Args:
        root: directory of all of them, which several processes may share.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def scratch(self) -> Path:
        """Where a query spills."""
        return self._root / _SCRATCH

    def reading(self) -> Path:
        """A new directory to read an index in."""
        return self._root / _READINGS / uuid.uuid4().hex

    def newest(self, form: IndexForm) -> IndexVersion | None:
        """The version that counts now; None if there is none."""
        for name in reversed(_versions(self._directory(form))):
            version = IndexVersion.of(self._directory(form) / name)
            if version is not None:
                return version
        return None

    def pin(self, version: IndexVersion, directory: Path) -> IndexVersion | None:
        """The same version in a directory of its own, where it stays whatever becomes of it here; None if it is gone.

        A directory that is there counts.
        """
        if not directory.exists():
            try:
                with publishing_directory(directory) as made:
                    link_files(version.directory, made)
            except FileNotFoundError:
                return None
        return IndexVersion.of(directory)

    def publish(self, form: IndexForm, version: IndexVersion) -> None:
        """Puts a version to use, unless one of a later reading is; it shares its files with the directory it is in."""
        directory = self._directory(form)
        name = f"{version.read:%Y%m%dT%H%M%S.%f}"
        if any(there.startswith(name) for there in _versions(directory)):
            return
        with publishing_directory(directory / f"{name}-{uuid.uuid4().hex[:8]}") as made:
            link_files(version.directory, made)

    def sweep(self) -> None:
        """Drops what nobody can use any more, also of processes that have ended."""
        now = time.time()
        for directory in [*self._root.glob("*"), *(self._root / _READINGS).glob("*")]:
            if directory.name in {_SCRATCH, _READINGS}:
                continue
            with suppress(FileNotFoundError):  # another process sweeps, too
                self._sweep(directory, now)

    def _sweep(self, directory: Path, now: float) -> None:
        versions = [directory / name for name in _versions(directory)]
        kept = _LASTING_SECONDS if versions and directory.suffix != _TRIED else _TRIED_SECONDS
        changed = [
            directory,
            *versions,
            *directory.glob(CHUNKS),
        ]  # a reading adds to its chunks for as long as it goes on
        if max(path.stat().st_mtime for path in changed) < now - kept:
            shutil.rmtree(directory, ignore_errors=True)
        for old, newer in pairwise(versions):
            if newer.stat().st_mtime < now - _IN_USE_SECONDS:
                shutil.rmtree(old, ignore_errors=True)

    def _directory(self, form: IndexForm) -> Path:
        return self._root / (form.digest if form.lasting else f"{form.digest}{_TRIED}")


def _versions(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.glob("[0-9]*T*-*"))
