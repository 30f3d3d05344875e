"""Inbound files from the bucket to the profiles (audience-manager 3)."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from audience_gateway_sandbox.audience_manager.inbound import changes
from audience_gateway_sandbox.audience_manager.inbound.content import Unprocessable, lines_of
from audience_gateway_sandbox.audience_manager.inbound.data_ingestion import DataIngestion
from audience_gateway_sandbox.audience_manager.inbound.id_sync_ingestion import IdSyncIngestion
from audience_gateway_sandbox.audience_manager.inbound.names import BadName, DataFile, IdSyncFile, Mode, read_name
from audience_gateway_sandbox.audience_manager.inbound.places import PROCESSED, mark_processed, name_of, waiting_in
from audience_gateway_sandbox.audience_manager.inbound.settings import KEPT_IN_BUCKET, InboundSettings
from audience_gateway_sandbox.audience_manager.inbound.stage import Stage
from audience_gateway_sandbox.audience_manager.inbound.trait_choice import TraitChoice
from audience_gateway_sandbox.audience_manager.objects import DataSource
from audience_gateway_sandbox.audience_manager.profiles.database import ProfileDatabase
from audience_gateway_sandbox.audience_manager.profiles.id_kinds import kind_of_id
from audience_gateway_sandbox.audience_manager.profiles.identities import Identities
from audience_gateway_sandbox.audience_manager.store import Store, milliseconds, moment_of
from audience_gateway_sandbox.people import Bucket, Stored

_LOG = logging.getLogger(__name__)
_INSERT = (
    "INSERT INTO inbound_file (bucket, key, version, stage, began, ended, finding) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " RETURNING id"
)


class _Ignored(Exception):
    """A file that stays where it is; the text says why."""


@dataclass(frozen=True, slots=True)
class InboundFiles:
    """Takes files in.

    Attributes:
        database: the profiles.
        store: the organisation's objects.
        identities: finds profiles.
        buckets: where files are taken from, by name.
        settings: how.
    """

    database: ProfileDatabase
    store: Store
    identities: Identities
    buckets: Mapping[str, Bucket]
    settings: InboundSettings

    def take(self, now: datetime) -> int:
        """Take in what waits, each file by itself, and remove what was processed long ago. Tells how many were read."""
        taken = 0
        for name, bucket in self.buckets.items():
            # No order is promised, and one by name would be taken for a promise.
            for stored in sorted(waiting_in(bucket), key=lambda each: hashlib.sha256(each.key.encode()).digest()):
                try:
                    taken += self._take(name, bucket, stored, now)
                except OSError:
                    _LOG.warning("A file of the bucket %s cannot be taken now; it is looked at again.", name)
        self._remove_old(now)
        return taken

    def _take(self, place: str, bucket: Bucket, stored: Stored, now: datetime) -> bool:
        with self.database.transaction() as db:
            known = db.execute(
                "SELECT stage FROM inbound_file WHERE bucket = ? AND key = ? AND version = ?",
                (place, stored.key, stored.version),
            ).fetchone()
        stage = self._process(place, bucket, stored, now) if known is None else Stage(known[0])
        if stage is Stage.REJECTED:
            bucket.delete(stored.key)
        elif stage is not Stage.IGNORED:
            mark_processed(bucket, stored.key, bucket.get(stored.key))
        return known is None

    def _process(self, place: str, bucket: Bucket, stored: Stored, now: datetime) -> Stage:
        moment = milliseconds(now)
        with self.database.transaction() as db:
            (number,) = db.execute(
                _INSERT, (place, stored.key, stored.version, Stage.PROCESSED, moment, moment, "")
            ).fetchone()
            stage, finding = Stage.PROCESSED, ""
            db.execute("SAVEPOINT taking")
            try:
                finding = self._ingest(db, number, self._name(stored.key), bucket.get(stored.key), now)
            except (BadName, Unprocessable, _Ignored) as error:
                db.execute("ROLLBACK TO taking")
                stage = Stage.IGNORED if isinstance(error, _Ignored) else Stage.REJECTED
                finding = str(error)
            db.execute("RELEASE taking")
            db.execute("UPDATE inbound_file SET stage = ?, finding = ? WHERE id = ?", (stage, finding, number))
        return stage

    def _name(self, key: str) -> DataFile | IdSyncFile:
        name = name_of(key)
        if name is None:
            raise _Ignored("it is in a folder whose name does not end with a day, date=yyyy-mm-dd")
        return read_name(name, strict=self.settings.strict_names)

    def _ingest(
        self, db: sqlite3.Connection, number: int, file: DataFile | IdSyncFile, content: bytes, now: datetime
    ) -> str:
        """Take in the lines of a file, and tell its warning."""
        moment = milliseconds(now)
        if isinstance(file, IdSyncFile):
            report = self._id_sync(db, file).take(lines_of(content, is_gzip=file.is_gzip), moment)
            source, target, replaces, usable = file.data_source_ids[0], file.data_source_ids[1], False, moment
        else:
            report = self._data(db, number, file, moment).take(lines_of(content, is_gzip=file.is_gzip))
            source, target, replaces = file.data_source_id, file.target_id, file.mode is Mode.OVERWRITE
            usable = milliseconds(now + self.settings.latency)
        told = report.told(sampled=self._is_sampled(source, now))
        db.execute(
            "UPDATE inbound_file SET source = ?, target = ?, replaces = ?, usable = ?, report = ? WHERE id = ?",
            (source, target, replaces, usable, json.dumps(told), number),
        )
        return file.warning

    def _data(self, db: sqlite3.Connection, number: int, file: DataFile, now: int) -> DataIngestion:
        if file.is_encrypted:
            raise _Ignored("encrypted files are not opened here: send it plain or compressed by gzip")
        kind = kind_of_id(self.store, file.data_source_id)
        if kind is None or self.store.data_sources.get(file.target_id) is None:
            raise Unprocessable("the organisation has no such data source")
        traits = self.store.traits.all(data_source_id=file.target_id)
        return DataIngestion(
            db=db,
            identities=self.identities,
            file=file,
            kind=kind,
            choice=TraitChoice(traits, removes=file.mode is Mode.SYNC),
            number=number,
            now=now,
        )

    def _id_sync(self, db: sqlite3.Connection, file: IdSyncFile) -> IdSyncIngestion:
        kinds = {source: kind_of_id(self.store, source) for source in file.data_source_ids}
        known = {source: kind for source, kind in kinds.items() if kind is not None}
        if len(known) < len(kinds):
            raise Unprocessable("the organisation has no such data source")
        authenticates = self.settings.id_syncs_authenticate
        return IdSyncIngestion(db, self.identities, file, known, self.settings.limits, authenticates=authenticates)

    def _is_sampled(self, data_source_id: int, now: datetime) -> bool:
        source: DataSource | None = self.store.data_sources.get(data_source_id)
        if source is None or not source.sampling_enabled:
            return False
        start, end = source.sampling_start_time, source.sampling_end_time
        return start is not None and end is not None and start <= now < end

    def next_usable(self) -> datetime | None:
        """Tell when the next file becomes usable; None if none is waiting."""
        with self.database.transaction() as db:
            (first,) = db.execute("SELECT min(usable) FROM inbound_file WHERE stage = ?", (Stage.PROCESSED,)).fetchone()
        return None if first is None else moment_of(first)

    def make_usable(self, now: datetime) -> None:
        """Let the traits of processed files count whose time has come."""
        for number in list(self._due(milliseconds(now))):
            with self.database.transaction() as db:
                changes.apply(db, number, self.settings.limits.traits)
                db.execute("UPDATE inbound_file SET stage = ? WHERE id = ?", (Stage.USABLE, number))

    def _due(self, now: int) -> Iterator[int]:
        with self.database.transaction() as db:
            rows = db.execute(
                "SELECT id FROM inbound_file WHERE stage = ? AND usable <= ? ORDER BY usable, id",
                (Stage.PROCESSED, now),
            ).fetchall()
        return (number for (number,) in rows)

    def _remove_old(self, now: datetime) -> None:
        with self.database.transaction() as db:
            old = db.execute(
                "SELECT id, bucket, key FROM inbound_file WHERE removed = 0 AND stage IN (?, ?) AND began <= ?",
                (Stage.PROCESSED, Stage.USABLE, milliseconds(now - KEPT_IN_BUCKET)),
            ).fetchall()
        for number, place, key in old:
            if place in self.buckets:
                self.buckets[place].delete(f"{key}{PROCESSED}")
            with self.database.transaction() as db:
                db.execute("UPDATE inbound_file SET removed = ? WHERE id = ?", (milliseconds(now), number))
