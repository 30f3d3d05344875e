"""Takes in one ID synchronization file: which ids belong together (audience-manager 3.7)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from itertools import islice

from audience_gateway_sandbox.audience_manager.inbound.id_sync_lines import read_id_sync_line
from audience_gateway_sandbox.audience_manager.inbound.lines import BadLine
from audience_gateway_sandbox.audience_manager.inbound.names import IdSyncFile, IdSyncKind
from audience_gateway_sandbox.audience_manager.inbound.report import ErrorClass, Report
from audience_gateway_sandbox.audience_manager.profiles.id_formats import IdKind, is_good
from audience_gateway_sandbox.audience_manager.profiles.identities import Identities
from audience_gateway_sandbox.audience_manager.profiles.limits import Limits
from audience_gateway_sandbox.audience_manager.profiles.links import AuthState, Link, add_links

_CHUNK = 20_000


class IdSyncIngestion:
    """One file's way in.

    Args:
        db: the tables.
        identities: finds profiles.
        file: what the name of the file tells.
        kinds: what the ids of its data sources are.
        limits: how many links are kept.
        authenticates: whether a link stands for somebody who is logged in, as merge rules ask for.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        identities: Identities,
        file: IdSyncFile,
        kinds: Mapping[int, IdKind],
        limits: Limits,
        *,
        authenticates: bool,
    ) -> None:
        self._db, self._identities, self._file = db, identities, file
        self._limits, self._authenticates = limits, authenticates
        self._sources = list(file.data_source_ids)
        self._kinds = [kinds[source] for source in self._sources]
        self.report = Report()

    def take(self, lines: Iterable[tuple[int, bytes]], now: int) -> Report:
        """Take in lines, each with its number, and account for every one; later ones are newer."""
        rows = (row for row in map(self._read, lines) if row is not None)
        while chunk := list(islice(rows, _CHUNK)):
            self._store(chunk, now)
        return self.report

    def _read(self, numbered: tuple[int, bytes]) -> tuple[int, tuple[str, ...]] | None:
        number, raw = numbered
        self.report.received += 1
        try:
            ids = read_id_sync_line(raw, self._file)
        except BadLine as error:
            self.report.fail(ErrorClass.FORMAT, number, str(error))
            return None
        for column, value in enumerate(ids):
            kind, source = self._column(column)
            if not is_good(kind, source, value):
                self.report.fail(
                    _CLASSES.get(kind, ErrorClass.FORMAT), number, f"column {column + 1} is no {kind.value}"
                )
                return None
        return number, ids

    def _column(self, column: int) -> tuple[IdKind, int]:
        column = min(column, len(self._sources) - 1)
        return self._kinds[column], self._sources[column]

    def _store(self, chunk: list[tuple[int, tuple[str, ...]]], now: int) -> None:
        profiles = [self._profiles(column, chunk, now) for column in range(len(self._sources))]
        links: list[list[Link]] = [[] for _ in self._sources]
        for number, ids in chunk:
            found = [profiles[min(column, len(profiles) - 1)].get(value) for column, value in enumerate(ids)]
            if None in found:
                self.report.fail(ErrorClass.NO_MATCHING_AAM_ID, number, "an id is not known")
                continue
            master, *others = (profile for profile in found if profile is not None)
            for column, other in enumerate(others, start=1):
                target = min(column, len(self._sources) - 1)
                links[target].append(self._link(master, other, self._sources[target], _seen(now, number)))
        for column, found_links in enumerate(links):
            if found_links:
                add_links(self._db, found_links, self._limits, self._most(column))
        self.report.devices += len({link.device for found_links in links for link in found_links})

    def _link(self, master: int, other: int, source: int, seen: int) -> Link:
        return Link(master, other, source, seen, AuthState.UNKNOWN, self._authenticates)

    def _most(self, column: int) -> int:
        if self._file.kind is IdSyncKind.HASHED_EMAILS:
            return self._limits.hashes_of_customer
        if self._kinds[column].is_device:
            return self._limits.devices_of_device
        return self._limits.customers_of_device

    def _profiles(self, column: int, chunk: list[tuple[int, tuple[str, ...]]], now: int) -> dict[str, int]:
        """Find the profiles of a column; the last one also stands for what is beyond it."""
        kind, source = self._kinds[column], self._sources[column]
        last = len(self._sources) if column < len(self._sources) - 1 else None
        stop = column + 1 if last else None
        values = list(dict.fromkeys(value for _, ids in chunk for value in ids[column:stop]))
        if not kind.is_aam_id:
            self._identities.add_ids(self._db, now, source, values)
        return self._identities.known_of(self._db, kind, source, values)


def _seen(now: int, number: int) -> int:
    """Tell when a line was seen, so that later ones are newer."""
    return now - max(0, _TEN_MINUTES - number)


_TEN_MINUTES = 600_000
_CLASSES = {
    IdKind.UUID: ErrorClass.INVALID_AAM_ID,
    IdKind.ECID: ErrorClass.INVALID_AAM_ID,
    IdKind.DEVICE: ErrorClass.INVALID_DEVICE_ID,
}
