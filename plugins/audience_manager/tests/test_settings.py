from __future__ import annotations

import pytest
from audience_gateway.sdk import Capability, capabilities
from audience_gateway_audience_manager import AudienceManagerConnector, AudienceManagerSettings, plugin
from pydantic import ValidationError

MINIMAL = {"credentials": "ims"}
DCS = {"url": "https://irl1.demdex.net"}
INBOUND = {"bucket": "s3://demdex-s2s-clients"}


def test_its_capabilities_are_what_it_implements():
    assert capabilities(AudienceManagerConnector) == {
        Capability.AUDIENCE_CATALOGUE,
        Capability.CREATE_AUDIENCE,
        Capability.READ_MEMBERS,
        Capability.WRITE_MEMBERS,
        Capability.REMOVE_MEMBERS,
        Capability.POLL_ARRIVALS,
        Capability.WRITE_ATTRIBUTES,
    }


def test_the_plugin_registers_the_connector():
    class Registry:
        def add_connector(self, spec):
            self.spec = spec

    registry = Registry()
    plugin.register_connectors(registry)
    assert (registry.spec.name, registry.spec.connector) == ("audience_manager", AudienceManagerConnector)


def test_credentials_are_all_that_is_needed():
    settings = AudienceManagerSettings.model_validate(MINIMAL)
    assert (settings.url, settings.place, settings.is_written) == ("https://aam.adobe.io/v1", "aam.adobe.io", False)


@pytest.mark.parametrize(
    "changes",
    [
        {"credentials": ""},
        {"url": "aam.adobe.io"},
        {"url": "https://user@aam.adobe.io/v1"},
        {"dcs": DCS},
        {"dcs": DCS, "inbound": INBOUND, "customer_data": {"stream_id": "s"}},
        {"dcs": DCS | {"auth_state": 3}, "inbound": INBOUND},
        {"customer_data": {"stream_id": "a/b"}},
        {"inbound": INBOUND | {"prefix": "/absolute/"}},
        {"inbound": INBOUND | {"part_bytes": 6_000_000_000}},
        {"outbound": {"bucket": ""}},
        {"outbound": {"bucket": "s3://out", "name_layout": "<NO_SUCH_MACRO>"}},
        {"outbound": {"bucket": "s3://out", "line_layout": "<MCID>"}},
        {"outbound": {"bucket": "s3://out", "list_separator": "1"}},
        {"raw_ids": {"email": "("}},
        {"raw_ids": {"email": "(?=a)"}},
        {"onboarding": {"data_source_id": 0}},
        {"unknown": 1},
    ],
)
def test_settings_that_make_no_sense_are_refused(changes):
    with pytest.raises(ValidationError):
        AudienceManagerSettings.model_validate(MINIMAL | changes)


@pytest.mark.parametrize(
    ("layouts", "macro"),
    [
        ({"name_layout": "<SYNC_TYPE>_<DID>_<TIMESTAMP><SPLITNUM>"}, "<SYNC_MODE>"),
        ({"line_layout": "<DP_UUID><TAB><SEGMENT_LIST>"}, "<REMOVED_SEGMENT_LIST>"),
    ],
)
def test_files_of_changes_are_only_read_where_they_say_that_they_are_and_who_left(layouts, macro):
    outbound = {"bucket": "file:///out", "sync_mode": "iter"}
    AudienceManagerSettings.model_validate(MINIMAL | {"outbound": outbound})
    with pytest.raises(ValidationError, match=macro):
        AudienceManagerSettings.model_validate(MINIMAL | {"outbound": outbound | layouts})
