"""Sends what destinations are to be told, once a day (audience-manager 4)."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from audience_gateway_sandbox.audience_manager.membership.members import Members
from audience_gateway_sandbox.audience_manager.objects import Destination, DestinationType
from audience_gateway_sandbox.audience_manager.outbound.addresses import Addresses, Identifiers
from audience_gateway_sandbox.audience_manager.outbound.audience import (
    OutboundAudience,
    audience_for,
    last_told,
    mapped_segments,
    remember,
)
from audience_gateway_sandbox.audience_manager.outbound.file_names import Transfer
from audience_gateway_sandbox.audience_manager.outbound.lines import Lines
from audience_gateway_sandbox.audience_manager.outbound.orders import Order, SyncMode, order_of
from audience_gateway_sandbox.audience_manager.outbound.shipping import Shipment, Shipping
from audience_gateway_sandbox.audience_manager.outbound.template import Item, TemplateError
from audience_gateway_sandbox.audience_manager.outbound.transfer_lines import TransferUsers
from audience_gateway_sandbox.audience_manager.profiles.database import ProfileDatabase
from audience_gateway_sandbox.audience_manager.profiles.id_kinds import kind_of_id
from audience_gateway_sandbox.audience_manager.store import Store, milliseconds
from audience_gateway_sandbox.people.drops import split

_LOG = logging.getLogger(__name__)
_TRAITS = """
SELECT trait, last, EXISTS (SELECT 1 FROM realization WHERE realization.profile = qualification.profile
    AND realization.trait = qualification.trait) FROM qualification WHERE profile = ? ORDER BY trait
"""
_S3 = 1
"""The number of a way of transfer in the history; the documents show this one only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundSettings:
    """Settings.

    Attributes:
        parts: into how many files a transfer is split, if the destination does not say so.
        digits: of the time in names.
        not_published: destinations that somebody else sends files to.
    """

    parts: int = 1
    digits: int = 13
    not_published: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Publishing:
    """Makes the transfers of a day.

    Attributes:
        database: the profiles.
        store: the organisation's objects.
        shipping: lets their files appear.
        settings: how.
    """

    database: ProfileDatabase
    store: Store
    shipping: Shipping
    settings: OutboundSettings

    def publish(self, now: datetime) -> None:
        """Send to all server-to-server destinations what they are to be told."""
        with self.database.transaction() as db:
            for destination in self.store.destinations.all(destination_type=DestinationType.SERVER_TO_SERVER):
                if destination.status == "active" and destination.destination_id not in self.settings.not_published:
                    self._publish(db, destination, now)

    def _publish(self, db: sqlite3.Connection, destination: Destination, now: datetime) -> None:
        segments = mapped_segments(self.store, destination, now.date())
        if not segments:
            return
        kind = kind_of_id(self.store, destination.data_source_id)
        order = self._order(destination)
        if kind is None or order is None:
            _note(db, _Push(destination, SyncMode.FULL, now))
            return
        addresses = Addresses.read(db, kind, destination.data_source_id)
        members = Members(db, self.store, milliseconds(now))
        audience = audience_for(members, addresses, [segment for segment, _ in segments])
        keys = {segment.sid: key for segment, key in segments}
        for mode in order.modes:
            self._send(db, replace(order, keys=keys), mode, audience, now)
        remember(db, destination.destination_id, audience.users)

    def _order(self, destination: Destination) -> Order | None:
        try:
            order = order_of(destination, self.settings.parts)
        except TemplateError as error:
            _LOG.warning("The destination %d gets no files: %s.", destination.destination_id, error)
            return None
        return order if order.bucket in self.shipping.buckets else None

    def _send(
        self, db: sqlite3.Connection, order: Order, mode: SyncMode, audience: OutboundAudience, now: datetime
    ) -> None:
        transfer = _transfer(order, mode, now, self.settings.digits)
        lines = self._lines(db, order, transfer, audience)
        if lines:
            # Without anybody to tell of there is no file: whether one would be empty is an assumption of ours.
            name_of = partial(order.names.data_file, transfer)
            shipment = Shipment(order.bucket, order.names.root_of(transfer), name_of, split(lines, order.parts))
            self.shipping.send(db, shipment, now)
        name = order.names.data_file(transfer) if lines else ""
        _note(db, _Push(order.destination, mode, now, audience.members, len(lines), name, success=True))

    def _lines(
        self, db: sqlite3.Connection, order: Order, transfer: Transfer, audience: OutboundAudience
    ) -> list[bytes]:
        constants = {
            "PID": str(order.destination.pid),
            "PIDALIAS": order.alias,
            "ORDER_ID": str(transfer.destination_id),
            "DPID": str(transfer.data_source_id),
            "SYNC_MODE": transfer.mode,
            "SYNC_TYPE": transfer.sync_type,
        }
        lines = Lines(order.line, constants, transfer.master_id)
        traits = partial(_traits, db) if "<TRAIT_LIST" in order.line.text else _no_traits
        told = TransferUsers(audience.users, Identifiers.read(db), traits, order.keys)
        full = transfer.mode == SyncMode.FULL
        users = told.everybody() if full else told.changed(last_told(db, transfer.destination_id))
        return [lines.line(user).encode() for user in users]


@dataclass(frozen=True, slots=True)
class _Push:
    """A transfer, for the history."""

    destination: Destination
    mode: SyncMode
    made: datetime
    received: int = 0
    sent: int = 0
    name: str = ""
    success: bool = False


def _transfer(order: Order, mode: SyncMode, now: datetime, digits: int) -> Transfer:
    destination = order.destination
    return Transfer(
        destination_id=destination.destination_id,
        data_source_id=destination.data_source_id,
        master_id=destination.data_source_id,
        alias=order.alias,
        mode=mode,
        made=now,
        digits=digits,
    )


def _note(db: sqlite3.Connection, push: _Push) -> None:
    made = milliseconds(push.made)
    db.execute(
        "INSERT INTO outbound_push (destination, source, sync_type, is_full, received, attempted, succeeded, began,"
        " ended, name, success) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            push.destination.destination_id,
            push.destination.data_source_id,
            _S3,
            push.mode is SyncMode.FULL,
            push.received,
            push.sent,
            push.sent,
            made,
            made,
            push.name,
            push.success,
        ),
    )


def _traits(db: sqlite3.Connection, profile: int) -> list[Item]:
    """List the traits of a profile: 3 for those of rules, that are counted, 10 for onboarded ones."""
    return [
        {"sid": str(trait), "traitId": str(trait), "Id": str(trait), "type": "3" if counted else "10",
         "lastRealized": str(last)}
        for trait, last, counted in db.execute(_TRAITS, (profile,))
    ]  # fmt: skip


def _no_traits(_: int) -> list[Item]:
    return []
