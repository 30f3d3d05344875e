"""Carries out operations of the Customer Data API."""

from __future__ import annotations

import sqlite3

from audience_gateway_sandbox.audience_manager.customer_data.operations import BadOperation, Operation, OperationType
from audience_gateway_sandbox.audience_manager.data import AudienceData
from audience_gateway_sandbox.audience_manager.dcs.trait_rules import fulfilled
from audience_gateway_sandbox.audience_manager.profiles.id_formats import IdKind
from audience_gateway_sandbox.audience_manager.profiles.links import Link, add_links
from audience_gateway_sandbox.audience_manager.profiles.privacy import is_opted_out
from audience_gateway_sandbox.audience_manager.profiles.qualifications import realize, remove, remove_of_source


def write(data: AudienceData, operation: Operation, now: int) -> None:
    """Carry out an operation. Traits go to the customers that it names, else to its devices.

    Traits of any type are written by id, as this is the write path without files; that is an assumption of ours.
    Raises BadOperation if the profile has opted out.
    """
    with data.database.transaction() as db:
        profiles = _profiles(db, data, operation, now)
        if any(is_opted_out(db, profile) for profile in profiles):
            raise BadOperation("The profile has opted out.")
        _link(db, data, profiles, operation, now)
        traits = _traits(data, operation)
        people = [profile for profile, (kind, _) in profiles.items() if kind is IdKind.CUSTOMER]
        for profile in people or profiles:
            _write(db, profile, traits, operation, now=now, most=data.limits.traits)


def _profiles(
    db: sqlite3.Connection, data: AudienceData, operation: Operation, now: int
) -> dict[int, tuple[IdKind, int]]:
    """Find or make the profiles of an operation's ids."""
    region = operation.region or data.assumptions.dcs_region
    found: dict[int, tuple[IdKind, int]] = {}
    for each in operation.identities:
        if each.kind.is_aam_id:
            ids = {"ecid": each.value} if each.kind is IdKind.ECID else {"uuid": each.value}
            profile = data.identities.seen_device(db, now, region, **ids).profile
        else:
            profile = data.identities.seen_id(db, now, each.data_source_id, each.value)
        found[profile] = each.kind, each.data_source_id
    return found


def _link(
    db: sqlite3.Connection,
    data: AudienceData,
    profiles: dict[int, tuple[IdKind, int]],
    operation: Operation,
    now: int,
) -> None:
    if operation.type is OperationType.DELETE:
        return
    devices = [profile for profile, (kind, _) in profiles.items() if kind.is_device]
    for profile, (kind, source) in profiles.items():
        if kind is IdKind.CUSTOMER:
            links = [Link(device, profile, source, now, authenticates=True) for device in devices]
            add_links(db, links, data.limits, data.limits.customers_of_device)


def _traits(data: AudienceData, operation: Operation) -> dict[int, int]:
    """Choose the traits of an operation, each with its data source; numbers that are of no trait are passed over."""
    store = data.store.traits
    named = store.all(sid=tuple(operation.trait_ids)) if operation.trait_ids else []
    chosen, _ = fulfilled(store.all() if operation.signals else [], operation.signals)
    targets = operation.targets
    return {
        trait.sid: trait.data_source_id for trait in (*named, *chosen) if not targets or trait.data_source_id in targets
    }


def _write(
    db: sqlite3.Connection, profile: int, traits: dict[int, int], operation: Operation, *, now: int, most: int
) -> None:
    if operation.type is OperationType.DELETE:
        remove(db, profile, traits)
        return
    if operation.type is OperationType.OVERWRITE:
        remove_of_source(db, profile, operation.targets[0])
    realize(db, profile, traits.items(), now, most)
