"""Everything of one sandbox but its port: database, clock, systems, and what they remember."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from audience_gateway_sandbox import credentials
from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.audience_manager import AudienceManager
from audience_gateway_sandbox.audience_manager.data import FILE, INBOUND_BUCKET, AudienceData, DataBuckets
from audience_gateway_sandbox.audience_manager.outbound.orders import OUTBOUND_BUCKET
from audience_gateway_sandbox.audience_manager.platform_audiences import PlatformAudiences
from audience_gateway_sandbox.audience_manager.store import Store
from audience_gateway_sandbox.campaign.campaign import Campaign, Faults
from audience_gateway_sandbox.campaign.database import open_database
from audience_gateway_sandbox.campaign.instance import V7, Edition
from audience_gateway_sandbox.campaign.sessions import Sessions
from audience_gateway_sandbox.clock import Clock
from audience_gateway_sandbox.customer_attributes import CustomerAttributes
from audience_gateway_sandbox.faults import BrokenCalls, Switches
from audience_gateway_sandbox.ims import Client, Tokens
from audience_gateway_sandbox.people import (
    EXPORT_BUCKET,
    IMPORT_BUCKET,
    Bucket,
    Buckets,
    DailyDrops,
    DropFaults,
    LocalBucket,
    open_bucket,
)
from audience_gateway_sandbox.platform import PLATFORM_FILES, Platform
from audience_gateway_sandbox.seeding import (
    DATA_SOURCE_ID,
    DESTINATION_ID,
    Population,
    audience_of,
    facts_of,
    open_seeded,
    open_seeded_store,
    populate,
    seed_profiles,
)
from audience_gateway_sandbox.state import State, check, load, save
from audience_gateway_sandbox.workflows import LOOKS_AFTER_A_CHANGE, Engine, Workflows

_DATABASE = "campaign.sqlite"
_OBJECTS = "audience_manager.sqlite"
_FILES = "importFiles"
_DEFAULT_ASSUMPTIONS = Assumptions()


@dataclass(slots=True)
class Instance:
    """The emulated systems of one state directory."""

    directory: Path
    state: State
    population: Population = field(repr=False)
    clock: Clock
    tokens: Tokens
    campaign: Campaign
    buckets: Buckets
    drops: DailyDrops
    files: Bucket
    workflows: Workflows
    engine: Engine
    platform: Platform
    calls: BrokenCalls
    audience_manager: AudienceManager
    data: AudienceData
    attributes: CustomerAttributes
    _woken: asyncio.Event
    _facts: dict[int, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    _running: Lock = field(default_factory=Lock, repr=False)
    _closed: bool = False

    @classmethod
    def opened(
        cls,
        directory: Path,
        *,
        recipients: int,
        seed: int,
        assumptions: Assumptions = _DEFAULT_ASSUMPTIONS,
        buckets: Mapping[str, str] | None = None,
        database: str = "",
        edition: Edition = V7,
    ) -> Instance:
        """Open the sandbox of a directory, seeding it if it is new; the audience is dropped as far as it is due.

        Raises StateError if the directory or the database holds other data, ValueError if there are too few recipients
        or if a bucket cannot be opened.
        """
        population = populate(recipients, seed)
        directory.mkdir(parents=True, exist_ok=True)
        kept = load(directory)
        if kept is None:
            kept = State(recipients, seed, Clock().now())
            # Saved before the data, so that what an interrupted seeding leaves is never taken for another's.
            save(directory, kept)
        check(directory, kept, recipients=recipients, seed=seed)
        place = database or directory / _DATABASE
        files = open_bucket((buckets or {}).get(PLATFORM_FILES) or (directory.resolve() / PLATFORM_FILES).as_uri())
        shared = Buckets.below(directory, buckets)
        instance = cls._of(directory, kept, population, assumptions, shared, files, place, edition)
        instance.run_due()
        return instance

    @classmethod
    def _of(  # noqa: PLR0917 - called in one place
        cls,
        directory: Path,
        kept: State,
        population: Population,
        assumptions: Assumptions,
        buckets: Buckets,
        platform_files: Bucket,
        place: Path | str,
        edition: Edition,
    ) -> Instance:
        clock = Clock(kept.clock_offset)
        tokens = Tokens([_client()], clock)
        database = open_seeded(place, population)
        files = LocalBucket(directory.resolve() / _FILES)
        woken = asyncio.Event()
        workflows = Workflows(database, clock, woken.set)
        campaign = Campaign(
            database=database,
            clock=clock,
            operators={credentials.CAMPAIGN_USER: credentials.CAMPAIGN_PASSWORD},
            bearer=tokens.account_of,
            sessions=Sessions(),
            faults=Faults(),
            workflows=workflows,
            uploads=files,
            edition=edition,
        )
        drops = DailyDrops(
            bucket=buckets.imported,
            destination_id=DESTINATION_ID,
            data_source_id=DATA_SOURCE_ID,
            first=kept.began,
            lines_of=lambda day: audience_of(population, day).lines,
            made=kept.days_dropped,
            parts=assumptions.drop_parts,
            period=assumptions.drop_period,
        )
        data = _open_data(directory, kept, population, assumptions, buckets, drops.faults)
        return cls(
            directory,
            kept,
            population,
            clock,
            tokens,
            campaign,
            buckets,
            drops,
            files,
            workflows,
            Engine(open_database(place), buckets, files, kept.began, clock.now(), assumptions),
            Platform(
                directory,
                clock,
                kept.began,
                population,
                assumptions.platform,
                platform_files,
                PlatformAudiences(data),
            ),
            BrokenCalls(lambda token: _expire(campaign, tokens, token)),
            data.audience_manager(open_seeded_store(directory / _OBJECTS, kept.began), clock),
            data,
            CustomerAttributes(directory, clock.now(), assumptions),
            woken,
        )

    def close(self) -> None:
        """Close the database, once what runs beside is done."""
        with self._running:
            self._closed = True
            self.engine.close()
            self.attributes.close()
            self.platform.close()
            self.campaign.database.close()
            self.audience_manager.close()
            self.data.close()

    def now(self) -> datetime:
        """Tell the virtual time."""
        return self.clock.now()

    async def advance(self, by: timedelta) -> Sequence[str]:
        """Move the clock and do what has become due; name the data files that were dropped."""
        async with self._turn:
            self.clock.advance(by)
            self._woken.set()
            return await asyncio.to_thread(self.run_due)

    def wake(self) -> None:
        """Look again for what is due: something may have become so."""
        self._woken.set()

    async def keep_time(self) -> None:
        """Do what becomes due, for ever."""
        while True:
            self._woken.clear()
            async with self._turn:
                await asyncio.to_thread(self.run_due)
            next_due = min(self._next_due, self.attributes.next_due, self.platform.next_due)
            remaining = (next_due - self.now()).total_seconds()
            # Not wait_for: until Python 3.12 it loses a cancellation that comes when it has just been woken.
            with suppress(TimeoutError):
                async with asyncio.timeout(max(remaining, 0.0)):
                    await self._woken.wait()

    def run_due(self) -> Sequence[str]:
        """Do what is due, in the order of time, and remember it; name the data files that were dropped."""
        with self._running:
            return () if self._closed else self._run_due(self.now())

    def _run_due(self, now: datetime) -> Sequence[str]:
        dropped: list[str] = []
        looks = 0
        self.drops.leave_out_before(now)
        self.data.jobs.leave_out_before(now)
        while (moment := self._next_due) <= now:
            self.platform.run_due(moment)  # what it shares is there when Audience Manager sends files
            changed = self.drops.make_due(moment) + self.data.jobs.run_due(moment)
            dropped += changed
            self.engine.run_due(moment)
            looks = 1 if changed else looks + 1
            if looks > LOOKS_AFTER_A_CHANGE:
                self.engine.skip_to(min(self.drops.next_due, self.data.jobs.next_due, now))
        self.engine.run_events(now)
        self.attributes.run_due(now)
        self.platform.run_due(now)
        self.platform.push_due(now)
        gone_on = self.state.gone_on(clock_offset=self.clock.offset, days_dropped=self.drops.made)
        if gone_on != self.state:
            save(self.directory, gone_on)
            self.state = gone_on
        return dropped

    async def facts(self) -> Sequence[Mapping[str, Any]]:
        """Tell what is known beforehand: of each day that has been, and of the next one."""
        async with self._turn:
            return await asyncio.to_thread(lambda: [self._facts_of(day) for day in range(self.drops.made + 1)])

    def faults(self) -> Mapping[str, Any]:
        """Tell which faults are switched on."""
        return self._switches.tell()

    def set_faults(self, switches: Mapping[str, Any]) -> None:
        """Switch faults. Raises ValueError with what is wrong with the switches."""
        self._switches.switch(switches)

    @property
    def _switches(self) -> Switches:
        return Switches(self.campaign, self.calls, self.drops.faults, self.workflows, self.platform.faults)

    @property
    def _next_due(self) -> datetime:
        return min(self.drops.next_due, self.engine.next_due, self.data.jobs.next_due)

    def _facts_of(self, day: int) -> Mapping[str, Any]:
        if day not in self._facts:
            self._facts[day] = asdict(facts_of(self.population, day))
        return self._facts[day]


def _open_data(  # noqa: PLR0917 - called in one place
    directory: Path,
    kept: State,
    population: Population,
    assumptions: Assumptions,
    buckets: Buckets,
    faults: DropFaults,
) -> AudienceData:
    """Open Audience Manager's data; the seeded destination gets its files from the daily drops."""
    org_id, region, began = credentials.ORG_ID, assumptions.dcs_region, kept.began
    objects = directory / _OBJECTS
    open_seeded_store(objects, began).close()
    seed_profiles(directory / FILE, population, org_id=org_id, region=region, began=began)
    own = {name: LocalBucket(directory.resolve() / name) for name in (INBOUND_BUCKET, OUTBOUND_BUCKET)}
    return AudienceData.opened(
        directory,
        Store.opened(objects),
        org_id=org_id,
        began=began,
        buckets=DataBuckets(
            {EXPORT_BUCKET: buckets.exported, INBOUND_BUCKET: own[INBOUND_BUCKET]},
            {IMPORT_BUCKET: buckets.imported, OUTBOUND_BUCKET: own[OUTBOUND_BUCKET]},
        ),
        faults=faults,
        assumptions=assumptions,
        not_published=frozenset({DESTINATION_ID}),
    )


def _expire(campaign: Campaign, tokens: Tokens, token: str) -> None:
    campaign.sessions.expire_all()
    tokens.invalidate(token)


def _client() -> Client:
    return Client(
        client_id=credentials.CLIENT_ID,
        org_id=credentials.ORG_ID,
        technical_account=credentials.TECHNICAL_ACCOUNT,
        secrets=credentials.CLIENT_SECRETS,
    )
