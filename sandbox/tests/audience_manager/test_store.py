"""The objects of an organisation in a file."""

from contextlib import closing
from datetime import UTC, date, datetime

import pytest
from audience_gateway_sandbox.audience_manager.objects import (
    PII,
    AuthenticatedOption,
    DataSource,
    Destination,
    DestinationMapping,
    DestinationType,
    DeviceOption,
    MergeRule,
    Trait,
    TraitType,
)
from audience_gateway_sandbox.audience_manager.store import Store

THEN = datetime(2026, 3, 10, 12, 0, 0, 5000, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    with closing(Store.opened(tmp_path / "audience_manager.sqlite")) as store:
        yield store


def source(**fields):
    return DataSource(**{"name": "crm", "create_time": THEN, "update_time": THEN} | fields)


def trait(**fields):
    required = {"name": "t", "trait_type": TraitType.ON_BOARDED, "data_source_id": 7}
    return Trait(**required | {"create_time": THEN, "update_time": THEN} | fields)


def test_what_is_created_is_read_as_it_was_also_by_another(store, tmp_path):
    created = store.data_sources.create(
        source(integration_code="crm", data_export_restrictions=(PII,), sampling_start_time=THEN, inbound_s2s=True)
    )
    assert created.data_source_id > 0
    with closing(Store.opened(tmp_path / "audience_manager.sqlite")) as other:
        assert other.data_sources.get(created.data_source_id) == created


def test_a_destination_keeps_its_details_and_a_mapping_its_days(store):
    destination = store.destinations.create(
        Destination(
            name="d", destination_type=DestinationType.URL, details={"tagType": 0}, create_time=THEN, update_time=THEN
        )
    )
    mapping = store.mappings.create(
        DestinationMapping(
            destination_id=destination.destination_id,
            sid=24,
            start_date=date(2026, 3, 1),
            end_date=date(2026, 3, 2),
            create_time=THEN,
            update_time=THEN,
        )
    )
    assert store.destinations.all() == [destination]
    assert store.mappings.all(destination_id=destination.destination_id) == [mapping]
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]
    assert [mapping.is_sent_on(day) for day in days] == [False, True, True, False]


def test_lists_are_narrowed_by_one_value_or_by_several(store):
    for data_source_id in (7, 8, 9, 7):
        store.traits.create(trait(data_source_id=data_source_id))
    assert [each.sid for each in store.traits.all(data_source_id=7)] == [1, 4]
    assert [each.sid for each in store.traits.all(data_source_id=(8, 9))] == [2, 3]
    assert store.traits.all(data_source_id=()) == []
    assert store.traits.count(data_source_id=7, trait_type=TraitType.ON_BOARDED) == 2


def test_what_is_updated_and_deleted_is_so_at_once_and_numbers_are_not_used_again(store):
    store.traits.create(trait(name="old"))
    store.traits.update(trait(sid=1, name="new"))
    assert store.traits.get(1) == trait(sid=1, name="new")
    store.traits.delete(1)
    assert store.traits.get(1) is None
    assert store.traits.create(trait()).sid == 2


def test_a_given_number_is_kept_and_later_ones_follow_it(store):
    assert store.traits.create(trait(sid=1024)).sid == 1024
    assert store.traits.create(trait()).sid == 1025


def test_a_merge_rule_is_kept(store):
    rule = MergeRule(
        data_source_id=9, name="last", authenticated=AuthenticatedOption.LAST, authenticated_source_ids=(7, 8)
    )
    store.merge_rules.create(rule)
    assert store.merge_rules.get(9) == rule


@pytest.mark.parametrize(
    ("options", "finding"),
    [
        ({"authenticated": AuthenticatedOption.LAST, "authenticated_source_ids": (1, 2, 3, 4)}, "at most 3"),
        ({"authenticated": AuthenticatedOption.LAST}, "names data sources if, and only if"),
        ({"authenticated_source_ids": (1,)}, "names data sources if, and only if"),
        ({"device": DeviceOption.NONE}, "or at both"),
        ({"device": DeviceOption.EXTERNAL}, "names a device graph"),
    ],
)
def test_options_of_a_merge_rule_that_do_not_go_together(options, finding):
    with pytest.raises(ValueError, match=finding):
        MergeRule(name="rule", **options)


def test_current_authenticated_without_devices_is_for_real_time_only():
    current = {"name": "rule", "authenticated": AuthenticatedOption.CURRENT, "authenticated_source_ids": (1,)}
    assert MergeRule(**current, device=DeviceOption.NONE).real_time_only
    assert not MergeRule(**current).real_time_only
