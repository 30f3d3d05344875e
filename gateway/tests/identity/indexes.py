"""Identity indexes to try out: a connection that tells what has changed, and how its index is brought up to date."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parent.parent / "transfers"))

import pyarrow as pa
from audience_gateway.identity.index_form import IndexForm
from audience_gateway.identity.index_refresh import IndexLimits, IndexRefresh, Reading
from audience_gateway.identity.index_store import IndexStore
from audience_gateway.identity.index_version import IndexVersion
from audience_gateway.sdk import DataSource, IndexChange, IndexChangesPage, IndexMark
from audience_gateway.storage.relations import QueryLimits, Relations
from systems import Record, Records, Systems, entries_of

SOURCE = DataSource(name="plain", id_type="plain")


@dataclass
class Watched(Records):
    """Records that tell what has changed: those of a target that was changed since are all told again."""

    changed: list[str] = field(default_factory=list)
    sees_removals: bool = True
    readings: list[str] = field(default_factory=list)

    def put(self, *records: Record) -> None:
        self.index += records
        self.changed += [record.target for record in records]

    def drop(self, target: str) -> None:
        self.index = [record for record in self.index if record.target != target]
        if self.sees_removals:
            self.changed.append(target)

    async def read_index(self, request):
        self.readings.append("everything")
        async for page in super().read_index(request):
            yield page

    async def mark_index(self, source, since):
        change = IndexChange.UNKNOWN
        if since is not None:
            change = IndexChange.SOME if int(since) < len(self.changed) else IndexChange.NONE
        return IndexMark(str(len(self.changed)), change, complete=self.sees_removals)

    async def read_index_changes(self, request):
        self.readings.append("changes")
        targets = sorted(set(self.changed[int(request.since) :]))
        for position, target in list(enumerate(targets, 1))[int(request.after or 0) :]:
            entries = entries_of([record for record in self.index if record.target == target])
            yield IndexChangesPage(entries, pa.array([target]), str(position))


@dataclass
class Bench:
    """Brings the index of one connection up to date, as transfers do."""

    state: Path
    crm: Records
    limits: IndexLimits = field(default_factory=lambda: IndexLimits(shrunk_share=1.0))
    source: DataSource = SOURCE

    def __post_init__(self) -> None:
        self.store = IndexStore(self.state / "indexes")
        self.systems = Systems({"crm": self.crm})

    @property
    def form(self) -> IndexForm:
        return IndexForm.of(self.systems, "crm", self.source)

    @property
    def newest(self) -> IndexVersion | None:
        return self.store.newest(self.form)

    def refresh(self, directory: Path) -> IndexRefresh:
        return IndexRefresh(
            form=self.form,
            strategy=self.systems.strategy,
            store=self.store,
            limits=self.limits,
            directory=directory,
        )

    async def up_to_date(self, directory: Path | None = None) -> IndexVersion:
        """The index brought up to date in a directory, where an earlier attempt may have left something."""
        refresh = self.refresh(directory or self.store.reading())
        with Relations(self.store.scratch, QueryLimits()) as relations:
            if not refresh.take_fresh() and await refresh.begin(self.crm) is not Reading.NOTHING:
                number = 0
                async for page in refresh.pages(self.crm, None):
                    refresh.keep(number, refresh.prepare([page], last=False))
                    number += 1
            return refresh.finish(relations)


def entries(version: IndexVersion | None) -> list[tuple[UUID, str, int, bool]]:
    """Key, target, day and opt-out of each entry of a version, ordered."""
    assert version is not None
    return queried(version, f"SELECT key, target, day(last_seen), opted_out FROM ({version.query()}) ORDER BY ALL")


def queried(version: IndexVersion, query: str) -> list[tuple]:
    """The rows of a query over a version."""
    with Relations(version.directory.parent / "scratch", QueryLimits()) as relations, relations.session() as session:
        return session.rows(query)


def entry_of(record: Record) -> tuple[UUID, str, int, bool]:
    """The entry that a record has in the index of `SOURCE`."""
    key = hashlib.sha256(f"plain\x1fplain\x1f{record.id}".encode()).digest()[:16]
    return UUID(bytes=key), record.target, record.day, record.opted_out
