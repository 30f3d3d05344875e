"""The recurring import: a signal names a CSV file, its recipients are found and put into a list (campaign 2.1, 3.9).

Scheduler or signal, file transfer, data loading, enrichment by a key, split, list update, extraction of rejects.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from audience_gateway_sandbox.campaign.database import Database
from audience_gateway_sandbox.people import Bucket
from audience_gateway_sandbox.workflows.reconciliation import VISITOR_KEY, Key, ReconciliationError, recipients_of
from audience_gateway_sandbox.workflows.tables import moment_text

Note = Callable[[str], None]
STATUS_COLUMN = "segmentMembershipStatus"
"""The column that the Experience Platform adds; `exited` takes a recipient out of the list (campaign 2.3)."""

_EXITED = "exited"
_DELIMITERS = ";\t,|"
_KEYS = {
    "ecid": Key(VISITOR_KEY),
    "email_lc_sha256": Key("@email", "sha256", lower_case=True),
    "phone_sha256": Key("@mobilePhone", "sha256"),
}
_REJECTS = "rejects/"
_ADD = "INSERT INTO membership (group_id, recipient_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
_REMOVE = "DELETE FROM membership WHERE group_id = ? AND recipient_id = ?"


@dataclass(frozen=True, slots=True)
class _Table:
    """A file as it was read: which delimiter, its columns, its rows."""

    delimiter: str
    columns: Sequence[str]
    rows: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class FileImport:
    """The workflow.

    Attributes:
        database: Campaign's tables, by a connection of its own.
        bucket: where files are dropped for it.
    """

    database: Database
    bucket: Bucket

    def run(self, variables: Mapping[str, str], now: datetime, note: Note) -> None:
        """Import a file.

        Args:
            variables: `fileName`; `listName`; `keyColumn`, by default the first column: an attribute of recipients,
                `ECID`, `email_lc_sha256` or `phone_sha256`; `purge`, `true` to empty the list first.
            now: when the list is created, if it is.
            note: takes what came of it.
        """
        try:
            table = _read(self.bucket.get(variables.get("fileName", "")).decode("utf-8-sig"))
        except (OSError, ValueError):
            note("The file cannot be read: it is not there, or it is no CSV file with a header in UTF-8.")
            return
        column = variables.get("keyColumn") or table.columns[0]
        name = variables.get("listName", "")
        if not name or column not in table.columns:
            note("The file cannot be imported: it needs a list's name and a column of keys.")
            return
        try:
            found = recipients_of(self.database, _key(column), {row[column] for row in table.rows})
        except ReconciliationError as error:
            note(f"The file cannot be imported: {error}")
            return
        self._update_list(name, [(row, found.get(row[column], set())) for row in table.rows], variables, now)
        rejects = [row for row in table.rows if row[column] not in found]
        self._extract(variables["fileName"], table, rejects)
        note(f"The list '{name}' was updated: {len(table.rows)} rows, {len(rejects)} of them rejected.")

    def _update_list(
        self,
        name: str,
        rows: Sequence[tuple[Mapping[str, str], set[int]]],
        variables: Mapping[str, str],
        now: datetime,
    ) -> None:
        self.database.commit()  # what has been read must not hold up the write
        with self.database:
            group = self._list(name, now)
            if variables.get("purge", "").lower() in {"true", "1"}:
                self.database.execute("DELETE FROM membership WHERE group_id = ?", (group,))
            for row, recipients in rows:
                change = _REMOVE if row.get(STATUS_COLUMN, "").lower() == _EXITED else _ADD
                self.database.executemany(change, ((group, recipient) for recipient in recipients))

    def _list(self, name: str, now: datetime) -> int:
        known = "SELECT id FROM list_group WHERE name = ?"
        row = self.database.execute(known, (name,)).fetchone()
        if row is None:
            self.database.execute(
                'INSERT INTO list_group (name, label, created, "lastModified") VALUES (?, ?, ?, ?)',
                (name, name, moment_text(now), moment_text(now)),
            )
            row = self.database.execute(known, (name,)).fetchone()
        return int(row[0])

    def _extract(self, file_name: str, table: _Table, rejects: Sequence[Mapping[str, str]]) -> None:
        if not rejects:
            return
        text = StringIO()
        writer = csv.DictWriter(text, table.columns, delimiter=table.delimiter, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rejects)
        self.bucket.put(f"{_REJECTS}{file_name}", text.getvalue().encode())


def _read(text: str) -> _Table:
    header = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.DictReader(StringIO(text), delimiter=delimiter, restkey="", restval="", strict=True)
    try:
        rows = [{name: value or "" for name, value in row.items() if name} for row in reader]
    except csv.Error:
        raise ValueError("no CSV") from None
    if not reader.fieldnames:
        raise ValueError("no header")
    return _Table(delimiter, reader.fieldnames, rows)


def _key(column: str) -> Key:
    return _KEYS.get(column.lower()) or Key(f"@{column}")
