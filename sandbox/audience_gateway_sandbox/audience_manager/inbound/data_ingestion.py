"""Takes in one data file: who of its users is known, and what is to change for them (audience-manager 3.3 to 3.6)."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from audience_gateway_sandbox.audience_manager.inbound.lines import BadLine, Line, read_line
from audience_gateway_sandbox.audience_manager.inbound.names import DataFile, Mode
from audience_gateway_sandbox.audience_manager.inbound.report import ErrorClass, Report
from audience_gateway_sandbox.audience_manager.inbound.trait_choice import Choice, TraitChoice
from audience_gateway_sandbox.audience_manager.profiles.id_formats import GLOBAL_DEVICES, IdKind, is_good
from audience_gateway_sandbox.audience_manager.profiles.identities import Identities

MOST_LINES_OF_A_USER = 200
_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class _Read:
    number: int
    line: Line
    choice: Choice


class DataIngestion:
    """One file's way in.

    Args:
        db: the tables.
        identities: finds profiles.
        file: what the name of the file tells.
        kind: what its ids are.
        choice: decides on traits.
        number: of the file in the tables.
        now: milliseconds since 1970.
    """

    def __init__(
        self,
        *,
        db: sqlite3.Connection,
        identities: Identities,
        file: DataFile,
        kind: IdKind,
        choice: TraitChoice,
        number: int,
        now: int,
    ) -> None:
        self._db, self._identities, self._file, self._kind = db, identities, file, kind
        self._choice, self._number, self._now = choice, number, now
        self._lines_of_users: Counter[str] = Counter()
        self.report = Report()

    def take(self, lines: Iterable[tuple[int, bytes]]) -> Report:
        """Take in lines, each with its number, and account for every one."""
        read = self._read(lines)
        while chunk := list(islice(read, _CHUNK)):
            self._store(chunk)
        (self.report.devices,) = self._db.execute(
            "SELECT count(*) FROM inbound_user WHERE file = ?", (self._number,)
        ).fetchone()
        return self.report

    def _read(self, lines: Iterable[tuple[int, bytes]]) -> Iterator[_Read]:
        clears = self._file.mode is Mode.OVERWRITE
        for number, raw in lines:
            self.report.received += 1
            try:
                line = read_line(raw, names_devices=self._file.names_devices, may_be_empty=clears)
                self._check(line)
            except BadLine as error:
                self.report.fail(ErrorClass.FORMAT, number, str(error))
                continue
            if not self._is_good(line):
                kind = ErrorClass.INVALID_DEVICE_ID if self._kind is IdKind.DEVICE else ErrorClass.INVALID_AAM_ID
                self.report.fail(kind, number, f"the user is no {self._kind.value}")
                continue
            yield _Read(number, line, self._choice.of(line.items))

    def _check(self, line: Line) -> None:
        if not self._kind.is_aam_id and self._kind is not IdKind.DEVICE and not self._is_good(line):
            raise BadLine("the user has a colon")
        self._lines_of_users[line.user] += 1
        if self._lines_of_users[line.user] > MOST_LINES_OF_A_USER:
            raise BadLine(f"the user has more than {MOST_LINES_OF_A_USER} lines")

    def _is_good(self, line: Line) -> bool:
        kind = IdKind.DEVICE if line.data_source_id in GLOBAL_DEVICES else self._kind
        return is_good(kind, line.data_source_id or self._file.data_source_id, line.user)

    def _store(self, chunk: list[_Read]) -> None:
        profiles = self._profiles(chunk)
        users: list[tuple[int, int]] = []
        changes: list[tuple[int, int, int, int]] = []
        for read in chunk:
            profile = profiles.get((read.line.data_source_id, read.line.user))
            if profile is None:
                self.report.fail(ErrorClass.NO_MATCHING_AAM_ID, read.number, "the user is not known")
                continue
            self._count(read)
            if read.choice.is_empty and read.line.items.count:
                self.report.fail(ErrorClass.NO_TRAIT_REALIZED, read.number, "no item stands for a trait to change")
                continue
            users.append((self._number, profile))
            changes += [(self._number, profile, trait, 1) for trait in read.choice.realized]
            changes += [(self._number, profile, trait, 0) for trait in read.choice.removed]
        self._db.executemany("INSERT OR IGNORE INTO inbound_user VALUES (?, ?)", users)
        self._db.executemany("INSERT OR REPLACE INTO inbound_change VALUES (?, ?, ?, ?)", changes)

    def _count(self, read: _Read) -> None:
        report, choice = self.report, read.choice
        report.signals += read.line.items.count
        report.unused_signals += choice.unused
        report.realized_traits += len(choice.realized)
        report.removed_traits += len(choice.removed)
        report.failed_traits += choice.failed
        report.users_with_failed_traits += bool(choice.failed)

    def _profiles(self, chunk: list[_Read]) -> dict[tuple[int, str], int]:
        """Find the profiles of users; those of people and devices are made, all others have to be known."""
        found: dict[tuple[int, str], int] = {}
        for named in {read.line.data_source_id for read in chunk}:
            source = named or self._file.data_source_id
            kind = IdKind.DEVICE if named else self._kind
            users = list(dict.fromkeys(read.line.user for read in chunk if read.line.data_source_id == named))
            if kind in {IdKind.CUSTOMER, IdKind.DEVICE}:
                self._identities.add_ids(self._db, self._now, source, users)
            known = self._identities.known_of(self._db, kind, source, users)
            found |= {(named, user): profile for user, profile in known.items()}
        return found
