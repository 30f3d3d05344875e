"""The service: its sources, their customers, and what it reads from their accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.campaign.database import open_file
from audience_gateway_sandbox.customer_attributes.attribute_sources import AttributeSource, SourceError
from audience_gateway_sandbox.customer_attributes.pickup import PickUp
from audience_gateway_sandbox.customer_attributes.tables import TABLES, Report, Tables

DEFAULT_ALIAS = "crm"
HIGH_ALIASES, INVALID_ALIASES = 500, 10_000
"""An ID with so many devices is flagged, and invalidated (people-and-ids 8.2)."""
_FILE = "customer-attributes.sqlite"
_ACCOUNTS = "customerAttributes"


class CustomerAttributes:
    """Customer Attributes of one organisation.

    Args:
        directory: the sandbox's state.
        now: when it begins to look into accounts.
        assumptions: how soon it looks, and how long a file waits that came too soon.
    """

    def __init__(self, directory: Path, now: datetime, assumptions: Assumptions) -> None:
        self._tables = Tables(open_file(directory / _FILE, TABLES))
        self._pick_up = PickUp(
            directory / _ACCOUNTS,
            Tables(open_file(directory / _FILE, TABLES)),  # of its own, since it runs beside the calls
            assumptions.attributes_pickup_period,
            assumptions.attributes_low_priority,
            now,
        )
        if self._tables.source(DEFAULT_ALIAS) is None:
            self.create(AttributeSource(DEFAULT_ALIAS, "Customers"))
        self.run_due = self._pick_up.run_due

    def close(self) -> None:
        """Close the database."""
        self._tables.database.close()
        self._pick_up.tables.database.close()

    @property
    def next_due(self) -> datetime:
        """When there is something to do."""
        return self._pick_up.next_due

    def address(self, alias_id: str = DEFAULT_ALIAS) -> str:
        """Tell the address of a source's account: the root of what would be its SFTP account."""
        return self._pick_up.account(alias_id).resolve().as_uri()

    def sources(self) -> Sequence[str]:
        """Name the sources."""
        return [source.alias_id for source in self._tables.sources()]

    def create(self, source: AttributeSource) -> None:
        """Make a source. Raises SourceError if its alias ID was ever used."""
        if self._tables.source(source.alias_id) is not None:
            raise SourceError("The alias ID is taken: it can never be used again, even after its source was deleted.")
        self._tables.keep(source)
        self._pick_up.account(source.alias_id)

    def delete(self, alias_id: str) -> None:
        """Delete a source and its customers. Raises SourceError if it has subscriptions, KeyError if there is none."""
        source = self._unsubscribed(alias_id)
        self._tables.forget(alias_id)
        self._tables.keep(replace(source, deleted=True))

    def forget_schema(self, alias_id: str) -> None:
        """Have the next upload fix the columns anew; all attributes are deleted. Raises as `delete` does."""
        source = self._unsubscribed(alias_id)
        self._tables.forget(alias_id)
        self._tables.keep(replace(source, columns=()))

    def subscribe(self, alias_id: str, subscriptions: Mapping[str, Sequence[str]]) -> None:
        """Say who gets which attributes. Raises SourceError for what cannot be, KeyError if there is no source."""
        source = self._source(alias_id)
        if unknown := {name for names in subscriptions.values() for name in names} - set(source.columns[1:]):
            raise SourceError(f"There is no attribute `{min(unknown)}`.")
        self._tables.keep(replace(source, subscriptions=subscriptions))

    def alias(self, alias_id: str, devices: Mapping[str, int]) -> None:
        """Tell how many devices (ECIDs) customer IDs have. Raises KeyError if there is no source."""
        self._tables.alias(self._source(alias_id).alias_id, devices)

    def tell(self, alias_id: str) -> Mapping[str, Any]:
        """Tell what the page of a source tells. Raises KeyError if there is none."""
        source = self._source(alias_id)
        return {
            "alias_id": source.alias_id,
            "title": source.title,
            "account": self.address(alias_id),
            "columns": list(source.columns),
            "types": dict(source.types),
            "subscriptions": {name: list(attributes) for name, attributes in source.subscriptions.items()},
            "unique_customer_ids": self._tables.customers(alias_id),
            "ids_aliased": self._tables.aliased(alias_id),
            "high_alias_ids": self._tables.aliased(alias_id, least=HIGH_ALIASES),
            "invalidated_ids": self._tables.aliased(alias_id, least=INVALID_ALIASES),
            "files": [_file(name, report) for name, report in self._tables.reports(alias_id)],
        }

    def look_up(self, alias_id: str, customer_id: str) -> Mapping[str, Any]:
        """Tell what is known of a customer. Raises KeyError if nothing is, or there is no such source."""
        attributes = self._tables.customer(self._source(alias_id).alias_id, customer_id)
        if attributes is None:
            raise KeyError(customer_id)
        devices = self._tables.devices(alias_id, customer_id)
        return {
            "attributes": attributes,
            "devices": devices,
            "high_alias": devices >= HIGH_ALIASES,
            "invalidated": devices >= INVALID_ALIASES,
        }

    def _source(self, alias_id: str) -> AttributeSource:
        source = self._tables.source(alias_id)
        if source is None or source.deleted:
            raise KeyError(alias_id)
        return source

    def _unsubscribed(self, alias_id: str) -> AttributeSource:
        source = self._source(alias_id)
        if source.subscriptions:
            raise SourceError("The source has subscriptions: remove them first.")
        return source


def _file(name: str, report: Report | None) -> Mapping[str, Any]:
    return {"name": name, **(asdict(report) if report else {"state": "waiting"})}
