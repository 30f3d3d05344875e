"""Audience Manager's data: profiles, files, and what comes of them, over one SQLite file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.audience_manager import jobs
from audience_gateway_sandbox.audience_manager.audience_manager import AudienceManager
from audience_gateway_sandbox.audience_manager.files_history import FilesHistory
from audience_gateway_sandbox.audience_manager.inbound.files import InboundFiles
from audience_gateway_sandbox.audience_manager.inbound.settings import InboundSettings
from audience_gateway_sandbox.audience_manager.inbound.tables import TABLES as INBOUND_TABLES
from audience_gateway_sandbox.audience_manager.jobs import Jobs
from audience_gateway_sandbox.audience_manager.outbound.orders import OUTBOUND_BUCKET
from audience_gateway_sandbox.audience_manager.outbound.publishing import OutboundSettings, Publishing
from audience_gateway_sandbox.audience_manager.outbound.shipping import Shipping
from audience_gateway_sandbox.audience_manager.outbound.tables import TABLES as OUTBOUND_TABLES
from audience_gateway_sandbox.audience_manager.profile_counts import ProfileCounts
from audience_gateway_sandbox.audience_manager.profiles.database import ProfileDatabase
from audience_gateway_sandbox.audience_manager.profiles.identities import Identities
from audience_gateway_sandbox.audience_manager.profiles.limits import Limits
from audience_gateway_sandbox.audience_manager.store import Store
from audience_gateway_sandbox.clock import Clock
from audience_gateway_sandbox.people import Bucket, DropFaults

FILE = "profiles.sqlite"
INBOUND_BUCKET = "audienceManagerInbound"
"""Where partners put files; Campaign's have a bucket of their own."""


@dataclass(frozen=True, slots=True)
class DataBuckets:
    """Buckets by name.

    Attributes:
        inbound: those that files are taken from.
        outbound: those that files are put into.
    """

    inbound: Mapping[str, Bucket]
    outbound: Mapping[str, Bucket]

    @property
    def own(self) -> Mapping[str, Bucket]:
        """Those that are not Campaign's."""
        both = {**self.inbound, **self.outbound}
        return {name: both[name] for name in (INBOUND_BUCKET, OUTBOUND_BUCKET) if name in both}


@dataclass(frozen=True, slots=True)
class AudienceData:
    """Profiles, and the jobs that change them or tell of them.

    Attributes:
        database: the tables.
        store: the organisation's objects, by a connection of its own, which is only used within a transaction.
        identities: finds and makes profiles.
        history: tells what became of files.
        buckets: where files come from and go to.
        jobs: what happens by the clock.
        limits: how much is kept.
        assumptions: how it behaves where nobody says how.
    """

    database: ProfileDatabase
    store: Store
    identities: Identities
    history: FilesHistory
    buckets: DataBuckets
    jobs: Jobs
    limits: Limits
    assumptions: Assumptions

    @classmethod
    def opened(
        cls,
        directory: Path,
        store: Store,
        *,
        org_id: str,
        began: datetime,
        buckets: DataBuckets,
        faults: DropFaults,
        assumptions: Assumptions,
        not_published: frozenset[int] = frozenset(),
    ) -> AudienceData:
        """Open the file of a directory, making it if it is not there, and plan what is not planned yet.

        Args:
            directory: where the file is.
            store: the organisation's objects; closed with the data.
            org_id: the organisation.
            began: when the sandbox began.
            buckets: where files come from and go to.
            faults: what goes wrong with outbound files.
            assumptions: how it behaves where nobody says how.
            not_published: destinations that get their files from elsewhere.
        """
        database = ProfileDatabase(directory / FILE, INBOUND_TABLES + OUTBOUND_TABLES + jobs.TABLES)
        identities = Identities(org_id)
        limits = limits_of(assumptions)
        shipping = Shipping(database, buckets.outbound, faults)
        inbound = InboundFiles(database, store, identities, buckets.inbound, _inbound_settings(assumptions, limits))
        outbound = OutboundSettings(
            parts=assumptions.drop_parts, digits=assumptions.outbound_time_digits, not_published=not_published
        )
        planned = Jobs(
            database,
            store,
            inbound,
            Publishing(database, store, shipping, outbound),
            shipping,
            limits,
            timedelta(hours=assumptions.inbound_hours),
        )
        planned.plan(began, assumptions.outbound_hour)
        history = FilesHistory(ProfileDatabase(directory / FILE))
        return cls(database, store, identities, history, buckets, planned, limits, assumptions)

    def audience_manager(self, store: Store, clock: Clock) -> AudienceManager:
        """Make the REST API over the same organisation, with a store for the thread that answers calls."""
        counts = ProfileCounts(self.history.database, store)
        return AudienceManager(store, clock, self.assumptions, self.history, self.history, counts)

    def close(self) -> None:
        """Close the files."""
        self.history.database.close()
        self.database.close()
        self.store.close()


def limits_of(assumptions: Assumptions) -> Limits:
    """Tell the limits that are assumed."""
    return Limits(
        traits=assumptions.traits_of_profile,
        devices_of_customer=assumptions.devices_of_customer,
        customers_of_device=assumptions.customers_of_device,
        devices_of_device=assumptions.devices_of_device,
        device_days=assumptions.device_days,
        link_days=assumptions.device_days,
    )


def _inbound_settings(assumptions: Assumptions, limits: Limits) -> InboundSettings:
    return InboundSettings(
        limits=limits,
        latency=timedelta(hours=assumptions.inbound_usable_hours),
        strict_names=not assumptions.nine_digit_times,
        id_syncs_authenticate=assumptions.id_syncs_authenticate,
    )
