"""Calls of the data collection servers, from their parameters to the profiles (audience-manager 6)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from audience_gateway_sandbox.audience_manager.data import AudienceData
from audience_gateway_sandbox.audience_manager.dcs.customer_ids import read_customer_ids, read_id_sync
from audience_gateway_sandbox.audience_manager.dcs.errors import Code
from audience_gateway_sandbox.audience_manager.dcs.parameters import Parameters
from audience_gateway_sandbox.audience_manager.dcs.trait_rules import fulfilled
from audience_gateway_sandbox.audience_manager.dcs.visitors import Visitor, customers_of, link_customers, new_uuid
from audience_gateway_sandbox.audience_manager.membership.members import Members
from audience_gateway_sandbox.audience_manager.membership.views import Visit
from audience_gateway_sandbox.audience_manager.objects import DestinationType, TraitType
from audience_gateway_sandbox.audience_manager.profiles.id_formats import AAM_UUID, IdKind, is_good
from audience_gateway_sandbox.audience_manager.profiles.identities import Device
from audience_gateway_sandbox.audience_manager.profiles.privacy import opt_out
from audience_gateway_sandbox.audience_manager.profiles.qualifications import realize
from audience_gateway_sandbox.audience_manager.store import moment_of

NO_TARGET = "NOTARGET"
"""The value of cookies of those who opted out; it never is an id."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        parameters: what it says.
        cookie: the device id of its cookie; empty without one.
        region: where it was answered.
        now: milliseconds since 1970.
    """

    parameters: Parameters
    cookie: str
    region: int
    now: int

    @property
    def is_by_cookie(self) -> bool:
        """Whether only the cookie tells whose the call is."""
        return not self.parameters.text("d_mid") and not self.parameters.text("d_uuid")


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a call.

    Attributes:
        device: whose it was; None if it was dropped or only named customers.
        errors: what was wrong with it.
        opted_out: nothing was kept, as the visitor has opted out.
        destinations: addresses that the browser is to call, as far as it asked for them.
    """

    device: Device | None
    errors: Sequence[Code] = ()
    opted_out: bool = False
    destinations: Sequence[dict[str, str]] = ()


