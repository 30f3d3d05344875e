"""Brings an identity index up to date: what has changed where the connector can tell, everything where it cannot."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from audience_gateway.identity.index import IndexChunk, IndexFile, write_index
from audience_gateway.identity.index_building import Read, build_anew, build_upon
from audience_gateway.identity.index_form import IndexForm
from audience_gateway.identity.index_store import CHUNKS, IndexStore
from audience_gateway.identity.index_version import IndexVersion
from audience_gateway.sdk import (
    ConfigError,
    Connector,
    IdentityIndex,
    IncrementalIndex,
    IndexChange,
    IndexChangesPage,
    IndexChangesRequest,
    IndexMark,
    IndexPage,
    IndexRequest,
    Permanent,
    Reconciler,
)
from audience_gateway.storage.atomic_file import publishing
from audience_gateway.storage.relations import Relations

_UNMARKED = IndexMark("", IndexChange.UNKNOWN, complete=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexLimits:
    """When an index is read, and when what was read is not put to use.

    Attributes:
        fresh: for how long a version is used without asking the connection; zero for never.
        rebuild: after how long everything is read anew where the connector cannot see all changes.
        shrunk_rows: an index that has lost no more entries, and has any left, is put to use.
        shrunk_share: an index that has lost no larger share of its entries is put to use.
    """

    fresh: timedelta = timedelta(0)
    rebuild: timedelta = timedelta(hours=24)
    shrunk_rows: int = 1000
    shrunk_share: float = 0.2

    def are_fresh(self, version: IndexVersion) -> bool:
        """Whether a version is used as it is."""
        return datetime.now(UTC) < version.read + self.fresh

    def allow(self, before: int, after: int) -> bool:
        """Whether an index may have so many entries after it had so many before."""
        lost = before - after
        return (lost <= self.shrunk_rows and (after > 0 or not before)) or lost <= self.shrunk_share * before


class Reading(StrEnum):
    """What is to be read."""

    NOTHING = "nothing"
    CHANGES = "changes"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRefresh:
    """One refresh, in parts that may each be repeated after a kill: `begin`, `keep` for each chunk, `finish`.

    Attributes:
        form: the form of the index.
        strategy: the strategy of its ids.
        store: where versions are kept.
        limits: when it is read, and when what was read is not put to use.
        directory: where it has its files, `plan.json`, `base/`, `chunks/` and in the end `version/`.
    """

    form: IndexForm
    strategy: Reconciler
    store: IndexStore
    limits: IndexLimits
    directory: Path

    def take_fresh(self) -> bool:
        """Takes the newest version if it is fresh, or what was made before a kill, so that nothing is left to do."""
        if IndexVersion.of(self._version) is not None:
            return True
        newest = self.store.newest(self.form)
        if newest is None or not self.limits.are_fresh(newest):
            return False
        return self.store.pin(newest, self._version) is not None

    async def begin(self, connector: Connector) -> Reading:
        """Finds out what is to be read. Raises ConfigError if the connection has no such index."""
        if not self._plan.exists():
            self._note(await self._find_out(connector))
        return self.reading

    @property
    def reading(self) -> Reading:
        """What is to be read, once that is found out."""
        return Reading(self._noted()["reading"])

    def pages(self, connector: Connector, after: str | None) -> AsyncIterator[IndexPage | IndexChangesPage]:
        """What is to be read, behind a resume token."""
        if self.reading is Reading.EVERYTHING:
            return self._index_of(connector).read_index(IndexRequest(source=self.form.source, after=after))
        base = IndexVersion.of(self._base)
        if base is None or not isinstance(connector, IncrementalIndex):
            raise self._changed_meanwhile()
        return connector.read_index_changes(IndexChangesRequest(source=self.form.source, since=base.mark, after=after))

    def chunk(self, number: int) -> Path:
        """File of a chunk."""
        return self.directory / CHUNKS / f"{number:05d}.parquet"

    def prepare(self, pages: Sequence[IndexPage | IndexChangesPage], *, last: bool) -> IndexChunk:
        """Makes a chunk of pages."""
        return IndexChunk.of(pages, self.strategy, self.form.source, last=last)

    def keep(self, number: int, chunk: IndexChunk) -> IndexFile:
        """Keeps a chunk; one that is there counts."""
        path = self.chunk(number)
        by_key = number > 0  # the first one may be the only one
        write_index(chunk, path, by_key=by_key, provenance=self.form.provenance())
        return IndexFile.read(path)

    def finish(self, relations: Relations) -> IndexVersion:
        """Builds the version of what was read and puts it to use.

        Raises Permanent if it has shrunk by more than is allowed; the one before stays in use.
        """
        version = self.build(relations)
        if (shrunk := self.shrunk(version)) is not None:
            raise Permanent(
                f"{shrunk}, and it is not put to use",
                place=self.form.place,
                remedy="Find out what has become of the records. If it is as it should be, share with the connection "
                "and release the transfer, which waits, or let the settings `indexes.shrunk_rows` and "
                "`indexes.shrunk_share` allow it.",
            )
        return version

    def build(self, relations: Relations) -> IndexVersion:
        """Builds the version of what was read, and puts it to use unless it has shrunk by more than is allowed."""
        made = IndexVersion.of(self._version)
        if made is not None:
            return made
        base = IndexVersion.of(self._base)
        read = self._read()
        if self.reading is Reading.EVERYTHING or base is None:
            version = build_anew(read, relations, self.directory / "built")
        else:
            version = build_upon(base, read, relations, self.directory / "built")
        if self.shrunk(version) is None:
            self.store.publish(self.form, version)
        version.directory.rename(self._version)
        return self._finished()

    def shrunk(self, version: IndexVersion) -> str | None:
        """By how much a version that was built has shrunk; None if that is allowed, or it was taken as it was."""
        newest = self.store.newest(self.form) if self._plan.exists() else None
        if newest is None or self.limits.allow(newest.entries, version.entries):
            return None
        return f"the identity index has shrunk from {newest.entries} entries to {version.entries}"

    def put_to_use(self) -> None:
        """Puts the version to use that was built, however much it has shrunk, unless one of a later reading is."""
        version = IndexVersion.of(self._version)
        if version is None:
            raise self._changed_meanwhile()
        self.store.publish(self.form, version)

    async def _find_out(self, connector: Connector) -> dict[str, str | bool]:
        index = self._index_of(connector)
        began, base = datetime.now(UTC), self.store.newest(self.form)
        mark = _UNMARKED
        if isinstance(index, IncrementalIndex):
            mark = await index.mark_index(self.form.source, base.mark if base and base.mark else None)
        reading = self._reading(base, mark, began)
        if reading is not Reading.EVERYTHING and (base is None or self.store.pin(base, self._base) is None):
            reading = Reading.EVERYTHING
        return {
            "reading": reading.value,
            "began": began.isoformat(),
            "mark": mark.token,
            "complete": mark.complete,
        }

    def _reading(self, base: IndexVersion | None, mark: IndexMark, now: datetime) -> Reading:
        if base is None or not base.mark or mark.change is IndexChange.UNKNOWN:
            return Reading.EVERYTHING
        if not (base.complete and mark.complete) and now >= base.read_in_full + self.limits.rebuild:
            return Reading.EVERYTHING
        return Reading.NOTHING if mark.change is IndexChange.NONE else Reading.CHANGES

    def _read(self) -> Read:
        noted = self._noted()
        return Read(
            began=datetime.fromisoformat(noted["began"]),
            mark=noted["mark"],
            complete=noted["complete"],
            chunks=sorted(self.chunk(0).parent.glob("[0-9]*.parquet")),
            provenance={**self.form.provenance(), "read": noted["began"]},
        )

    def _finished(self) -> IndexVersion:
        for needless in (self._base, self.chunk(0).parent):
            shutil.rmtree(needless, ignore_errors=True)
        version = IndexVersion.of(self._version)
        if version is None:
            raise self._changed_meanwhile()
        return version

    def _index_of(self, connector: Connector) -> IdentityIndex:
        if isinstance(connector, IdentityIndex) and connector.reconciles(self.form.source):
            return connector
        raise ConfigError(
            "ids of this data source do not reconcile with records of this connection",
            place=f"connections/{self.form.connection}",
            remedy="Name a connection that supplies an identity index, such as a Campaign one.",
        )

    def _changed_meanwhile(self) -> Permanent:
        return Permanent(
            "its identity index cannot be gone on with", place=self.form.place, remedy="Share again: it is read anew."
        )

    def _note(self, plan: dict[str, str | bool]) -> None:
        with publishing(self._plan) as temporary:
            temporary.write_text(json.dumps(plan), encoding="utf-8")

    def _noted(self) -> dict[str, Any]:
        noted: dict[str, Any] = json.loads(self._plan.read_text(encoding="utf-8"))
        return noted

    @property
    def _plan(self) -> Path:
        return self.directory / "plan.json"

    @property
    def _base(self) -> Path:
        return self.directory / "base"

    @property
    def _version(self) -> Path:
        return version_directory(self.directory)


def version_directory(refresh: Path) -> Path:
    """Where the version is that a refresh in a directory has made or taken."""
    return refresh / "version"
