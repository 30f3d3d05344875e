"""What is found out before anything is read: at plan time, while nothing has happened yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from audience_gateway.sdk import Codec, ConfigError, DataSource, Permanent

from plugins.audience_manager.tests.conftest import COOKIES, CRM, CUSTOMERS, NOON, OWN, VISITORS


async def refused(connector, source=CUSTOMERS, audience="gold"):
    with pytest.raises((ConfigError, Permanent)) as caught:
        await connector.check_destination(audience, source)
    return caught.value


@pytest.mark.parametrize("source", [CUSTOMERS, VISITORS])
@pytest.mark.parametrize("audience", ["gold", "trait-1024"])
async def test_an_audience_that_is_sound_is_let_through(gold, connect, source, audience):
    await connect().check_destination(audience, source)


async def test_an_audience_that_will_be_created_is_let_through(gold, connect):
    await connect().check_destination("silver", CUSTOMERS)


async def test_one_that_cannot_be_created_is_not(gold, connect):
    assert (await refused(connect(onboarding=None), audience="silver")).place.endswith("onboarding.data_source_id")


async def test_a_segment_without_a_trait_takes_nobody(gold, connect):
    assert "no onboarded trait" in (await refused(connect(), audience="segment-24")).message


async def test_a_data_source_needs_its_id(gold, connect):
    error = await refused(connect(), replace(CUSTOMERS, aam_data_source_id=0))
    assert error.place == "data_sources.crm.aam_data_source_id"


async def test_a_data_source_that_is_not_there_is_named(gold, connect):
    assert "no data source 5" in (await refused(connect(), replace(CUSTOMERS, aam_data_source_id=5))).message


async def test_a_data_source_that_takes_no_files_is_named(gold, connect):
    gold.objects["datasources"][CRM]["inboundS2S"] = False
    assert "takes no files" in (await refused(connect())).message


@pytest.mark.parametrize("recipe", ["email", "email@1", "phone"])
async def test_addresses_and_numbers_never_go_in_clear(gold, connect, recipe):
    source = replace(CUSTOMERS, recipe=recipe)
    assert (await refused(connect(), source)).place == "data_sources.crm.codec"
    await connect().check_destination("gold", replace(source, codec=Codec.SHA256))


async def test_members_for_a_trait_that_is_too_new_would_be_lost(gold, connect, context):
    gold.objects["traits"][1024]["createTime"] = int((NOON - timedelta(hours=3)).timestamp() * 1000)
    error = await refused(connect())
    assert "2026-01-05 13:00 UTC" in error.message
    context.time += timedelta(hours=1)
    await connect().check_destination("gold", CUSTOMERS)


async def test_a_trait_that_is_switched_off_is_named(gold, connect):
    gold.objects["traits"][1024]["status"] = "INACTIVE"
    assert "trait 1024 is not active" in (await refused(connect())).message


async def test_ids_that_all_companies_share_need_an_owner_of_the_trait(gold, connect):
    advertising = DataSource(name="gaid", id_type="gaid", aam_data_source_id=20914)
    await connect().check_destination("gold", advertising)
    gold.objects["traits"][1024]["dataSourceId"] = 999
    error = await refused(connect(), advertising, "trait-1024")
    assert "data source 999, which owns trait 1024" in error.message


async def test_a_control_on_the_traits_data_source_meets_the_label_of_a_destination(gold, connect):
    gold.objects["datasources"][OWN]["dataExportRestrictions"] = ["PII", "ON_SITE_ADS"]
    gold.objects["destinations"][91]["dataExportLabels"] = ["pii"]
    error = await refused(connect())
    assert "(PII) keep segment 24 from destination 91" in error.message


async def test_a_control_that_meets_no_label_does_nothing(gold, connect):
    gold.objects["datasources"][OWN]["dataExportRestrictions"] = ["PII"]
    gold.objects["destinations"][91]["dataExportLabels"] = ["OFF_SITE_ADS"]
    await connect().check_destination("gold", CUSTOMERS)


async def test_a_control_on_the_segments_own_data_source_does_nothing(gold, connect):
    gold.add("datasources", 479, dataExportRestrictions=["PII"])
    gold.objects["segments"][24]["dataSourceId"] = 479
    gold.objects["destinations"][91]["dataExportLabels"] = ["PII"]
    await connect().check_destination("trait-1024", CUSTOMERS)


@pytest.mark.parametrize("restricted", [77, COOKIES])
async def test_a_control_on_the_merge_rule_or_its_data_sources_counts(gold, connect, restricted):
    gold.add("datasources", 77, authenticatedDataSourceIds=[COOKIES])
    gold.objects["datasources"][restricted]["dataExportRestrictions"] = ["PII"]
    gold.objects["segments"][24]["mergeRuleDataSourceId"] = 77
    gold.objects["destinations"][91]["dataExportLabels"] = ["PII"]
    assert "keep segment 24" in (await refused(connect())).message


async def test_without_any_way_to_write_it_is_said(gold, connect):
    assert (await refused(connect(inbound=None))).place == "connections.aam.settings.inbound"