class Events:
    """Takes calls.

    Args:
        data: the profiles.
    """

    def __init__(self, data: AudienceData) -> None:
        self._data = data

    def take(self, call: Call, *, makes_device: bool = True) -> Reply:
        """Take a call: link its ids, and realize its traits.

        Args:
            call: the call.
            makes_device: a call without a device id gets a new one.
        """
        if call.is_by_cookie and call.cookie == NO_TARGET:
            return Reply(None, [Code.OPTED_OUT], opted_out=True)
        with self._data.database.transaction() as db:
            if not self._is_of_organization(call.parameters):
                return Reply(None, [Code.BAD_ORGANIZATION])
            visitor, errors = self._visitor(db, call, makes_device=makes_device)
            if visitor is None:
                return Reply(None, errors)
            if visitor.has_opted_out(db):
                return Reply(visitor.device, [*errors, Code.OPTED_OUT], opted_out=True)
            authenticate = self._data.assumptions.id_syncs_authenticate
            link_customers(db, visitor, self._data.limits, call.now, id_syncs_authenticate=authenticate)
            errors += self._realize(db, call, visitor)
            return Reply(visitor.device, errors, destinations=self._destinations(db, call, visitor))

    def opt_out(self, call: Call) -> Reply:
        """Opt out whom a call names: a device, or customers with the device that each was seen on last."""
        with self._data.database.transaction() as db:
            if not self._is_of_organization(call.parameters):
                return Reply(None, [Code.BAD_ORGANIZATION])
            visitor, errors = self._visitor(db, call, makes_device=False)
            if visitor is not None:
                profiles = [visitor.device.profile] if visitor.device else []
                for profile in (*profiles, *(each for each, _ in visitor.customers)):
                    opt_out(db, profile, call.now)
            return Reply(visitor.device if visitor else None, errors, opted_out=visitor is not None)

    def has_opted_out(self, call: Call) -> bool:
        """Tell whether any of whom a call names has opted out; nothing is kept of it."""
        with self._data.database.transaction() as db:
            mid, uuid = call.parameters.text("d_mid"), call.parameters.text("d_uuid") or call.cookie
            device = self._data.identities.device(db, ecid=mid, uuid=uuid)
            return call.cookie == NO_TARGET or (device is not None and device.opted_out)

    def _is_of_organization(self, parameters: Parameters) -> bool:
        return parameters.text("d_orgid") in {"", self._data.identities.org_id}

    def _visitor(self, db: sqlite3.Connection, call: Call, *, makes_device: bool) -> tuple[Visitor | None, list[Code]]:
        """Find out who calls; None if the call names nobody that is good."""
        store = self._data.store
        ids, errors = read_customer_ids(call.parameters, store)
        synced, wrong = read_id_sync(call.parameters, store)
        device, bad = self._device(db, call, makes_device=makes_device)
        errors = [*bad, *errors, *wrong]
        customers = tuple(customers_of(db, self._data.identities, [*ids, *synced], call.now))
        if device is None and not customers:
            return None, errors
        return Visitor(device, customers), errors

    def _device(self, db: sqlite3.Connection, call: Call, *, makes_device: bool) -> tuple[Device | None, list[Code]]:
        mid, uuid = call.parameters.text("d_mid"), call.parameters.text("d_uuid")
        if mid and not is_good(IdKind.ECID, AAM_UUID, mid):
            return None, [Code.BAD_ECID]
        if not mid and uuid and not is_good(IdKind.UUID, AAM_UUID, uuid):
            return None, [Code.BAD_UUID]
        uuid = uuid or (call.cookie if is_good(IdKind.UUID, AAM_UUID, call.cookie) else "")
        if not mid and not uuid:
            if not makes_device:
                return None, []
            uuid = new_uuid()
        return self._data.identities.seen_device(db, call.now, call.region, uuid=uuid, ecid=mid), []

    def _realize(self, db: sqlite3.Connection, call: Call, visitor: Visitor) -> list[Code]:
        """Realize the traits that a call names, and those whose rules its signals fulfil."""
        traits = self._data.store.traits
        kinds = [TraitType.RULE_BASED]
        if self._data.assumptions.events_realize_onboarded:
            kinds.append(TraitType.ON_BOARDED)
        named = call.parameters.numbers("d_sid")
        given = traits.all(sid=tuple(named), trait_type=tuple(kinds)) if named else []
        chosen, whole = fulfilled(traits.all(trait_type=TraitType.RULE_BASED), call.parameters.signals())
        found = {trait.sid: trait.data_source_id for trait in (*given, *chosen)}
        for profile in visitor.written if found else ():
            realize(db, profile, found.items(), call.now, self._data.limits.traits)
        return [] if whole else [Code.TRAITS_NOT_EVALUATED]

    def _destinations(self, db: sqlite3.Connection, call: Call, visitor: Visitor) -> list[dict[str, str]]:
        """Name the addresses of URL destinations whose segments the visitor is in, if the call asks for them."""
        if call.parameters.text("d_dst") != "1" or visitor.device is None:
            return []
        store, today = self._data.store, moment_of(call.now).date()
        members = Members(db, store, call.now)
        visit = Visit(visitor.device.profile, visitor.logged_in)
        found = []
        for destination in store.destinations.all(destination_type=DestinationType.URL):
            for mapping in store.mappings.all(destination_id=destination.destination_id):
                segment = store.segments.get(mapping.sid)
                address = mapping.secure_url or mapping.url
                if address and segment is not None and mapping.is_sent_on(today) and members.has(segment, visit):
                    found.append({"c": address, "y": "img"})
        return found
