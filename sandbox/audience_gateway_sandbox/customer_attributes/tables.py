"""What is kept: sources, customers with their attributes, and what became of each file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from audience_gateway_sandbox.campaign.database import Database
from audience_gateway_sandbox.customer_attributes.attribute_sources import AttributeSource

TABLES = """
CREATE TABLE IF NOT EXISTS attribute_source (alias_id TEXT PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS attribute_file (
    id INTEGER PRIMARY KEY, alias_id TEXT NOT NULL, name TEXT NOT NULL, due TEXT NOT NULL,
    low_priority INTEGER NOT NULL, report TEXT);
CREATE TABLE IF NOT EXISTS attribute_customer (
    alias_id TEXT NOT NULL, customer_id TEXT NOT NULL, attributes TEXT NOT NULL, uploaded TEXT NOT NULL,
    PRIMARY KEY (alias_id, customer_id));
CREATE TABLE IF NOT EXISTS attribute_alias (
    alias_id TEXT NOT NULL, customer_id TEXT NOT NULL, devices INTEGER NOT NULL, PRIMARY KEY (alias_id, customer_id));
"""
_PUT = """INSERT INTO attribute_customer (alias_id, customer_id, attributes, uploaded) VALUES (?, ?, ?, ?)
    ON CONFLICT (alias_id, customer_id) DO UPDATE SET attributes = excluded.attributes, uploaded = excluded.uploaded"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of a file, as the page of its source tells.

    Attributes:
        state: `processed` or `failed`.
        at: when, on the sandbox's clock.
        low_priority: whether it came too soon after another one, so that it had to wait.
        message: why it failed, or what else is worth knowing; empty for nothing.
        records: its rows.
        new, updated, all: customers that were not there before, those that were, and those there are now.
        sync_percent: how many of the customers there are now have a device.
        cut_in_analytics: values longer than Analytics shows.
    """

    state: str
    at: str = ""
    low_priority: bool = False
    message: str = ""
    records: int = 0
    new: int = 0
    updated: int = 0
    all: int = 0
    sync_percent: float = 0.0
    cut_in_analytics: int = 0


@dataclass(frozen=True, slots=True)
class Queued:
    """A file that was picked up, until it has a report.

    Attributes:
        id: its number.
        alias_id: of the source.
        name: of the file.
        due: when it is processed.
        low_priority: whether it came too soon after another one.
    """

    id: int
    alias_id: str
    name: str
    due: str
    low_priority: bool


class Tables:
    """The tables, in a database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def source(self, alias_id: str) -> AttributeSource | None:
        """Find a source, a deleted one too."""
        text = "SELECT content FROM attribute_source WHERE alias_id = ?"
        row = self.database.execute(text, (alias_id,)).fetchone()
        return None if row is None else AttributeSource(**json.loads(row[0]))

    def sources(self) -> list[AttributeSource]:
        """List the sources that are not deleted."""
        rows = self.database.execute("SELECT content FROM attribute_source ORDER BY alias_id")
        found = (AttributeSource(**json.loads(content)) for (content,) in rows)
        return [source for source in found if not source.deleted]

    def keep(self, source: AttributeSource) -> None:
        """Store a source, instead of the one of its alias id."""
        text = "INSERT OR REPLACE INTO attribute_source (alias_id, content) VALUES (?, ?)"
        with self.database:
            self.database.execute(text, (source.alias_id, json.dumps(asdict(source))))

    def queue(self, alias_id: str, name: str, due: str, *, low_priority: bool) -> None:
        """Note a file that was picked up."""
        text = "INSERT INTO attribute_file (alias_id, name, due, low_priority) VALUES (?, ?, ?, ?)"
        with self.database:
            self.database.execute(text, (alias_id, name, due, low_priority))

    def queued(self) -> list[Queued]:
        """List the files without a report, the one that is due first in front."""
        rows = self.database.execute(
            "SELECT id, alias_id, name, due, low_priority FROM attribute_file WHERE report IS NULL ORDER BY due, id"
        )
        return [Queued(number, alias_id, name, due, bool(low)) for number, alias_id, name, due, low in rows]

    def reports(self, alias_id: str) -> list[tuple[str, Report | None]]:
        """List the files of a source with their reports, the oldest first; None for one that waits."""
        text = "SELECT name, report FROM attribute_file WHERE alias_id = ? ORDER BY id"
        rows = self.database.execute(text, (alias_id,))
        return [(name, Report(**json.loads(report)) if report else None) for name, report in rows]

    def last_due(self, alias_id: str) -> str:
        """Tell when the last file of a source was, or will be, processed; empty if there was none."""
        text = "SELECT coalesce(max(due), '') FROM attribute_file WHERE alias_id = ?"
        (due,) = self.database.execute(text, (alias_id,)).fetchone()
        return str(due)

    def report(self, file: Queued, report: Report) -> None:
        """Store what became of a file."""
        with self.database:
            self.database.execute(
                "UPDATE attribute_file SET report = ? WHERE id = ?", (json.dumps(asdict(report)), file.id)
            )

    def put(self, alias_id: str, customers: Iterable[tuple[str, Mapping[str, str]]], at: str) -> None:
        """Store customers, instead of those of their ids."""
        rows = ((alias_id, customer, json.dumps(attributes), at) for customer, attributes in customers)
        with self.database:
            self.database.executemany(_PUT, rows)

    def known(self, alias_id: str, ids: Sequence[str]) -> int:
        """Count which of some distinct ids are customers."""
        text = (
            "SELECT count(*) FROM attribute_customer WHERE alias_id = ?"
            " AND customer_id IN (SELECT value FROM json_each(?))"
        )
        (count,) = self.database.execute(text, (alias_id, json.dumps(list(ids)))).fetchone()
        return int(count)

    def customer(self, alias_id: str, customer_id: str) -> Mapping[str, Any] | None:
        """Find a customer's attributes."""
        text = "SELECT attributes FROM attribute_customer WHERE alias_id = ? AND customer_id = ?"
        row = self.database.execute(text, (alias_id, customer_id)).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def customers(self, alias_id: str) -> int:
        """Count the customers of a source."""
        text = "SELECT count(*) FROM attribute_customer WHERE alias_id = ?"
        (count,) = self.database.execute(text, (alias_id,)).fetchone()
        return int(count)

    def forget(self, alias_id: str) -> None:
        """Remove the customers of a source."""
        with self.database:
            self.database.execute("DELETE FROM attribute_customer WHERE alias_id = ?", (alias_id,))

    def alias(self, alias_id: str, devices: Mapping[str, int]) -> None:
        """Tell how many devices (ECIDs) customer ids have."""
        text = "INSERT OR REPLACE INTO attribute_alias (alias_id, customer_id, devices) VALUES (?, ?, ?)"
        with self.database:
            self.database.executemany(text, [(alias_id, customer, count) for customer, count in devices.items()])

    def aliased(self, alias_id: str, *, least: int = 1) -> int:
        """Count the customers that have at least so many devices."""
        text = (
            "SELECT count(*) FROM attribute_customer JOIN attribute_alias USING (alias_id, customer_id)"
            " WHERE alias_id = ? AND devices >= ?"
        )
        (count,) = self.database.execute(text, (alias_id, least)).fetchone()
        return int(count)

    def devices(self, alias_id: str, customer_id: str) -> int:
        """Tell how many devices a customer id has."""
        text = "SELECT devices FROM attribute_alias WHERE alias_id = ? AND customer_id = ?"
        row = self.database.execute(text, (alias_id, customer_id)).fetchone()
        return int(row[0]) if row else 0
