"""Who calls: the device, and the customers on it."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from audience_gateway_sandbox.audience_manager.dcs.customer_ids import CustomerId
from audience_gateway_sandbox.audience_manager.profiles.id_formats import IdKind
from audience_gateway_sandbox.audience_manager.profiles.identities import Device, Identities
from audience_gateway_sandbox.audience_manager.profiles.limits import Limits
from audience_gateway_sandbox.audience_manager.profiles.links import AuthState, Link, add_links
from audience_gateway_sandbox.audience_manager.profiles.privacy import is_opted_out

_HALF = 2**63


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who calls.

    Attributes:
        device: the device; None if the call names only customers.
        customers: profiles of the ids of the call, each with its id.
    """

    device: Device | None
    customers: Sequence[tuple[int, CustomerId]] = field(default_factory=tuple)

    @property
    def logged_in(self) -> dict[int, int]:
        """The profiles of the customers that are logged in, by data source."""
        return {
            id_.data_source_id: profile
            for profile, id_ in self.customers
            if id_.state is AuthState.AUTHENTICATED and id_.kind is IdKind.CUSTOMER
        }

    @property
    def written(self) -> list[int]:
        """The profiles that traits of the call go to: customers who are logged in, else the device."""
        customers = list(self.logged_in.values())
        return customers or ([self.device.profile] if self.device else [])

    def has_opted_out(self, db: sqlite3.Connection) -> bool:
        """Tell whether the device or any of the customers has opted out."""
        profiles = [self.device.profile] if self.device else []
        return any(is_opted_out(db, profile) for profile in (*profiles, *(each for each, _ in self.customers)))


def new_uuid() -> str:
    """Make a device id at random."""
    return f"{secrets.randbelow(_HALF):019d}{secrets.randbelow(_HALF):019d}"


def customers_of(
    db: sqlite3.Connection, identities: Identities, ids: Sequence[CustomerId], now: int
) -> Iterator[tuple[int, CustomerId]]:
    """Find or make the profiles of ids; a 38-digit one has to be known."""
    for id_ in ids:
        if not id_.kind.is_aam_id:
            yield identities.seen_id(db, now, id_.data_source_id, id_.value), id_
        elif (known := identities.known(db, id_.kind, id_.data_source_id, id_.value)) is not None:
            yield known, id_


def link_customers(
    db: sqlite3.Connection, visitor: Visitor, limits: Limits, now: int, *, id_syncs_authenticate: bool
) -> None:
    """Remember that the customers of a call were seen on its device, all states alike."""
    if visitor.device is None:
        return
    for profile, id_ in visitor.customers:
        authenticates = id_.state is AuthState.AUTHENTICATED or (id_.is_id_sync and id_syncs_authenticate)
        link = Link(visitor.device.profile, profile, id_.data_source_id, now, id_.state, authenticates)
        most = limits.customers_of_device if id_.kind is IdKind.CUSTOMER else limits.devices_of_device
        add_links(db, [link], limits, most)
