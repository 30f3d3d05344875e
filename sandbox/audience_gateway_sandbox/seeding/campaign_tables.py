"""Fills Campaign's tables: recipients, tracking logs, and what Adobe provisions for audience sharing (campaign 1)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from audience_gateway_sandbox.seeding import recipients, tracking_logs
from audience_gateway_sandbox.seeding.audience import DATA_SOURCE_ID, DESTINATION_ID
from audience_gateway_sandbox.seeding.population import Population
from audience_gateway_sandbox.workflows import seeded_workflows

_FOLDERS = (
    (recipients.FOLDER, "nmsRootFolder", "Profiles and Targets"),
    (2, "nmsGroup", "Lists"),
)
_EXTERNAL_ACCOUNTS = (
    (1, "importSharedAudience", "Import audiences from the Adobe Marketing Cloud"),
    (2, "exportSharedAudience", "Export audiences to the Adobe Marketing Cloud"),
    (3, "Adobe_Marketing_Cloud", "Adobe Marketing Cloud"),
)
_OPTIONS = (("AAM_DataSourceId", str(DATA_SOURCE_ID)), ("AAM_DestinationId", str(DESTINATION_ID)))
_VISITOR_ID_SOURCE = {
    "id": 1,
    "name": "defaultDataSource",
    "label": "Recipient - Visitor ID",
    "targetingDimension": "nms:recipient",
    "reconciliationKey": "[trackingLog/@sourceId]",
    "aamDataSourceId": DATA_SOURCE_ID,
    "aamDestinationId": DESTINATION_ID,
    "hashAlgorithm": "none",
}


def fill_campaign(database: sqlite3.Connection, population: Population) -> None:
    """Fill the empty tables of a new instance, in one transaction."""
    with database:
        _insert(database, "folder", ("id", "name", "label"), _FOLDERS)
        _insert(database, "ext_account", ("id", "name", "label"), _EXTERNAL_ACCOUNTS)
        _insert(database, "option", ("name", "value"), _OPTIONS)
        _insert(database, "workflow", ("id", "internalName", "label", "state"), seeded_workflows())
        _insert(database, "data_source", tuple(_VISITOR_ID_SOURCE), [tuple(_VISITOR_ID_SOURCE.values())])
        with _indexed_afterwards(database):
            _insert(database, "recipient", recipients.COLUMNS, recipients.recipient_rows(population))
            _insert(database, "tracking_log", tracking_logs.COLUMNS, tracking_logs.tracking_log_rows(population))


@contextmanager
def _indexed_afterwards(database: sqlite3.Connection) -> Iterator[None]:
    """Drop the indexes and make them again at the end: several times faster than to keep them up row by row."""
    indexes = database.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        database.execute(definition)


def _insert(
    database: sqlite3.Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    places = ", ".join("?" * len(columns))
    # All names are constants of this package.
    database.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)  # noqa: S608 - see above
