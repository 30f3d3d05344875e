"""What `check` says, with severity, path and remedy."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp import web
from audience_gateway.sdk import Severity

from plugins.audience_manager.tests.conftest import CRM, NOON, OWN


@pytest.fixture
def sound(gold):
    """Last authenticated profiles for segment 24, and a file an hour ago."""
    gold.add("datasources", 77, authenticatedOption="LAST_AUTHENTICATED", authenticatedDataSourceIds=[CRM])
    gold.objects["segments"][24]["mergeRuleDataSourceId"] = 77
    gold.outbound = [sent(NOON - timedelta(hours=1))]
    return gold


def sent(time, **values):
    return {
        "startTime": int(time.timestamp() * 1000),
        "endTime": int(time.timestamp() * 1000),
        "success": True,
    } | values


async def found(connector):
    return [(each.severity, each.path) for each in await connector.check()]


async def test_a_sound_organisation_has_no_findings(sound, connect):
    assert await connect().check() == []


async def test_a_segment_whose_merge_rule_exports_nobody_is_named(sound, connect):
    sound.objects["datasources"][77]["authenticatedOption"] = "CURRENT_AUTHENTICATED"
    (finding,) = await connect().check()
    assert (finding.severity, finding.path) == (Severity.ERROR, "destinations/91/segments/24")
    assert "Segment 24 `segments 24` exports nobody to destination 91" in finding.summary
    assert "Last Authenticated Profiles" in finding.remedy


async def test_a_merge_rule_has_to_include_the_data_source_of_the_destination(sound, connect):
    sound.objects["datasources"][77]["authenticatedDataSourceIds"] = [OWN]
    assert await found(connect()) == [(Severity.ERROR, "destinations/91/segments/24")]


async def test_a_segment_without_a_merge_rule_exports_nobody(sound, connect):
    sound.objects["segments"][24]["mergeRuleDataSourceId"] = None
    assert await found(connect()) == [(Severity.ERROR, "destinations/91/segments/24")]


async def test_a_merge_rule_that_cannot_be_read_is_doubtful_until_it_is_vouched_for(sound, connect):
    del sound.objects["datasources"][77]["authenticatedOption"]
    assert await found(connect()) == [(Severity.WARNING, "destinations/91/segments/24")]
    assert await found(connect(undocumented={"last_authenticated_rules": [77]})) == []


async def test_a_mapping_that_is_switched_off_does_not_matter(sound, connect):
    sound.objects["segments"][24]["mergeRuleDataSourceId"] = None
    sound.mappings[91][0]["elementStatus"] = "inactive"
    assert await found(connect()) == []


async def test_a_control_that_was_set_after_the_mapping_is_found(sound, connect):
    sound.objects["datasources"][OWN]["dataExportRestrictions"] = ["PII"]
    sound.objects["destinations"][90]["dataExportLabels"] = ["PII"]
    assert await found(connect()) == [(Severity.ERROR, "destinations/90/segments/24")]


@pytest.mark.parametrize("rows", [[], [sent(NOON - timedelta(hours=49))], [sent(NOON, success=False)]])
async def test_a_destination_that_has_got_no_file_for_long_is_found(sound, connect, rows):
    sound.outbound = rows
    connector = connect(preflight={"destinations": [90], "campaign_integration_code": ""})
    assert await found(connector) == [(Severity.WARNING, "destinations/90")]


async def test_campaigns_integration_code_is_looked_for_by_its_letters(sound, connect):
    connector = connect(preflight={})
    assert await found(connector) == []
    sound.objects["datasources"][CRM]["integrationCode"] = "adobecampaignid"
    (finding,) = await connector.check()
    assert finding.path == "preflight.campaign_integration_code"
    assert f"data source {CRM} has it in other letter case" in finding.summary


async def test_the_data_source_of_new_audiences_must_be_there_and_take_files(sound, connect):
    assert await found(connect(onboarding={"data_source_id": 5})) == [(Severity.ERROR, "onboarding.data_source_id")]
    sound.objects["datasources"][OWN]["inboundS2S"] = False
    assert await found(connect()) == [(Severity.WARNING, "onboarding.data_source_id")]


async def test_a_full_organisation_is_found(sound, connect):
    assert await found(connect(limits={"segments": 1})) == [(Severity.WARNING, "limits.segments")]


async def test_a_refused_key_is_told_from_a_refused_token(sound, connect):
    sound.answers = [sound.says('{"error_code":"403003"}', 403)]
    (key,) = await connect().check()
    assert (key.severity, key.path) == (Severity.ERROR, "credentials")
    assert "API key" in key.summary
    sound.good_token = "another"
    (token,) = await connect().check()
    assert "the token was refused" in token.summary


async def test_an_account_without_rights_is_made_known_to_administrators(sound, connect):
    sound.answers = [sound.says("{}", 403)]
    (finding,) = await connect().check()
    assert (finding.path, "technical account" in finding.summary) == ("credentials", True)
    assert sound.calls[-1] == ("GET", "/users/self")


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"success": False}, "was not taken"),
        ({"recordsReceived": 1200, "storedRecords": 0}, "had 1,200 records, of which none was stored"),
    ],
)
async def test_a_file_that_gave_nobody_anything_is_found(sound, connect, values, what):
    sound.inbound = [{"dataFileName": "in/ftp_dpm_478_1.sync", "processedTime": int(NOON.timestamp() * 1000)} | values]
    findings = await connect(preflight={"most_data_sources": 1, "campaign_integration_code": ""}).check()
    assert [(each.severity, each.path) for each in findings] == [(Severity.WARNING, f"datasources/{OWN}")]
    assert findings[0].summary == f"The file ftp_dpm_478_1.sync {what}."
    sound.inbound[0]["processedTime"] = int((NOON - timedelta(days=9)).timestamp() * 1000)
    assert await connect().check() == []


async def test_an_onboarding_status_for_administrators_only_is_mentioned(sound, connect):
    everything = sound._answer

    def without_history(request, path):
        return web.Response(status=403) if path.endswith("/inbound") else everything(request, path)

    sound._answer = without_history
    assert await found(connect()) == [(Severity.INFO, "inbound")]


async def test_an_address_that_is_none_is_found(sound, connect):
    assert (Severity.ERROR, "url") in await found(connect(url="http://127.0.0.1:9/v1"))


async def test_credentials_that_are_not_there_are_found(sound, connect, context):
    context.credentials_of.clear()
    assert await found(connect()) == [(Severity.ERROR, "credentials")]


async def test_a_bucket_that_cannot_be_used_is_found(sound, connect, tmp_path):
    (tmp_path / "in").write_text("a file where a directory should be")
    assert await found(connect()) == [(Severity.ERROR, "inbound.bucket")]


async def test_what_a_connection_cannot_do_is_mentioned(sound, connect):
    assert await found(connect(inbound=None, outbound=None)) == [
        (Severity.INFO, "inbound"),
        (Severity.INFO, "outbound"),
    ]


async def test_a_part_that_may_not_be_seen_does_not_hide_the_others(sound, connect):
    everything = sound._answer

    def without_destinations(request, path):
        return web.Response(status=403) if path.startswith("/destinations/") else everything(request, path)

    sound._answer = without_destinations
    assert await found(connect()) == [(Severity.WARNING, "destinations")]
