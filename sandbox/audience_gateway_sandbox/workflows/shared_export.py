"""Exports to shared audiences: the activity that marks ids, the technical workflow that writes them (campaign 1.5)."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from audience_gateway_sandbox.campaign.database import Database
from audience_gateway_sandbox.people import Bucket
from audience_gateway_sandbox.workflows.reconciliation import Key, ReconciliationError, ids_of_list

Note = Callable[[str], None]
_DEFAULT_SOURCE = "defaultDataSource"
_SOURCE = 'SELECT "aamDataSourceId", "reconciliationKey", "hashAlgorithm" FROM data_source WHERE name = ?'
_FASTEST = 1


@dataclass(frozen=True, slots=True)
class SharedExport:
    """What waits for its export, and the export.

    Attributes:
        database: Campaign's tables, by a connection of its own.
        bucket: where the Experience Cloud takes files from.
    """

    database: Database
    bucket: Bucket

    def update_audience(self, variables: Mapping[str, str], note: Note) -> None:
        """Mark the ids of a list's members for a shared audience: the activity "Update shared audience".

        Args:
            variables: `listName`, `audienceId` (Audience Manager's trait), and `dataSource`, which may be left out.
            note: takes what came of it: Results are the ids, Complement the members that have none.
        """
        row = self.database.execute(_SOURCE, (variables.get("dataSource", _DEFAULT_SOURCE),)).fetchone()
        group = self.database.execute(
            "SELECT id FROM list_group WHERE name = ?", (variables.get("listName", ""),)
        ).fetchone()
        audience = variables.get("audienceId", "")
        if row is None or group is None or not audience.isdecimal():
            note("The audience cannot be updated: it needs a list, an audience id and a data source that are there.")
            return
        try:
            ids, complement = ids_of_list(self.database, Key(row[1], row[2]), group[0])
        except ReconciliationError as error:
            note(f"The audience cannot be updated: {error}")
            return
        self.database.commit()  # what has been read must not hold up the write
        with self.database:
            self.database.executemany(
                "INSERT INTO shared_export (aam_source_id, audience_id, member) VALUES (?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                ((row[0], int(audience), id_) for id_ in ids),
            )
        note(f"The audience {audience} is to be updated: Results {len(ids)}, Complement {complement}.")

    def run(self, now: datetime, note: Note) -> None:
        """Write what waits, one file for each data source; members are only ever added."""
        waiting: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        rows = (
            "SELECT aam_source_id, audience_id, member FROM shared_export ORDER BY aam_source_id, member, audience_id"
        )
        for source, audience, member in self.database.execute(rows):
            waiting[source][member].append(audience)
        for source, members in waiting.items():
            key = f"date={now:%Y-%m-%d}/ftp_dpm_{source}_{int(now.timestamp()):010d}.sync.gz"
            self.bucket.put(key, gzip.compress(_lines(members), compresslevel=_FASTEST, mtime=0))
            with self.database:
                self.database.execute("DELETE FROM shared_export WHERE aam_source_id = ?", (source,))
            note(f"{len(members)} ids were exported.")


def _lines(members: Mapping[str, list[int]]) -> bytes:
    return "".join(
        f"{member}\t{','.join(f'd_sid={audience}' for audience in audiences)}\n"
        for member, audiences in members.items()
    ).encode()
