"""Fills Audience Manager: what the shared audience stands for there, and what Adobe provisions for Campaign."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from audience_gateway_sandbox.audience_manager.objects import (
    PARTNER_ID,
    AuthenticatedOption,
    CustomerTraitType,
    DataSource,
    DataSourceType,
    Destination,
    DestinationMapping,
    DestinationType,
    IdType,
    MergeRule,
    Segment,
    Trait,
    TraitRuleVersion,
    TraitType,
)
from audience_gateway_sandbox.audience_manager.store import Store, milliseconds, moment_of
from audience_gateway_sandbox.seeding.audience import (
    DATA_SOURCE_ID,
    DESTINATION_ID,
    OTHER_SEGMENT_ID,
    SEGMENT_ID,
    TRAIT_ID,
)
from audience_gateway_sandbox.seeding.seeded_file import seed_file

DECLARED_SOURCE_ID = 38889
DECLARED_CODE = "AdobeCampaignID"
CAMPAIGN_SOURCE_IDS = frozenset({DATA_SOURCE_ID, DECLARED_SOURCE_ID})
"""Data sources that Campaign shares audiences in."""
DEVICE_RULE_ID = 38890
LAST_AUTHENTICATED_RULE_ID = 38891
GLOBAL_DEVICE_SOURCES = (
    (20914, "Google Advertising ID (GAID)", "DSID_20914"),
    (20915, "Apple ID for Advertisers (IDFA)", "DSID_20915"),
    (121963, "Roku ID for Advertising (RIDA)", ""),
    (488258, "Amazon Fire TV Advertising ID", ""),
    (1171485, "LG Unique Device ID (LGUDID)", ""),
    (389146, "Microsoft Advertising ID (MAID)", ""),
    (963906, "Samsung Tizen ID for Advertising (TIFA)", ""),
    (1171489, "Vizio ID for Advertising", ""),
)
"""Numbers of everybody's data sources (people-and-ids 4); those with integration codes are documented (3.2)."""
_TRAIT_TYPES = ((1, "User Trait"), (2, "Site Visitor"), (4, "Delivery Event"))
_EVERYBODY = 0


def open_seeded_store(file: Path, began: datetime) -> Store:
    """Open the objects of a sandbox that began at a moment, and make those that it begins with if it is new."""

    def fill(unfinished: Path) -> None:
        with closing(Store.opened(unfinished)) as store:
            fill_audience_manager(store, began)

    seed_file(file, fill)
    return Store.opened(file)


def fill_audience_manager(store: Store, began: datetime) -> None:
    """Make the objects that an organisation begins with, in one transaction."""
    began = moment_of(milliseconds(began))
    made: dict[str, Any] = {"pid": PARTNER_ID, "create_time": began, "update_time": began}
    with store.transaction():
        _fill_data_sources(store, made)
        _fill_merge_rules(store, made)
        for number, name in _TRAIT_TYPES:
            store.trait_types.create(
                CustomerTraitType(pixel_type=number, name=name, description=name, **made | {"pid": _EVERYBODY})
            )
        _fill_audience(store, made)


def _fill_data_sources(store: Store, made: dict[str, Any]) -> None:
    for number, name, code in GLOBAL_DEVICE_SOURCES:
        source = DataSource(
            data_source_id=number,
            name=name,
            integration_code=code,
            id_type=IdType.DEVICE_ADVERTISING_ID,
            sub_id_type="",
            **made | {"pid": _EVERYBODY},
        )
        store.data_sources.create(source)
    store.data_sources.create(
        DataSource(
            data_source_id=DATA_SOURCE_ID,
            name="Adobe Campaign (MID)",
            id_type=IdType.COOKIE,
            sub_id_type="",
            inbound_s2s=True,
            outbound_s2s=True,
            marketing_cloud_visitor_id_version=1,
            **made,
        )
    )
    store.data_sources.create(
        DataSource(
            data_source_id=DECLARED_SOURCE_ID,
            name="Adobe Campaign (DeclaredId)",
            integration_code=DECLARED_CODE,
            inbound_s2s=True,
            outbound_s2s=True,
            supports_authenticated_profile=True,
            authenticated_profile_name="Adobe Campaign",
            **made,
        )
    )


def _fill_merge_rules(store: Store, made: dict[str, Any]) -> None:
    rules = [
        MergeRule(data_source_id=DEVICE_RULE_ID, name="Current device", is_default=True),
        MergeRule(
            data_source_id=LAST_AUTHENTICATED_RULE_ID,
            name="Last authenticated Adobe Campaign profile",
            authenticated=AuthenticatedOption.LAST,
            authenticated_source_ids=(DECLARED_SOURCE_ID,),
        ),
    ]
    for rule in rules:
        store.data_sources.create(
            DataSource(data_source_id=rule.data_source_id, name=rule.name, type=DataSourceType.MERGE_RULE, **made)
        )
        store.merge_rules.create(rule)


def _fill_audience(store: Store, made: dict[str, Any]) -> None:
    store.destinations.create(
        Destination(
            destination_id=DESTINATION_ID,
            name="Adobe Campaign",
            destination_type=DestinationType.SERVER_TO_SERVER,
            data_source_id=DATA_SOURCE_ID,
            **made,
        )
    )
    for sid, trait_id, name in (
        (SEGMENT_ID, TRAIT_ID, "Shared audience"),
        (OTHER_SEGMENT_ID, TRAIT_ID + 1, "Another shared audience"),
    ):
        trait = store.traits.create(
            Trait(sid=trait_id, name=name, trait_type=TraitType.ON_BOARDED, data_source_id=DATA_SOURCE_ID, **made)
        )
        store.trait_rule_versions.create(
            TraitRuleVersion(sid=trait_id, version=1, trait_rule=trait.trait_rule, create_time=trait.create_time)
        )
        store.segments.create(
            Segment(sid=sid, name=name, segment_rule=f"{trait_id}T", data_source_id=DATA_SOURCE_ID, **made)
        )
        store.mappings.create(
            DestinationMapping(
                destination_id=DESTINATION_ID,
                sid=sid,
                start_date=trait.create_time.date(),
                trait_alias=str(sid),
                create_time=trait.create_time,
                update_time=trait.create_time,
            )
        )
