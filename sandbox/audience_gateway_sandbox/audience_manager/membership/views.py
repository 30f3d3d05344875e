"""Which profiles a merge rule puts together for a device (audience-manager 7)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from audience_gateway_sandbox.audience_manager.membership.logins import Logins, devices_by_customer, last_logins
from audience_gateway_sandbox.audience_manager.objects import AuthenticatedOption, DeviceOption, MergeRule

MOST_LINKED_DEVICES = 100
"""Devices of a Profile Link graph, the one that is looked at included."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of one visitor at this moment, for evaluations in real time.

    Attributes:
        device: profile of the device.
        customers: by data source, the profile of the customer that is logged in on it.
    """

    device: int
    customers: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Views:
    """Profiles by device.

    Attributes:
        rule: how they are put together.
        logins: whose authenticated profiles belong to a device.
        devices: by customer, the devices of a Profile Link graph; empty without one.
    """

    rule: MergeRule
    logins: Logins
    devices: Mapping[int, Sequence[int]]

    @classmethod
    def of(cls, db: sqlite3.Connection, rule: MergeRule, visit: Visit | None) -> Views:
        """Read who is logged in, or was last, as far as a rule asks for it; nobody is in a batch.

        An external device graph is not emulated: the device is looked at alone.
        """
        linked = rule.device is DeviceOption.PROFILE_LINK
        last = rule.authenticated is AuthenticatedOption.LAST
        only = None if visit is None or linked else [visit.device]
        read = last_logins(db, rule.authenticated_source_ids, only) if last or linked else {}
        if rule.authenticated is AuthenticatedOption.CURRENT and visit is not None:
            sources = rule.authenticated_source_ids
            current = [profile for source, profile in visit.customers.items() if source in sources]
            logins: Logins = {visit.device: current}
        else:
            logins = read if last else {}
        return cls(rule, logins, devices_by_customer(read) if linked else {})

    def profiles_of(self, device: int) -> Iterable[int]:
        """Tell the profiles that are looked at for a device."""
        customers = self.logins.get(device, ())
        found = dict.fromkeys([device] if self.rule.device is not DeviceOption.NONE else [])
        for customer in customers if self.devices else ():
            for other in self.devices.get(customer, ()):
                if len(found) < MOST_LINKED_DEVICES:
                    found[other] = None
        return [*found, *customers]

    def touched_by(self, profiles: Iterable[int]) -> set[int]:
        """Tell for which devices, among others, any of these profiles is looked at."""
        touched = set(profiles)
        users = devices_by_customer(self.logins)
        for profile in list(touched):
            touched.update(users.get(profile, ()))
        for device in list(touched) if self.devices else ():
            for customer in self.logins.get(device, ()):
                touched.update(self.devices.get(customer, ()))
        return touched
