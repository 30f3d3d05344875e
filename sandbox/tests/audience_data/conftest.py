"""Audience Manager's data over real files: objects, profiles and buckets of a small organisation."""

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from audience_gateway_sandbox.assumptions import Assumptions
from audience_gateway_sandbox.audience_manager.data import AudienceData, DataBuckets
from audience_gateway_sandbox.audience_manager.inbound.history import journal
from audience_gateway_sandbox.audience_manager.objects import (
    AuthenticatedOption,
    DataSource,
    Destination,
    DestinationMapping,
    DestinationType,
    DeviceOption,
    IdType,
    MergeRule,
    Segment,
    Trait,
    TraitType,
)
from audience_gateway_sandbox.audience_manager.profiles.links import AuthState, Link, add_links
from audience_gateway_sandbox.audience_manager.store import Store, milliseconds
from audience_gateway_sandbox.people import DropFaults, LocalBucket

ORG = "5A17D0B0C0FFEE0000000001@AdobeOrg"
MORNING = datetime(2026, 3, 2, 6, tzinfo=UTC)
VISITORS, DEVICES, PEOPLE, HASHES, OTHERS, UUIDS = 100, 20914, 200, 300, 400, 500
GOLD, SILVER, RULED, FOREIGN = 24, 25, 26, 27
IN, OUT = "in", "out"


def visitor(number):
    return f"{number:038d}"


@dataclass
class Office:
    """An organisation's data and its buckets, with a clock that is moved by hand."""

    data: AudienceData
    inbound: LocalBucket
    outbound: LocalBucket
    faults: DropFaults
    now: datetime = MORNING

    @property
    def store(self):
        return self.data.store

    def put(self, name, *lines, day="date=2026-03-02/"):
        content = "".join(f"{line}\n" for line in lines).encode()
        self.inbound.put(f"{day}{name}", gzip.compress(content, mtime=0) if name.endswith(".gz") else content)

    def take(self):
        self.data.jobs.inbound.take(self.now)
        with self.data.database.transaction() as db:
            return journal(db)[-1]

    def wait(self, **time):
        """Let time pass, and do what falls due in its order."""
        appeared = []
        end = self.now + timedelta(**time)
        while (due := self.data.jobs.next_due) <= end:
            self.now = max(due, self.now)
            appeared += self.data.jobs.run_due(self.now)
        self.now = end
        return appeared

    def know_visitors(self, *numbers):
        with self.data.database.transaction() as db:
            self.data.identities.add_devices(db, milliseconds(self.now), 7, map(visitor, numbers))

    def link(self, number, person, *, authenticates=True, source=PEOPLE, limits=None):
        with self.data.database.transaction() as db:
            now = milliseconds(self.now)
            device = self.data.identities.seen_device(db, now, 7, ecid=visitor(number))
            other = self.data.identities.seen_id(db, now, source, person)
            link = Link(device.profile, other, source, now, AuthState.AUTHENTICATED, authenticates)
            add_links(db, [link], limits or self.data.limits, 10)
        self.now += timedelta(seconds=1)

    def traits_of(self, source, value):
        kind_column = "ecid" if source == VISITORS else "value"
        with self.data.database.transaction() as db:
            rows = db.execute(
                f"SELECT trait FROM qualification JOIN profile ON profile.id = profile WHERE {kind_column} = ?"
                " AND profile.source = ? ORDER BY trait",
                (value, 0 if source == VISITORS else source),
            )
            return [trait for (trait,) in rows]

    def files(self):
        return [stored.key for stored in self.inbound.files()]

    def sent(self):
        """Lines of the data files in the outbound bucket, by name."""
        found = {}
        for stored in self.outbound.files():
            content = self.outbound.get(stored.key)
            if not stored.key.endswith(".info"):
                plain = gzip.decompress(content) if stored.key.endswith(".gz") else content
                found[stored.key] = plain.decode().splitlines()
        return found

    def destination(self, source, sids, number=9, **details):
        destination = Destination(
            destination_id=number,
            name="partner",
            destination_type=DestinationType.SERVER_TO_SERVER,
            data_source_id=source,
            details={"bucket": OUT} | details,
            **moments(),
        )
        self.store.destinations.create(destination)
        for sid in sids:
            self.store.mappings.create(
                DestinationMapping(destination_id=number, sid=sid, start_date=MORNING.date(), **moments())
            )

    def segment(self, sid, rule, merge_rule=0):
        segment = Segment(
            sid=sid,
            name=f"s{sid}",
            segment_rule=rule,
            data_source_id=1,
            merge_rule_data_source_id=merge_rule,
            **moments(),
        )
        self.store.segments.create(segment)

    def merge_rule(self, number, **options):
        given = {"authenticated": AuthenticatedOption.LAST, "device": DeviceOption.NONE}
        self.store.merge_rules.create(MergeRule(data_source_id=number, name="rule", **given | options))


def moments():
    return {"create_time": MORNING, "update_time": MORNING}


def fill(store):
    def source(number, **options):
        given = {"sampling_enabled": True, "sampling_start_time": MORNING}
        given |= {"sampling_end_time": MORNING + timedelta(days=14)}
        store.data_sources.create(DataSource(data_source_id=number, name=f"d{number}", **given | options, **moments()))

    source(VISITORS, marketing_cloud_visitor_id_version=1)
    source(UUIDS, use_audience_manager_visitor_id=True)
    source(PEOPLE, supports_authenticated_profile=True)
    source(HASHES)
    source(OTHERS, id_type=IdType.COOKIE)
    for sid, owner, kind, rule in (
        (GOLD, VISITORS, TraitType.ON_BOARDED, ""),
        (SILVER, VISITORS, TraitType.ON_BOARDED, 'ic == "silver" OR tier == "silver"'),
        (RULED, VISITORS, TraitType.RULE_BASED, 'c_page == "home"'),
        (FOREIGN, PEOPLE, TraitType.ON_BOARDED, 'ic == "30608"'),
    ):
        trait = Trait(sid=sid, name=f"t{sid}", trait_type=kind, data_source_id=owner, trait_rule=rule, **moments())
        store.traits.create(trait)


@pytest.fixture
def opened(tmp_path):
    """Open the organisation's data with assumptions of one's own."""
    offices = []

    def open_office(**assumptions):
        store = Store.opened(tmp_path / "objects.sqlite")
        fill(store)
        inbound, outbound = LocalBucket(tmp_path / IN), LocalBucket(tmp_path / OUT)
        faults = DropFaults()
        data = AudienceData.opened(
            tmp_path,
            store,
            org_id=ORG,
            began=MORNING,
            buckets=DataBuckets({IN: inbound}, {OUT: outbound}),
            faults=faults,
            assumptions=Assumptions(**assumptions),
        )
        offices.append(data)
        return Office(data, inbound, outbound, faults)

    yield open_office
    for data in offices:
        data.close()


@pytest.fixture
def office(opened):
    """The organisation's data, with inbound traits that count at once."""
    return opened(inbound_usable_hours=0)
