"""Who is in a segment, by the merge rule that it looks at profiles with."""

from datetime import timedelta

import pytest
from audience_gateway_sandbox.audience_manager.membership.members import Members
from audience_gateway_sandbox.audience_manager.membership.views import Visit
from audience_gateway_sandbox.audience_manager.objects import AuthenticatedOption, DeviceOption
from audience_gateway_sandbox.audience_manager.profiles.qualifications import realize
from audience_gateway_sandbox.audience_manager.store import milliseconds

VISITORS, PEOPLE = 100, 200
GOLD, RULED, FOREIGN = 24, 26, 27
SEGMENT, RULE = 7, 70


def visitor(number):
    return f"{number:038d}"


def give(office, trait, number=None, person=None):
    with office.data.database.transaction() as db:
        now = milliseconds(office.now)
        if person is None:
            profile = office.data.identities.seen_device(db, now, 7, ecid=visitor(number)).profile
        else:
            profile = office.data.identities.seen_id(db, now, PEOPLE, person)
        realize(db, profile, [(trait, 1)], now, 100)


def members(office):
    with office.data.database.transaction() as db:
        found = Members(db, office.store, milliseconds(office.now)).of(office.store.segments.get(SEGMENT))
        rows = db.execute("SELECT id, coalesce(ecid, value) FROM profile").fetchall()
        return sorted(int(value) if value.isdecimal() else value for profile, value in rows if profile in found)


def visits(office, number, person=None):
    with office.data.database.transaction() as db:
        device = office.data.identities.device(db, ecid=visitor(number)).profile
        now = milliseconds(office.now)
        customers = {PEOPLE: office.data.identities.seen_id(db, now, PEOPLE, person)} if person else {}
        return Members(db, office.store, now).has(office.store.segments.get(SEGMENT), Visit(device, customers))


def test_without_a_merge_rule_devices_are_looked_at_alone(office):
    office.segment(SEGMENT, f"{GOLD}T")
    give(office, GOLD, 1)
    office.link(2, "crm-2")
    give(office, GOLD, person="crm-2")
    assert members(office) == [1]


def test_last_authenticated_adds_the_profile_of_who_logged_in_last(office):
    office.segment(SEGMENT, f"{GOLD}T AND {FOREIGN}T", RULE)
    office.merge_rule(RULE, authenticated_source_ids=(PEOPLE,), device=DeviceOption.DEVICE)
    office.link(1, "crm-1")
    office.link(2, "crm-1")
    office.link(2, "crm-2")
    give(office, GOLD, 1)
    give(office, GOLD, 2)
    give(office, FOREIGN, person="crm-1")
    assert members(office) == [1]


def test_a_link_that_never_was_authenticated_does_not_count(office):
    office.segment(SEGMENT, f"{FOREIGN}T", RULE)
    office.merge_rule(RULE, authenticated_source_ids=(PEOPLE,))
    office.link(1, "crm-1", authenticates=False)
    give(office, FOREIGN, person="crm-1")
    assert members(office) == []


def test_without_device_profiles_traits_of_devices_do_not_count(office):
    office.segment(SEGMENT, f"{GOLD}T", RULE)
    office.merge_rule(RULE, authenticated_source_ids=(PEOPLE,), device=DeviceOption.NONE)
    office.link(1, "crm-1")
    give(office, GOLD, 1)
    assert members(office) == []


def test_profile_link_adds_the_other_devices_of_who_logged_in_last(office):
    office.segment(SEGMENT, f"{GOLD}T", RULE)
    office.merge_rule(RULE, authenticated_source_ids=(PEOPLE,), device=DeviceOption.PROFILE_LINK)
    office.link(1, "crm-1")
    office.link(2, "crm-1")
    office.link(3, "crm-3")
    give(office, GOLD, 1)
    assert members(office) == [1, 2]


def test_current_authenticated_needs_somebody_who_is_there(office):
    office.segment(SEGMENT, f"{FOREIGN}T", RULE)
    office.merge_rule(
        RULE,
        authenticated=AuthenticatedOption.CURRENT,
        authenticated_source_ids=(PEOPLE,),
        device=DeviceOption.NONE,
    )
    office.link(1, "crm-1")
    give(office, FOREIGN, person="crm-1")
    assert members(office) == []
    assert visits(office, 1, "crm-1")
    assert not visits(office, 1)


def test_all_cross_device_is_for_batches_and_finds_customers(office):
    office.segment(SEGMENT, f"{FOREIGN}T", RULE)
    office.merge_rule(
        RULE,
        authenticated=AuthenticatedOption.ALL_CROSS_DEVICE,
        authenticated_source_ids=(PEOPLE,),
        device=DeviceOption.NONE,
    )
    office.link(1, "crm-1")
    give(office, FOREIGN, person="crm-1")
    assert members(office) == ["crm-1"]
    assert not visits(office, 1, "crm-1")


def test_a_segment_of_those_without_a_trait_is_of_all_other_devices(office):
    office.segment(SEGMENT, f"NOT {GOLD}T")
    office.know_visitors(1, 2, 3)
    give(office, GOLD, 2)
    assert members(office) == [1, 3]


def test_a_trait_of_a_day_ends_with_the_day_after(office):
    trait = office.store.traits.get(GOLD)
    office.store.traits.update(type(trait)(**{name: getattr(trait, name) for name in trait.__slots__} | {"ttl": 1}))
    office.segment(SEGMENT, f"{GOLD}T")
    give(office, GOLD, 1)
    office.now = office.now.replace(hour=23, minute=59) + timedelta(days=1)
    assert members(office) == [1]
    office.now += timedelta(minutes=1)
    assert members(office) == []


@pytest.mark.parametrize(
    ("rule", "found"), [(f"FREQUENCY([{RULED}T]<=2D)>=3", [1]), (f"FREQUENCY([{RULED}T])==1", [2])]
)
def test_frequency_counts_each_time_a_rule_was_fulfilled(office, rule, found):
    office.segment(SEGMENT, rule)
    for _ in range(3):
        give(office, RULED, 1)
        office.now += timedelta(hours=1)
    give(office, RULED, 2)
    assert members(office) == found
