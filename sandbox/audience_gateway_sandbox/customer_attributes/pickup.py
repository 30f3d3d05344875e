"""Picks data files up from the accounts of sources, when they are due (people-and-ids 8.1, 8.2).

A file is looked at once its empty `.fin` is there. Once it is done with, both are moved to `processed` or `failed`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from audience_gateway_sandbox.customer_attributes.attribute_sources import AttributeSource
from audience_gateway_sandbox.customer_attributes.data_files import base_of
from audience_gateway_sandbox.customer_attributes.processing import process
from audience_gateway_sandbox.customer_attributes.tables import Queued, Report, Tables

FREQUENCY = timedelta(minutes=30)
"""A file that comes sooner after the last one waits longer."""


@dataclass(slots=True)
class PickUp:
    """The looks into the accounts.

    Attributes:
        directory: holds an account, a directory, for each source.
        tables: what is kept.
        period: time between two looks.
        low_priority: how long a file waits that came too soon.
        next_look: when it looks next.
        next_due: when there is something to do.
    """

    directory: Path
    tables: Tables
    period: timedelta
    low_priority: timedelta
    next_look: datetime
    next_due: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.next_due = self.next_look

    def account(self, alias_id: str) -> Path:
        """Tell the account of a source, making it if it is not there."""
        account = self.directory / alias_id
        account.mkdir(parents=True, exist_ok=True)
        return account

    def run_due(self, now: datetime) -> None:
        """Do what is due, in its order. Nothing comes in during a jump, so that looking once is enough."""
        if self.next_look <= now:
            self._look(self.next_look)
            self.next_look += ((now - self.next_look) // self.period + 1) * self.period
        for file in self.tables.queued():
            due = datetime.fromisoformat(file.due)
            if due <= now:
                self._take(file, due)
        self.next_due = min([self.next_look, *(datetime.fromisoformat(file.due) for file in self.tables.queued()[:1])])

    def _look(self, now: datetime) -> None:
        waiting = {(file.alias_id, file.name) for file in self.tables.queued()}
        for source in self.tables.sources():
            for name in _complete(self.account(source.alias_id)):
                if (source.alias_id, name) not in waiting:
                    soon = self._comes_soon(source, now)
                    due = now + self.low_priority if soon else now
                    self.tables.queue(source.alias_id, name, due.isoformat(), low_priority=soon)

    def _comes_soon(self, source: AttributeSource, now: datetime) -> bool:
        last = self.tables.last_due(source.alias_id)
        return bool(last) and now < datetime.fromisoformat(last) + FREQUENCY

    def _take(self, file: Queued, now: datetime) -> None:
        source = self.tables.source(file.alias_id)
        account = self.account(file.alias_id)
        path = account / file.name
        if source is None or source.deleted or not path.is_file():
            report = Report(state="failed", message="It is gone.")
        else:
            report = process(self.tables, source, path, now)
            for moved in (path, account / f"{base_of(file.name)}.fin"):
                _move(moved, account / report.state)
        self.tables.report(file, replace(report, at=now.isoformat(), low_priority=file.low_priority))


def _complete(account: Path) -> Iterator[str]:
    """Name the data files that are complete, in the order in which they became so."""
    files = {file.name: file.stat().st_mtime_ns for file in account.iterdir() if file.is_file()}
    complete = [
        (files[f"{base}.fin"], name)
        for name in files
        if (base := base_of(name)) is not None and not name.startswith(".") and f"{base}.fin" in files
    ]
    return (name for _, name in sorted(complete))


def _move(file: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    if file.exists():
        file.replace(folder / file.name)
